package org.lguest.api.state;

import java.util.function.LongSupplier;

/**
 * So much of something a second, paid for afterwards: a use is made whatever its size, and the next has to wait until this one is
 * paid. What was not used is saved, for a tenth of a second, so that who is mostly idle is not slowed down. Any thread.
 *
 * <p>All that is kept is the moment at which everything used so far is paid.
 */
public final class Allowance {
    /** How long the right to use something is saved, in nanoseconds. */
    public static final long SAVED_NANOS = 100_000_000;

    private final double nanosEach;
    private final LongSupplier clock;
    private double paid;

    /**
     * An allowance that counts from now on.
     *
     * @param perSecond above 0
     * @param clock     nanoseconds of some clock that never goes back
     */
    public Allowance(double perSecond, LongSupplier clock) {
        nanosEach = 1e9 / perSecond;
        this.clock = clock;
        paid = clock.getAsLong() - SAVED_NANOS;
    }

    /** An amount has been used. */
    public synchronized void use(long amount) { paid = Math.max(paid, clock.getAsLong() - SAVED_NANOS) + amount * nanosEach; }

    /** Nanoseconds until something may be used again; 0 when it may now. */
    public synchronized long delay() { return Math.max(0, (long) Math.ceil(paid - clock.getAsLong())); }
}
