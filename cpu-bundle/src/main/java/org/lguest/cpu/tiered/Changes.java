package org.lguest.cpu.tiered;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/** Which instructions that the interpreter executes in the middle of generated code keep to themselves. */
final class Changes {
    private Changes() { }

    /** It works on x87, MMX or SSE state and memory: neither reads nor writes flags, and reads general registers only for its address. */
    static boolean none(Insn i) {
        return switch (i.row.family()) {
            case "fpu", "fwait" -> i.modrm < 0xC0 || !(i.opcode == 0xDA || i.opcode == 0xDB || i.opcode == 0xDF); // FCMOV, FCOMI, FNSTSW AX are among these
            case "comis", "maskmov" -> false;
            default -> vector(i.dstKind) && (vector(i.srcKind) || i.srcKind == Kind.MEMORY || i.srcKind == Kind.NONE || i.srcKind == Kind.IMMEDIATE)
                || i.dstKind == Kind.MEMORY && vector(i.srcKind);
        };
    }

    private static boolean vector(Kind k) { return k == Kind.MMX || k == Kind.XMM; }
}
