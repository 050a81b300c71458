package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

/** Which registers an instruction may change. */
final class Changes {
    private Changes() { }

    /** One bit for each register; too many rather than too few. */
    static int registers(Draft d) {
        int mask = implied(d.row.family());
        for (String operand : d.row.operands())
            mask |= switch (operand.charAt(0)) {
                case 'E', 'R' -> d.memory ? 0 : register(d.rm, operand);
                case 'G' -> register(d.reg, operand);
                case 'Z' -> register(d.row.opcode() & 7, operand);
                case 'A', 'e' -> 1 << EAX;
                default -> 0;
            };
        return mask;
    }

    private static int register(int number, String operand) { return 1 << (operand.endsWith("b") ? number & 3 : number); }

    private static int implied(String family) {
        return switch (family) {
            case "mul", "imul1", "div", "idiv", "cmpxchg8b" -> 1 << EAX | 1 << EDX;
            case "cwd" -> 1 << EDX;
            case "movs", "cmps", "stos", "scas", "lods" -> 1 << ESI | 1 << EDI | 1 << ECX | 1 << EAX;
            case "push", "pop", "pushf", "pusha" -> 1 << ESP;
            case "cbw", "daa", "das", "aaa", "aas", "aam", "aad", "lahf", "salc", "xlat", "cmpxchg" -> 1 << EAX;
            default -> 0;
        };
    }
}
