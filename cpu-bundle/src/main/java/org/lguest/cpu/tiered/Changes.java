package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.EAX;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/** Which general registers an instruction may change. */
final class Changes {
    private static final int ALL = 0xFF;

    private Changes() { }

    /** Bit r is register r. */
    static int of(Insn i) {
        if (i.row.family().equals("fpu")) return 1 << EAX;
        boolean vector = i.dstKind == Kind.MMX || i.dstKind == Kind.XMM || i.srcKind == Kind.MMX || i.srcKind == Kind.XMM;
        return vector && i.dstKind != Kind.REGISTER ? 0 : ALL;
    }

    /** Whether it may change flags. */
    static boolean flags(Insn i) {
        boolean compares = i.modrm >= 0xC0 && (i.opcode == 0xDB || i.opcode == 0xDF);
        return i.row.family().equals("fpu") ? compares : of(i) != 0 || i.row.family().equals("comis");
    }
}
