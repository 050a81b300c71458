package org.lguest.cpu.interpreter;

import java.util.Arrays;

/**
 * What generated code is made from: instructions by their ordinal. {@code at} is where one lies, in bytes from the beginning of
 * the entry's page, so that it may be negative or beyond 4096; {@code sequence} is its ordinal in its block.
 */
public final class Shape {
    final Head head;
    final int bank, longest, busy;
    final int[] at, sequence;
    final Op[] ops;
    private final Extent extent;
    /** The code has changed since: it is not to be entered any more. */
    private volatile boolean stale;
    /** What is to know when the code has changed; none afterwards, since pages have their shapes for longer than classes may live. */
    private volatile Region region;

    /**
     * On the vCPU thread, which will hear when code changes.
     *
     * @param bank    of the SoftTlb in which the code runs
     * @param longest instructions in the longest way through the code without a look at attention
     * @param pages   pages that the code lies in
     * @param extent  how much of the program it is
     */
    public Shape(Machine machine, Head head, int longest, int[] at, int[] sequence, Op[] ops, Iterable<CodePage> pages, Extent extent) {
        this.head = head;
        this.bank = machine.bank;
        busy = machine.busy;
        this.longest = longest;
        this.at = at;
        this.sequence = sequence;
        this.ops = ops;
        this.extent = extent;
        for (CodePage p : pages) p.generated(this);
    }

    /** While code is generated, these instructions do not become hot one by one: they will be in it. The vCPU thread. */
    public void claim() { for (Op op : ops) op.heat = Integer.MIN_VALUE; }

    /** There is code now, or will be none: whoever jumps here all the same counts; any thread. */
    public void release() { for (Op op : ops) op.heat = op.since = 0; }

    void die() {
        stale = true;
        Region r = region;
        if (r != null) r.dead = true;
        region = null;
    }

    /** What was made from it first: it will know, too, when the code has changed. */
    void became(Region r) {
        if (region != null) return;
        region = r;
        if (!stale) return;
        r.dead = true;
        region = null;
    }

    /** Whether the code has changed since, or was evicted. */
    public boolean stale() { return stale; }

    /** How much of the program it is. */
    public Extent extent() { return extent; }

    /** Instructions of the guest that it has, each counted once. */
    public long places() { return Arrays.stream(at).distinct().count(); }

    /** The bank of the SoftTlb in which the code runs. */
    public int bank() { return bank; }

    /** Where generated code will be entered. */
    public Head head() { return head; }
}
