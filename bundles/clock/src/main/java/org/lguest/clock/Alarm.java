package org.lguest.clock;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.state.ClockState;

/**
 * The clock event of one guest. What is due is in {@link ClockState}; here is only the host timer that remembers it.
 * Everything is guarded by the guest's {@link ClockState}, so that an alarm that goes off while it is being replaced
 * either comes before the change or not at all.
 */
final class Alarm {
    private final Guest guest;
    private final ClockState state;
    private final ScheduledThreadPoolExecutor timer;
    private ScheduledFuture<?> armed;
    private int round;

    Alarm(Guest guest, ScheduledThreadPoolExecutor timer) {
        this.guest = guest;
        this.state = guest.clock();
        this.timer = timer;
    }

    /** Sets the event anew, {@code delta} nanoseconds from {@code wallNanos}, which is now; 0 cancels. */
    void set(long wallNanos, long delta) {
        synchronized (state) {
            disarm();
            state.dueNanos = delta == 0 ? ClockState.OFF : wallNanos + delta;
            if (delta != 0) arm(delta);
        }
    }

    /** Arms what the state says, at once if it is overdue. */
    void resume(long wallNanos) {
        synchronized (state) {
            if (state.dueNanos != ClockState.OFF) arm(Math.max(0, state.dueNanos - wallNanos));
        }
    }

    /** The guest goes to another clock: nothing goes off here any more, the state stays. */
    void retire() {
        synchronized (state) { disarm(); }
    }

    private void arm(long nanos) {
        int mine = round;
        armed = timer.schedule(() -> ring(mine), nanos, TimeUnit.NANOSECONDS);
    }

    private void disarm() {
        round++;
        if (armed != null) armed.cancel(false);
        armed = null;
    }

    private void ring(int mine) {
        synchronized (state) {
            if (mine != round) return;
            state.dueNanos = ClockState.OFF;
            armed = null;
            guest.lines().raise(0);
        }
    }
}
