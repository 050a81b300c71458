package org.lguest.cpu.tiered;

import java.util.List;
import java.util.Set;
import org.lguest.cpu.decode.Insn;

/**
 * Flags that nobody will ever see, because others take their place before anything looks at them, and before the code can be left. To
 * hold flags costs little; to change some of them, and keep those that were there, may cost more than the instruction.
 */
final class UnseenFlags {
    /** Instructions that always complete, unless they have an operand in memory of which nobody knows where it is. */
    private static final Set<String> SURE = Set.of("alu", "unary", "shift", "shld", "shrd", "lea", "movzx8", "movzx16", "movsx8", "movsx16", "cmov", "set", "xchg",
        "imul2", "imul3", "mul", "imul1", "cbw", "cwd", "bswap", "bt", "nop", "cld", "std", "clc", "stc", "sahf");

    private enum Effect { NONE, READS, CHANGES_SOME, REPLACES_ALL }

    private UnseenFlags() { }

    /** For each instruction of a block whether the flags behind it are unseen. */
    static boolean[] in(List<Step> steps, Windows windows) {
        boolean[] unseen = new boolean[steps.size()];
        boolean now = false;
        for (int i = steps.size() - 1; i >= 0; i--) {
            unseen[i] = now;
            Step s = steps.get(i);
            now = sure(s, windows) && switch (effect(s.insn())) {
                case NONE, CHANGES_SOME -> now;
                case READS -> false;
                case REPLACES_ALL -> true;
            };
        }
        return unseen;
    }

    private static boolean sure(Step s, Windows windows) {
        Insn i = s.insn();
        String family = i.row.family();
        return s.kind() == Kind.PLAIN && SURE.contains(family) && (!i.memory() || family.equals("lea") || windows.covers(s)) && Emitters.of(i) != null;
    }

    private static Effect effect(Insn i) {
        return switch (i.row.family()) {
            case "alu" -> switch (i.row.variant()) {
                case "mov" -> Effect.NONE;
                case "adc", "sbb" -> Effect.READS;
                default -> Effect.REPLACES_ALL;
            };
            case "unary" -> i.row.variant().equals("neg") ? Effect.REPLACES_ALL : i.row.variant().equals("not") ? Effect.NONE : Effect.CHANGES_SOME;
            case "shift" -> i.row.variant().startsWith("r") || i.srcKind == Insn.Kind.CL ? Effect.CHANGES_SOME
                : (i.imm & 31) == 0 ? Effect.NONE : Effect.REPLACES_ALL;
            case "shld", "shrd" -> i.row.operands().getLast().equals("CL") ? Effect.CHANGES_SOME : (i.imm & 31) == 0 ? Effect.NONE : Effect.REPLACES_ALL;
            case "imul2", "imul3", "mul", "imul1" -> Effect.REPLACES_ALL;
            case "bt", "clc", "stc", "sahf" -> Effect.CHANGES_SOME;
            case "cmov", "set" -> Effect.READS;
            default -> Effect.NONE;
        };
    }
}
