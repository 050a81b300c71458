package org.lguest.clock;

import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.lguest.api.Guest;
import org.lguest.api.part.GuestClock;
import org.lguest.api.state.ClockState;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * H:500 What time it is, and when to say so.
 *
 * <p>A Guest has three clocks. The wall clock is the host's, and is written into its memory whenever an interrupt is
 * delivered. The TSC ticks once a nanosecond from the moment it starts, so that a kernel needs no calibration. The clock
 * event is an alarm: the Guest names a number of nanoseconds, and irq 0 comes when they are over, once. A kernel that is
 * idle sets the alarm far away and halts, and then nothing of it runs here at all.
 *
 * <p>One thread serves the alarms of all Guests: raising a line takes no time. When an alarm is due is state of the Guest,
 * so that the next clock to sit in this seat can set it again.
 */
@Component
public final class SystemClock implements GuestClock {
    private final ConcurrentHashMap<Guest, Alarm> alarms = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor timer;

    /** Starts the timer thread. */
    @Activate
    public SystemClock() {
        timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("lguest clock").daemon(true).factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Ends it; guests that still have an alarm keep it in their state. */
    @Deactivate
    public void stop() { timer.shutdownNow(); }

    @Override
    public void adopt(Guest guest) {
        ClockState state = guest.clock();
        if (state.tscZeroNanos == 0) state.tscZeroNanos = System.nanoTime() | 1; // 0 means "not started"
        var alarm = new Alarm(guest, timer);
        alarms.put(guest, alarm);
        alarm.resume(wallNanos(guest));
    }

    @Override
    public void release(Guest guest) {
        Alarm alarm = alarms.remove(guest);
        if (alarm != null) alarm.retire();
    }

    @Override
    public long wallNanos(Guest guest) {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    @Override
    public long tsc(Guest guest) {
        ClockState state = guest.clock();
        long nanos = System.nanoTime() - state.tscZeroNanos;
        int khz = state.tscKhz;
        return khz == 1_000_000 ? nanos : nanos / 1_000_000 * khz + nanos % 1_000_000 * khz / 1_000_000;
    }

    @Override
    public void clockEvent(Guest guest, int delta) {
        Alarm alarm = alarms.get(guest);
        if (alarm == null) throw new IllegalStateException(guest + " has not been adopted");
        alarm.set(wallNanos(guest), Integer.toUnsignedLong(delta));
    }
}
