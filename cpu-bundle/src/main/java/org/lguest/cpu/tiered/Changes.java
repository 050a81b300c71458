package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.util.Set;
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

    /** General registers that it may change, as bits by their numbers. */
    static int registers(Insn i) {
        if (none(i)) return 0;
        return switch (i.row.family()) {
            case "movs", "cmps" -> 1 << ECX | 1 << ESI | 1 << EDI;
            case "stos", "scas" -> 1 << ECX | 1 << EDI;
            case "lods" -> 1 << EAX | 1 << ECX | 1 << ESI;
            default -> 0xFF;
        };
    }

    /** Whether it neither reads nor changes flags. */
    static boolean keepsFlags(Insn i) { return none(i) || Set.of("movs", "stos", "lods").contains(i.row.family()); }

    private static boolean vector(Kind k) { return k == Kind.MMX || k == Kind.XMM; }
}
