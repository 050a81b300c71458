package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.ESP;

import java.util.Arrays;

/**
 * Where processors differ from each other, and the manuals leave it to them. A difference that is explained here is no
 * mismatch; every rule names the freedom that it stands for, and is as narrow as that.
 */
final class Models {
    private static final int FIRST_WRAPPING = -16;
    /** More bytes of code than anything but a string instruction overwrites. */
    private static final int STRING = 8;

    private Models() { }

    /** @return the freedom that explains why two processors differ in a case, or null: then one of them is wrong */
    static String explain(Case c, Outcome hardware, Outcome engine) {
        if (runner(hardware.eip()) || engine.trap() == 14 && runner(engine.cr2())) return "the memory of the native runner itself";
        long code = engine.memory().keySet().stream().filter(World.CODE::contains).count();
        if (code > STRING || code > 0 && c.name().matches("(MOVS|STOS).*")) return "a string instruction that overwrites itself";
        if (c.name().equals("program") && otherProgram(hardware)) return "a program that has made another program of itself";
        if (hardware.trap() == 13 && hardware.error() == 0 && lastOfSegment(c, hardware.eip())) return "a taken jump that ends where the code segment ends";
        if (hardware.trap() == Outcome.ENDLESS && engine.trap() == Outcome.ENDLESS) return "endless on both";
        if (engine.trap() == 17 && flat(c) && (hardware.trap() == 12 || hardware.trap() == 13) && hardware.error() == 0 && unchanged(hardware, engine)) return "wrapping around 4 GiB, or alignment";
        String floating = FloatModels.explain(c, hardware, engine);
        if (floating != null) return floating;
        return switch (c.name().split(" ")[0]) {
            case "RETF", "IRET" -> farReturn(hardware, engine);
            case "POPA" -> popa(hardware, engine);
            case "UD0", "UD1" -> hardware.trap() == 6 && (engine.trap() == 14 && engine.error() == 0x14 || engine.trap() == 13) ? "whether an undefined opcode has ModRM" : null;
            case "CALL" -> (hardware.trap() == 14 || hardware.trap() == 12 || hardware.trap() == 17) && engine.trap() == 13 && unchanged(hardware, engine) ? "a target beyond the limit and a stack that is missing" : wrapping(hardware, engine);
            default -> wrapping(hardware, engine);
        };
    }

    /**
     * Whether code was overwritten otherwise than {@link Programs} means it, with INC or DEC of a register: then what ran may
     * have left undefined flags to somebody, or been an instruction that a process cannot show.
     */
    private static boolean otherProgram(Outcome o) {
        return o.memory().entrySet().stream().anyMatch(e -> World.CODE.contains(e.getKey()) && (e.getValue() & 0xF0) != 0x40);
    }

    /** Whether no limit but that of 4 GiB can be exceeded. */
    private static boolean flat(Case c) {
        return Arrays.stream(c.selectors()).allMatch(s -> s == World.USER_DS || s == World.USER_CS || (s & 0xFFFC) == 0);
    }

    private static boolean lastOfSegment(Case c, int eip) {
        World.Segment cs = World.segment(c.selectors()[1]);
        return cs != null && !cs.granular() && eip == c.eip() && eip + c.code().length == cs.limit() + 1 && c.name().matches("(J|LOOP|CALL|RET).*");
    }

    /** Whether an address belongs to the native runner itself. */
    static boolean runner(int va) { return va >= RunnerImage.FIRST && va < RunnerImage.LAST; }

    /** Which of several words of the frame is read first, and whether the outer stack is looked at before the selector is. */
    private static String farReturn(Outcome hardware, Outcome engine) {
        return (hardware.trap() == 14 || hardware.trap() == 12 || hardware.trap() == 17) && (engine.trap() == 14 || engine.trap() == 13) && unchanged(hardware, engine) ? "order of reads in a far return" : null;
    }

    /** Registers that were loaded before a word that faults: POPA can be restarted either way, because ESP has not moved. */
    private static String popa(Outcome hardware, Outcome engine) {
        boolean same = hardware.trap() == engine.trap() && hardware.cr2() == engine.cr2() && hardware.error() == engine.error() && hardware.eip() == engine.eip();
        return same && engine.trap() != 3 && hardware.gpr()[ESP] == engine.gpr()[ESP] ? "registers after a fault in POPA" : wrapping(hardware, engine);
    }

    /** Intel SDM volume 3, section 5.3: an access that wraps around 4 GiB may or may not violate a limit of 4 GiB. */
    private static String wrapping(Outcome hardware, Outcome engine) {
        boolean limit = (hardware.trap() == 12 || hardware.trap() == 13) && hardware.error() == 0;
        boolean wraps = engine.trap() == 14 && (Integer.compareUnsigned(engine.cr2(), FIRST_WRAPPING) >= 0 || engine.cr2() == 0);
        return limit && wraps && unchanged(hardware, engine) ? "wrapping around 4 GiB" : null;
    }

    private static boolean unchanged(Outcome a, Outcome b) {
        return a.eip() == b.eip() && Arrays.equals(a.gpr(), b.gpr()) && a.memory().equals(b.memory());
    }
}
