package org.lguest.cpu.tiered;

/**
 * Numbers that measurement has chosen.
 *
 * @param threshold times that an entry is interpreted before code is generated for it. HotSpot needs some tens of milliseconds for a
 *                  region; this many entries take the interpreter about as long
 * @param most      instructions in a region. The JVM's methods may have 8000 bytes before HotSpot refuses them, and the time that it
 *                  takes grows faster than their length
 * @param regions   of one guest at a time; when there are more, those that were entered least since the last time go
 * @param hottest   instructions after which it is looked whether a region does a good part of the work, so that its code is generated
 *                  once more, thoroughly: what HotSpot needs for that it needs while the region runs slower than before
 * @param crowd     accesses to memory in a region from which on thoroughness makes a difference
 * @param pace      regions that are begun in a second, see {@link Pace}
 * @param patience  milliseconds that HotSpot's first compiler has for a region before it is entered; 0 to enter it at once
 * @param checked   each region is run twice, the second time by the interpreter, and the results are compared
 */
record Tuning(int threshold, int most, int regions, long hottest, int crowd, int pace, int patience, boolean checked) {
    /** What serves most; system properties are for those who measure. */
    static Tuning usual() {
        return new Tuning(Integer.getInteger("lguest.jit.threshold", 20_000), Integer.getInteger("lguest.jit.most", 150), 4000,
            Long.getLong("lguest.jit.hottest", 50_000_000), 30, Integer.getInteger("lguest.jit.pace", 30), Integer.getInteger("lguest.jit.patience", 15), false);
    }

    /** Many regions, early, each run checked. */
    static Tuning checking() { return new Tuning(200, 150, 4000, 5_000, 0, 0, 0, true); }
}
