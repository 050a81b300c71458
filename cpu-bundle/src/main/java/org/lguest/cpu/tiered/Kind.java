package org.lguest.cpu.tiered;

import java.util.Set;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;

/** What an instruction does to the way of control, as far as generated code is concerned. */
enum Kind {
    /** Goes on behind itself. */ PLAIN,
    /** Jcc, LOOP, JCXZ. */ BRANCH,
    /** Direct JMP. */ JUMP,
    /** Direct CALL. */ CALL,
    /** RET. */ RETURN,
    /** JMP or CALL through a register or memory. */ INDIRECT,
    /** Changes the mode, or is better left to the interpreter: code is generated up to here. */ STOP;

    private static final Set<String> STOPS = Set.of("int", "int3", "into", "icebp", "iret", "far", "popf", "io", "privileged", "control", "mov", "lfar",
        "ud", "store", "sgdt", "sidt", "lar", "lsl", "verr", "verw", "arpl", "rdtsc", "cpuid", "bound");
    /** Loads of a segment register: on goes who has loaded one that is like the one before. */
    private static final Set<String> SEGMENT_LOADS = Set.of("mov.se", "pop.s");

    /** MOV to or POP of ES, DS, FS or GS. */
    static boolean loadsSegment(Insn i) {
        return SEGMENT_LOADS.contains(i.row.handler()) && i.dst != SegmentState.CS && i.dst != SegmentState.SS && i.dst <= SegmentState.GS;
    }

    static Kind of(Insn i) {
        boolean wide = i.operandSize == 32;
        return switch (i.row.family()) {
            case "jcc" -> wide ? BRANCH : STOP;
            case "loop" -> wide && i.addressSize == 32 ? BRANCH : STOP;
            case "jmp" -> !wide ? STOP : i.row.variant().equals("j") ? JUMP : INDIRECT;
            case "call" -> !wide ? STOP : i.row.variant().equals("j") ? CALL : INDIRECT;
            case "ret" -> wide ? RETURN : STOP;
            default -> loadsSegment(i) || Exchanges.storesSelector(i) ? PLAIN : STOPS.contains(i.row.family()) || SEGMENT_LOADS.contains(i.row.handler()) ? STOP : PLAIN;
        };
    }
}
