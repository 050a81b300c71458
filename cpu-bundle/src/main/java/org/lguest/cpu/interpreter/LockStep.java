package org.lguest.cpu.interpreter;

import java.util.Arrays;

/**
 * Runs generated code with a {@link Journal} for a memory, takes its registers back, has the interpreter do the same, and compares:
 * registers, flags, place, and what was to be written. What the interpreter did counts. A guest whose engines disagree is killed, with the difference.
 * Where a device has written in between what the code reads, they may.
 */
final class LockStep {
    private final Machine m;
    private final int[] gpr;
    private final long[] low, high;
    private final int mxcsr;
    private final FpuCopy fpu;
    private final long retired, result;
    private final int carries;

    /** The state as it is, in front of or behind an operation; {@code then} is null when it is in {@code CpuState}. */
    private LockStep(Machine m, Op then) {
        this.m = m;
        gpr = m.gpr.clone();
        low = m.cpu.xmm.low.clone();
        high = m.cpu.xmm.high.clone();
        mxcsr = m.cpu.xmm.mxcsr;
        fpu = new FpuCopy(m.cpu.fpu);
        retired = then == null ? m.count : m.count + then.sequence;
        result = m.result;
        carries = m.carries;
    }

    /** In front of generated code: its flags stay held as they are. */
    private static LockStep settled(Machine m, Op then) {
        int kind = m.kind;
        m.settle();
        m.kind = kind;
        return new LockStep(m, then);
    }

    /** Instead of entering the region. */
    static Op run(Machine m, Region region, Journal journal) {
        long count = m.count;
        int base = m.codeBase;
        LockStep before = LockStep.settled(m, region);
        journal.begin();
        Op then = region.run(m);
        m.settle();
        LockStep generated = new LockStep(m, then);
        int eip = eip(m, then);
        int flags = m.arithmeticFlags();
        before.restore(count, base);
        Op now = interpret(m, region.plain, generated.retired);
        String difference = generated.difference(now, eip, flags, journal);
        if (difference != null && !m.trapped() && !journal.disturbed())
            m.guest.kill(String.format("generated code at eip %x, %d instructions, does not do what the interpreter does: %s",
                base + region.offset, generated.retired - before.retired, difference));
        return now;
    }

    private static int eip(Machine m, Op then) { return then == null ? m.cpu.eip : m.codeBase + then.offset; }

    private void restore(long count, int base) {
        System.arraycopy(gpr, 0, m.gpr, 0, gpr.length);
        System.arraycopy(low, 0, m.cpu.xmm.low, 0, low.length);
        System.arraycopy(high, 0, m.cpu.xmm.high, 0, high.length);
        m.cpu.xmm.mxcsr = mxcsr;
        fpu.restore(m.cpu.fpu);
        m.count = count;
        m.codeBase = base;
        m.result = result;
        m.carries = carries;
    }

    /** Until so many instructions are retired, or a trap is left. */
    private static Op interpret(Machine m, Op first, long until) {
        Op op = first;
        while (m.count + op.sequence < until) {
            Op next = op.exec(m);
            if (next == null) {
                if (m.trapped() || m.count >= until) return null;
                next = m.resume();
                if (next == null) return null;
            }
            op = next.plain();
        }
        return op;
    }

    private String difference(Op now, int eip, int flags, Journal journal) {
        if (eip(m, now) != eip) return String.format("eip %x generated, %x interpreted", eip, eip(m, now));
        if (m.arithmeticFlags() != flags) return String.format("flags %x generated, %x interpreted", flags, m.arithmeticFlags());
        int r = Arrays.mismatch(gpr, m.gpr);
        if (r >= 0) return String.format("register %d %x generated, %x interpreted", r, gpr[r], m.gpr[r]);
        int x = Math.max(Arrays.mismatch(low, m.cpu.xmm.low), Arrays.mismatch(high, m.cpu.xmm.high));
        if (x >= 0) return String.format("xmm%d %016x%016x generated, %016x%016x interpreted", x, high[x], low[x], m.cpu.xmm.high[x], m.cpu.xmm.low[x]);
        if (mxcsr != m.cpu.xmm.mxcsr) return String.format("mxcsr %x generated, %x interpreted", mxcsr, m.cpu.xmm.mxcsr);
        String unit = fpu.difference(m.cpu.fpu);
        return unit != null ? unit : journal.difference();
    }
}
