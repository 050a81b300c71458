package org.lguest.cpu.interpreter;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/** Operand forms as numbers: first operand, second operand (R register, M memory, I immediate, C count in CL), size. */
final class Forms {
    static final int RR8 = 0, RR16 = 1, RR32 = 2, RM8 = 4, RM16 = 5, RM32 = 6, RI8 = 8, RI16 = 9, RI32 = 10, RC8 = 12, RC16 = 13, RC32 = 14,
        R8 = 16, R16 = 17, R32 = 18, MR8 = 32, MR16 = 33, MR32 = 34, MI8 = 40, MI16 = 41, MI32 = 42, MC8 = 44, MC16 = 45, MC32 = 46, M8 = 48, M16 = 49, M32 = 50;

    private Forms() { }

    /** The form of an instruction. */
    static int of(Insn i) {
        int second = switch (i.srcKind) {
            case REGISTER, SEGMENT -> 0;
            case MEMORY -> 4;
            case IMMEDIATE -> 8;
            case CL -> 12;
            case NONE, MMX, XMM -> 16;
        };
        return (i.dstKind == Kind.MEMORY ? 32 : 0) + second + (i.size >>> 4);
    }
}
