package org.lguest.cpu.tiered;

import java.util.function.LongSupplier;

/**
 * How many regions are begun in a second. HotSpot's compiler takes them one after the other, and until it is a region's turn the
 * region is slower than the interpreter would be: what is more than HotSpot can do makes a guest slow. Whoever is not allowed
 * comes back when he has become hot once more; who is hottest does so first. Those of a second may be saved up for when much begins at
 * once. All guests of an engine share one; any thread.
 */
final class Pace {
    private static final long SECOND = 1_000_000_000;

    private final LongSupplier nanos;
    private final long each;
    /** Nanoseconds that are saved up, at the time of {@code last}. */
    private long saved, last;

    /**
     * @param perSecond on the average, and as many may be saved up; 0 when there is no limit
     * @param nanos     the time
     */
    Pace(int perSecond, LongSupplier nanos) {
        this.nanos = nanos;
        each = perSecond == 0 ? 0 : SECOND / perSecond;
        saved = SECOND;
        last = nanos.getAsLong();
    }

    /** Whether one may begin now. */
    boolean allows() { return takes(each); }

    /** Whether one may begin now that is no necessity: when few others have begun of late. */
    boolean allowsLuxury() { return takes(Math.max(each, SECOND / 2)); }

    private synchronized boolean takes(long least) {
        if (each == 0) return true;
        long now = nanos.getAsLong();
        saved = Math.min(SECOND, saved + now - last);
        last = now;
        if (saved < least) return false;
        saved -= each;
        return true;
    }
}
