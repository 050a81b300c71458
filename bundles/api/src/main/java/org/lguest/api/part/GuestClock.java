package org.lguest.api.part;

import org.lguest.api.Guest;

/** Time for guests: every clock that a guest or a part of its machine reads. Any thread unless said otherwise. */
public interface GuestClock extends Part {
    /** Wall-clock nanoseconds since 1970. */
    long wallNanos(Guest guest);

    /** The guest's TSC, {@code guest.clock().tscKhz} thousand ticks a second, constant rate. */
    long tsc(Guest guest);

    /**
     * One-shot: makes irq 0 pending in {@code delta} nanoseconds; replaces the event set before; 0 cancels.
     *
     * @param delta unsigned 32-bit
     */
    void clockEvent(Guest guest, int delta);
}
