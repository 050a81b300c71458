package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.x87.X87;

/**
 * An instruction of MMX, SSE or SSE2: what all of them do before their work (Intel SDM volume 3, sections 12.1 and 13.1),
 * and their operands. Those of 128 bits in memory have to be aligned.
 */
abstract class VectorOp extends MemOp {
    private static final int QUIET_EXPONENT = 0xFFFF;

    /** One of the operands is memory, so many bytes of it. */
    final boolean memory;
    final int bytes;
    /** Register numbers in the reg and r/m fields of ModRM. */
    final int reg, rm;
    /** An MMX register takes part: the x87 state becomes the MMX state, and its pending exceptions come first. */
    final boolean mmx;

    VectorOp(Insn i, boolean flat) {
        super(i, flat);
        memory = i.memory();
        bytes = i.memorySize >>> 3;
        reg = i.modrm >>> 3 & 7;
        rm = i.modrm & 7;
        mmx = i.dstKind == Kind.MMX || i.srcKind == Kind.MMX;
    }

    /** Its work, behind the common checks. */
    abstract Op work(Machine m);

    @Override
    final Op exec(Machine m) {
        if ((m.cpu.cr0 & (CR0_TS | CR0_EM)) != 0) return m.fault(this, (m.cpu.cr0 & CR0_EM) != 0 ? 6 : 7, 0);
        if (mmx && m.x87.fwait() != X87.DONE) return m.fault(this, X87.MATH_FAULT, 0);
        return work(m);
    }

    // --- MMX registers ----------------------------------------------------------------------------------------------

    static long mm(Machine m, int n) { return m.cpu.fpu.significand[n]; }

    /** Writes an MMX register: seen as an x87 number it is a NaN or infinity. */
    static void mm(Machine m, int n, long v) {
        m.cpu.fpu.significand[n] = v;
        m.cpu.fpu.signExponent[n] = QUIET_EXPONENT;
    }

    // --- memory -----------------------------------------------------------------------------------------------------

    /** Linear address of the operand of {@code size} bytes; negative after a fault. */
    final long address(Machine m, int size, boolean write) {
        return checked ? m.linear(segment, offset(m), size, write) : offset(m) & 0xFFFFFFFFL;
    }

    /** The same, aligned to 16 bytes or #GP(0), which comes before what the segment has to say. */
    final long aligned(Machine m, int size, boolean write) {
        if ((offset(m) + (checked ? m.cpu.seg[segment].base : 0) & 15) != 0) {
            m.trap(13, 0);
            return Memory.FAULT;
        }
        return address(m, size, write);
    }

    /** Loads {@link #bytes} up to eight, zero-extended; -1 and a trap after a fault. */
    final long loadSmall(Machine m) {
        long va = address(m, bytes, false);
        return va < 0 ? Memory.FAULT : bytes == 8 ? m.load64((int) va) : m.load((int) va, bytes);
    }

    /** Loads 16 bytes into {@link Machine#low} and {@link Machine#high}; false after a fault. */
    final boolean load128(Machine m, boolean align) {
        long va = align ? aligned(m, 16, false) : address(m, 16, false);
        if (va < 0 || m.misaligned((int) va, 16)) return false;
        m.low = m.load64((int) va);
        if (m.low == Memory.FAULT && m.trapped()) return false;
        m.high = m.load64((int) va + 8);
        return m.high != Memory.FAULT || !m.trapped();
    }

    // --- the r/m operand as a source ---------------------------------------------------------------------------------

    /**
     * Reads the XMM register or memory: into {@link Machine#low}, and {@link Machine#high} when it has 128 bits.
     *
     * @return false after a fault
     */
    final boolean source(Machine m) {
        if (!memory) {
            m.low = m.cpu.xmm.low[rm];
            m.high = m.cpu.xmm.high[rm];
            return true;
        }
        if (bytes == 16) return load128(m, true);
        m.low = loadSmall(m);
        return m.low != Memory.FAULT || !m.trapped();
    }

    /** The same for an MMX register or memory; then the x87 unit is in the MMX state. */
    final boolean sourceMm(Machine m) {
        m.low = memory ? loadSmall(m) : mm(m, rm);
        if (m.low == Memory.FAULT && m.trapped()) return false;
        m.x87.enterMmx();
        return true;
    }

    /** What to answer after a store. */
    final Op stored(Machine m, boolean ok) { return ok ? next : m.leave(this); }
}
