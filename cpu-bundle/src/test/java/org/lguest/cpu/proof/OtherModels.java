package org.lguest.cpu.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Freedoms that are granted only to processors of another make than the one our recordings come from. That one is compared
 * without them: so every rule here stands for something that our engine does as a real processor does it.
 */
final class OtherModels {
    /** Whose processors are compared strictly. */
    private static final String RECORDED = "AuthenticAMD";
    private static final boolean OTHER = !vendor().equals(RECORDED);
    private static final Set<Integer> FAULTS = Set.of(6, 12, 13, 14);

    private static final int PRECISION = 0x300, RESERVED_PRECISION = 0x100, PENDING = 0x80, POINTERS = 16;
    /** Trigonometry far from zero, functions outside their ranges, digits that are none, steps of a partial remainder. */
    private static final Set<String> LOOSE = Set.of("FSIN", "FCOS", "FSINCOS", "FPTAN", "F2XM1", "FYL2XP1", "FBLD", "FPREM", "FPREM1");
    private static final Pattern VECTOR = Pattern.compile("[PQNVWU](q|d|dq|ps|pd|ss|sd)(,|$)");

    private OtherModels() { }

    private static String vendor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(l -> l.startsWith("vendor_id")).map(l -> l.substring(l.indexOf(':') + 1).trim()).findFirst().orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** As {@link Models#explain}; null on a host that is compared strictly. */
    static String explain(Case c, Outcome hardware, Outcome engine) { return OTHER ? freedom(c, hardware, engine) : null; }

    /** The rules themselves. */
    static String freedom(Case c, Outcome hardware, Outcome engine) {
        String name = c.name();
        boolean bothFault = FAULTS.contains(hardware.trap()) && FAULTS.contains(engine.trap());
        if (bothFault && sameRegisters(c, hardware, engine, 0)) return "which of several faults comes first, and what was stored before";
        if (!sameTrap(hardware, engine)) return oneFault(c, hardware, engine);
        if (c.fpu() != null && sameRegisters(c, hardware, engine, 0)) {
            String why = floating(c, hardware, engine);
            if (why != null) return why;
        }
        if (name.matches("PUSH [CDEFGS]S") && sameRegisters(c, hardware, engine, 0) && upperHalf(hardware, engine)) return "upper half of a pushed segment register";
        if (name.startsWith("LAR") && sameRegisters(c, hardware, engine, 0xF0000)) return "limit bits in what LAR gives";
        return null;
    }

    /** What manuals leave open in floating-point state; integer registers are the same. */
    private static String floating(Case c, Outcome hardware, Outcome engine) {
        String m = c.name().split(" ")[0];
        boolean sameMemory = hardware.memory().equals(engine.memory());
        if (sameMemory && (c.fpu().control() & PRECISION) == RESERVED_PRECISION && !VECTOR.matcher(c.name()).find()) return "precision control 01";
        if (sameMemory && LOOSE.contains(m)) return "arguments that nobody promises a result for";
        if (sameMemory && m.matches("MASKMOVQ|CVT.*PI.*") && hardware.trap() != 3) return "when registers become those of MMX";
        boolean pointers = m.matches("FNSTENV|FNSAVE|program") && Objects.equals(hardware.fpu(), engine.fpu());
        return pointers && differing(hardware, engine).size() <= POINTERS ? "pointers of the last x87 instruction in an environment" : null;
    }

    private static String oneFault(Case c, Outcome hardware, Outcome engine) {
        String name = c.name();
        boolean late = engine.trap() == 3 && c.fpu() != null && (engine.fpu().status() & PENDING) != 0;
        if (late && FAULTS.contains(hardware.trap()) && name.matches("F(BST|IST|ST).*")) return "whether a store that an exception stops looks at memory";
        if (name.startsWith("ARPL") && hardware.trap() == 14 && (hardware.error() & 2) != 0) return "ARPL asks for a writable page in any case";
        boolean shift = name.matches("(RO|RC|SH|SA)[LR]D? .*");
        return shift && hardware.trap() == 3 && (engine.trap() == 13 || engine.trap() == 14) && hardware.memory().isEmpty() ? "a shift by zero does not store" : null;
    }

    private static boolean sameTrap(Outcome a, Outcome b) { return a.trap() == b.trap() && a.error() == b.error() && a.cr2() == b.cr2(); }

    private static boolean sameRegisters(Case c, Outcome a, Outcome b, int mask) {
        for (int i = 0; i < 8; i++) if ((a.gpr()[i] & ~mask) != (b.gpr()[i] & ~mask)) return false;
        return a.eip() == b.eip() && ((a.eflags() ^ b.eflags()) & Outcome.COMPARED & ~c.undefined()) == 0;
    }

    /** Whether memory differs only in the upper two bytes of the word at the top of the stack. */
    private static boolean upperHalf(Outcome a, Outcome b) {
        return differing(a, b).size() <= 2;
    }

    private static Set<Integer> differing(Outcome a, Outcome b) {
        Set<Integer> differing = new TreeSet<>(a.memory().keySet());
        differing.addAll(b.memory().keySet());
        differing.removeIf(at -> a.memory().get(at) != null && a.memory().get(at).equals(b.memory().get(at)));
        return differing;
    }
}
