package org.lguest.testkit;

import org.lguest.api.Guest;
import org.lguest.api.part.GuestClock;
import org.lguest.api.state.ClockState;

/** A clock that stands still until a test turns it. The same time for all guests that it is given. */
public final class ManualClock implements GuestClock {
    private final java.util.Set<Guest> guests = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private long wall;
    private long monotonic = 1;

    /** Wall-clock nanoseconds since 1970 to begin with. */
    public ManualClock(long wallNanos) { wall = wallNanos; }

    @Override
    public void adopt(Guest guest) {
        if (guest.clock().tscZeroNanos == 0) guest.clock().tscZeroNanos = monotonic;
        guests.add(guest);
        advance(0);
    }

    @Override
    public void release(Guest guest) { guests.remove(guest); }

    /** Lets time pass; events that become due are raised. */
    public synchronized void advance(long nanos) {
        wall += nanos;
        monotonic += nanos;
        for (Guest g : guests) {
            ClockState s = g.clock();
            synchronized (s) {
                if (s.dueNanos == ClockState.OFF || s.dueNanos > wall) continue;
                s.dueNanos = ClockState.OFF;
            }
            g.lines().raise(0);
        }
    }

    @Override
    public synchronized long wallNanos(Guest guest) { return wall; }

    @Override
    public synchronized long tsc(Guest guest) { return (monotonic - guest.clock().tscZeroNanos) * guest.clock().tscKhz / 1_000_000; }

    @Override
    public synchronized void clockEvent(Guest guest, int delta) {
        synchronized (guest.clock()) { guest.clock().dueNanos = delta == 0 ? ClockState.OFF : wall + Integer.toUnsignedLong(delta); }
    }
}
