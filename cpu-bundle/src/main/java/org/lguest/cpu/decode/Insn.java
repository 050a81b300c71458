package org.lguest.cpu.decode;

import org.lguest.api.state.CpuState;
import org.lguest.cpu.table.X86Table.Row;

/**
 * One decoded instruction. Mutable and reused: an operation copies what it needs.
 */
public final class Insn {
    /** Where an operand is. */
    public enum Kind {
        /** There is none. */ NONE,
        /** A general register. */ REGISTER,
        /** Memory at the effective address. */ MEMORY,
        /** {@link #imm}. */ IMMEDIATE,
        /** CL, as a count. */ CL,
        /** A segment register. */ SEGMENT,
        /** An MMX register. */ MMX,
        /** An XMM register. */ XMM
    }

    /** What the table says; null for an undefined opcode. */
    public Row row;
    /** Bytes, 1 to 15. */
    public int length;
    /** Operand size in bits after prefixes: 16 or 32; address size likewise. */
    public int operandSize, addressSize;
    /** 0, 0xF2 or 0xF3. */
    public int repeat;
    /** 66 was given. */
    public boolean operandPrefix;
    /** LOCK was given. */
    public boolean lock;
    /** The opcode as in {@link Row#opcode}. */
    public int opcode;
    /** The ModRM byte, 0 where there is none. */
    public int modrm;

    /** Size in bits of the first operand: 8, 16 or 32; up to 128 of MMX and XMM registers. */
    public int size;
    /** Size in bits of the memory operand, if there is one. */
    public int memorySize;
    /** First and second operand. */
    public Kind dstKind, srcKind;
    /** Register numbers of the first and second operand where they are registers, else 0. */
    public int dst, src;
    /** Immediate, sign-extended; relative displacement of a jump; offset of a far pointer. */
    public int imm;
    /** Second immediate (ENTER), or selector of a far pointer. */
    public int imm2;

    /** Effective address: gpr[base] + (gpr[index] << scale) + disp, {@link CpuState#ZERO} for none. */
    public int base, index, scale, disp;
    /** Segment of the memory operand; -1 without one. {@link #overridden} tells an explicit prefix. */
    public int segment;
    /** A segment prefix was given: its segment, or -1. */
    public int overridden;

    /** Whether an operand is memory. */
    public boolean memory() { return dstKind == Kind.MEMORY || srcKind == Kind.MEMORY; }
}
