package org.lguest.cpu.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Freedoms that are granted only to processors of another make than the one our recordings come from. That one is compared
 * without them: so every rule here stands for something that our engine does as a real processor does it.
 */
final class OtherModels {
    /** Whose processors are compared strictly. */
    private static final String RECORDED = "AuthenticAMD";
    private static final boolean OTHER = !vendor().equals(RECORDED);
    private static final Set<Integer> FAULTS = Set.of(6, 12, 13, 14);

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
        if (!sameTrap(hardware, engine)) return oneFault(name, hardware, engine);
        if (name.matches("PUSH [CDEFGS]S") && sameRegisters(c, hardware, engine, 0) && upperHalf(hardware, engine)) return "upper half of a pushed segment register";
        if (name.startsWith("LAR") && sameRegisters(c, hardware, engine, 0xF0000)) return "limit bits in what LAR gives";
        return null;
    }

    private static String oneFault(String name, Outcome hardware, Outcome engine) {
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
        Set<Integer> differing = new TreeSet<>(a.memory().keySet());
        differing.addAll(b.memory().keySet());
        differing.removeIf(at -> a.memory().get(at) != null && a.memory().get(at).equals(b.memory().get(at)));
        return differing.size() <= 2;
    }
}
