package org.lguest.cpu.interpreter;

import org.lguest.cpu.decode.Insn;

/** A direct jump: inside its page it is linked to its target the first time it is taken. */
abstract class Jump extends Op {
    private final CodePage page;
    private final boolean wide;
    private Op link;

    Jump(Insn i, CodePage page) {
        super(i);
        this.page = page;
        wide = i.operandSize == 32;
    }

    @Override
    public final boolean taken() { return link != null || after() + imm >>> 12 != 0; }

    /** Jumps. */
    final Op take(Machine m) {
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
