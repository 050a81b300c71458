package org.lguest.cpu.tiered;

/**
 * Numbers that measurement has chosen.
 *
 * @param threshold times that an entry is interpreted before code is generated for it, in a young guest. HotSpot needs some tens of milliseconds for a
 *                  region; this many entries take the interpreter about as long
 * @param least     the same in an old guest, see {@link #threshold(long, int)}
 * @param most      instructions in a region. The JVM's methods may have 8000 bytes before HotSpot refuses them, and the time that it
 *                  takes grows faster than their length
 * @param wide      instructions in a region that is the third at its place, for where a program changes regions all the time. From about so many
 *                  on HotSpot stops inlining (NodeCountInliningCutoff)
 * @param brief     instructions from entering a region to leaving it, on the average, below which it becomes wide: regions that follow each other in turn are
 *                  better left, since they know where their functions return to
 * @param slight    instructions of a function, from its beginning to its return, up to which it is repeated wherever it is called, see {@link Slight}
 * @param busy      entries of a region, or as much work in fewer, after which it is planned anew, with what other regions have
 * @param often     instructions from one jump to an entry to the next, on the average, below which its code is a loop that is worth all of them
 * @param regions   of one guest at a time; when there are more, those that were entered least since the last time go
 * @param pace      regions that are begun in a second, see {@link Pace}
 * @param patience  milliseconds from one look whether HotSpot's first compiler is done with a region to the next, before it is entered; 0 to enter it at once
 * @param reach     how memory is reached, where that is possible
 * @param checked   each region is run twice, the second time by the interpreter, and the results are compared
 */
record Tuning(int threshold, int least, int most, int wide, int brief, int slight, int busy, int often, int regions, int pace, int patience, Reach reach, boolean checked) {
    /** Instructions of a guest that is young: Linux boots with about as many. */
    private static final long YOUNG = 1 << 28;
    /** So many regions on their way double the least. */
    private static final int FEW = 2;

    /** What serves most; system properties are for those who measure. */
    static Tuning usual() {
        return new Tuning(Integer.getInteger("lguest.jit.threshold", 5_000), Integer.getInteger("lguest.jit.least", 800), Integer.getInteger("lguest.jit.most", 80), Integer.getInteger("lguest.jit.wide", 200), Integer.getInteger("lguest.jit.brief", 75), Integer.getInteger("lguest.jit.slight", 16),
            Integer.getInteger("lguest.jit.busy", 1 << 20), Integer.getInteger("lguest.jit.often", 300), 4000, Integer.getInteger("lguest.jit.pace", 250), Integer.getInteger("lguest.jit.patience", 5), Reach.valueOf(System.getProperty("lguest.jit.reach", Reach.DIRECT.name())), false);
    }

    /**
     * Times that an entry is interpreted before code is generated for it. Much of what a young guest does it does only once, like its boot; the longer one has
     * lived, the longer it will, and the sooner code pays.
     *
     * <p>What is hottest comes first: where much is on its way, the rest waits.
     *
     * @param age     instructions that the guest has executed
     * @param pending regions that are being made
     */
    int threshold(long age, int pending) {
        long old = least + (long) least * pending / FEW, young = YOUNG * threshold / Math.max(1, age);
        return (int) Math.min(threshold, Math.max(old, young));
    }

    /** Many regions, early, each run checked. */
    static Tuning checking() { return new Tuning(200, 200, 150, 200, 300, 16, 1000, 20, 4000, 0, 0, Reach.SEGMENT, true); }
}
