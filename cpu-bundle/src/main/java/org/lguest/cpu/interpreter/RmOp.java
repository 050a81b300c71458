package org.lguest.cpu.interpreter;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/** An operation whose ModRM operand is a register or memory, decided at run time: for instructions that are not hot. */
abstract class RmOp extends MemOp {
    /** The operand is memory. */
    final boolean memory;
    /** Its register number otherwise. */
    final int rm;
    /** Its size in bits. */
    final int bits;

    /** @param first the ModRM operand is the first one, else the second */
    RmOp(Insn i, boolean flat, boolean first, int bits) {
        super(i, flat);
        memory = (first ? i.dstKind : i.srcKind) == Kind.MEMORY;
        rm = first ? i.dst : i.src;
        this.bits = bits;
    }

    /** Reads it; negative after a fault. */
    final long read(Machine m) {
        if (!memory) return m.get(rm, bits) & 0xFFFFFFFFL;
        return bits == 32 ? load32(m) : bits == 16 ? load16(m) : load8(m);
    }

    /** Reads it to be overwritten by {@link #back}; negative after a fault. */
    final long modify(Machine m) {
        if (!memory) return m.get(rm, bits) & 0xFFFFFFFFL;
        return bits == 32 ? modify32(m) : bits == 16 ? modify16(m) : modify8(m);
    }

    /** Writes after {@link #modify}; answers like a store. */
    final boolean back(Machine m, int v) {
        if (memory) return m.storeBack(v, bits >>> 3);
        m.set(rm, v, bits);
        return true;
    }

    /** Writes without having read; answers like a store. */
    final boolean write(Machine m, int v) {
        if (memory) return bits == 32 ? store32(m, v) : bits == 16 ? store16(m, v) : store8(m, v);
        m.set(rm, v, bits);
        return true;
    }

    /** What to answer after a store. */
    final Op stored(Machine m, boolean ok) { return ok ? next : m.leave(this); }
}
