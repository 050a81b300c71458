package org.lguest.cpu.interpreter;

import org.lguest.cpu.decode.Insn;

/** A direct jump: inside its page it is linked to its target the first time it is taken. */
abstract class Jump extends Op {
    private final CodePage page;
    private final boolean wide;
    private Op link;
    private int taken, passed;

    Jump(Insn i, CodePage page) {
        super(i);
        this.page = page;
        wide = i.operandSize == 32;
    }

    @Override
    public final double chance() {
        int all = taken + passed;
        return all == 0 ? 0.5 : (double) taken / all;
    }

    /** Does not jump. */
    final Op pass(Machine m) {
        if (m.learns) passed++;
        return next;
    }

    /** Jumps. */
    final Op take(Machine m) {
        if (m.learns) taken++;
        Op target = link;
        return target != null ? m.jumpTo(this, target) : unlinked(m);
    }

    private Op unlinked(Machine m) {
        int offset = after() + imm;
        if (offset >>> 12 != 0 || !wide || (page.mode & Machine.LIMITED) != 0) return m.outside(target(m)) ? m.fault(this) : m.jump(this, target(m));
        link = m.inPage(page, offset);
        return m.jumpTo(this, link);
    }

    /** EIP of the target. */
    final int target(Machine m) {
        int eip = m.codeBase + after() + imm;
        return wide ? eip : eip & 0xFFFF;
    }
}
