package org.lguest.cpu.proof;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Insn;

/**
 * The freedoms of {@link Models} in floating-point state. Each rule gives the engine's state what the hardware has in the one place
 * that it speaks of; everything else must be the same.
 */
final class FloatModels {
    private static final int C1 = 0x200, DENORMAL = 2, TOP = 0x3800;
    private static final int MISALIGNED = 0x20000, LONGEST = 512;
    private static final double ESTIMATE = 1.5 / 4096;
    private static final Set<String> TO_FLAGS = Set.of("FCOMI", "FCOMIP", "FUCOMI", "FUCOMIP");
    /** The functions with the distance in units of the last place that is granted: twice the error that the manual allows. */
    private static final Set<String> TRANSCENDENTAL = Set.of("F2XM1", "FYL2X", "FYL2XP1", "FPATAN", "FPTAN", "FSIN", "FCOS", "FSINCOS");

    private static final Set<String> IMAGES = Set.of("FXSAVE", "FXRSTOR", "FNSAVE", "FRSTOR", "FNSTENV", "FLDENV");
    private static final Set<Integer> FAULTS = Set.of(12, 13, 14);

    private FloatModels() { }

    /** As {@link Models#explain}. */
    static String explain(Case c, Outcome hardware, Outcome engine) {
        if (hardware.fpu() == null || engine.fpu() == null) return null;
        String m = c.name().split(" ")[0];
        if (TO_FLAGS.contains(m)) return same(c, hardware, engine, conditionOne(hardware, engine)) ? "C1 after " + m : null;
        if (TRANSCENDENTAL.contains(m)) return same(c, hardware, engine, lastPlace(hardware, engine, m.equals("FPTAN") ? 2 : 1)) ? "last place and C1 of " + m : null;
        if (c.name().equals("FLD D9/0m") || c.name().equals("FLD DD/0m")) return denormalLoad(c, hardware, engine);
        if (engine.trap() == 13 && (hardware.fpu().mxcsr() & MISALIGNED) != 0) return "MXCSR has a bit for misaligned operands";
        if (m.matches("FXSAVE|FXRSTOR") && (hardware.trap() == 17 && FAULTS.contains(engine.trap()) || engine.trap() == 17 && FAULTS.contains(hardware.trap()))) return "whether a misaligned image is #AC or #GP";
        if (IMAGES.contains(m) && FAULTS.contains(hardware.trap()) && FAULTS.contains(engine.trap()) && wraps(c)) return "an image that wraps around 64 KiB with 16-bit addresses";
        if (m.equals("FXSAVE")) return otherwiseSame(c, hardware, engine) && saved(hardware, engine) ? "pointers and the mask of MXCSR in what FXSAVE saves" : null;
        if (m.matches("R(CP|SQRT)[PS]S")) return same(c, hardware, engine, estimates(hardware, engine)) ? "estimates of " + m : null;
        return null;
    }

    private static boolean same(Case c, Outcome hardware, Outcome engine, FpuImage allowed) {
        return hardware.difference(engine.with(allowed), c.undefined()) == null;
    }

    /** Whether the operand begins below 64 KiB and ends above, and addresses have 16 bits. */
    private static boolean wraps(Case c) {
        var insn = new Insn();
        new Decoder().decode(Arrays.copyOf(c.code(), c.code().length + 16), 0, c.code().length + 16, c.selectors()[1] != World.CODE16, insn);
        int[] gpr = Arrays.copyOf(c.gpr(), 9);
        return insn.addressSize == 16 && (gpr[insn.base] + gpr[insn.index] + insn.disp & 0xFFFF) > 0x10000 - LONGEST;
    }

    private static boolean otherwiseSame(Case c, Outcome hardware, Outcome engine) {
        var e = engine.with(hardware.fpu());
        var h = new Outcome(hardware.gpr(), hardware.eip(), hardware.eflags(), hardware.selectors(), hardware.trap(), hardware.error(), hardware.cr2(), e.memory(), hardware.fpu());
        return h.difference(e, c.undefined()) == null && hardware.fpu().equals(engine.fpu());
    }

    private static FpuImage conditionOne(Outcome hardware, Outcome engine) {
        FpuImage f = engine.fpu().copy();
        return f.word(FpuImage.STATUS, f.status() & ~C1 | hardware.fpu().status() & C1);
    }

    /** Intel SDM volume 1, section 8.3.10: the error of these functions is below one unit; what is exact and what is not is the processor's own affair. */
    private static FpuImage lastPlace(Outcome hardware, Outcome engine, int units) {
        FpuImage f = conditionOne(hardware, engine);
        FpuImage h = hardware.fpu();
        for (int i = 0; i < 2; i++) if (near(f, h, i, units)) f.st(i, h.signExponent(i), h.significand(i));
        return f;
    }

    private static boolean near(FpuImage a, FpuImage b, int i, int units) {
        if (a.signExponent(i) == b.signExponent(i)) return Math.abs(a.significand(i) - b.significand(i)) <= units;
        long low = Math.min(a.significand(i) >>> 1, b.significand(i) >>> 1);
        long high = Math.max(a.significand(i) >>> 1, b.significand(i) >>> 1);
        return Math.abs(a.signExponent(i) - b.signExponent(i)) == 1 && low == 1L << 62 && high + units >= 1L << 62 && high == Long.MAX_VALUE; // across a power of two
    }

    /** Intel SDM volume 1, section 8.5.2: with DE unmasked nothing is loaded. Processors of other makes push the number all the same. */
    private static String denormalLoad(Case c, Outcome hardware, Outcome engine) {
        FpuImage e = engine.fpu();
        FpuImage h = hardware.fpu();
        boolean unmasked = (e.status() & ~e.control() & DENORMAL) != 0 && e.top() == (h.top() + 1 & 7);
        if (!unmasked) return null;
        FpuImage f = e.copy().word(FpuImage.STATUS, e.status() & ~TOP | h.status() & TOP).word(FpuImage.TAG, e.word(FpuImage.TAG) | 1 << h.top());
        for (int i = 1; i < 8; i++) f.st(i, e.signExponent(i - 1), e.significand(i - 1));
        f.st(0, h.signExponent(0), h.significand(0));
        return same(c, hardware, engine, f) ? "loading a denormal with DE unmasked" : null;
    }

    /**
     * Without a pending exception some processors leave out the pointers of the last x87 instruction (bytes 6 to 23 of the image),
     * and bits of MXCSR of their own make a mask of their own (28 to 31).
     */
    private static boolean saved(Outcome hardware, Outcome engine) {
        Set<Integer> differing = new TreeSet<>(hardware.memory().keySet());
        differing.addAll(engine.memory().keySet());
        differing.removeIf(at -> hardware.memory().get(at) != null && hardware.memory().get(at).equals(engine.memory().get(at)));
        if (differing.isEmpty()) return false;
        int image = differing.iterator().next() & ~15;
        if (differing.stream().allMatch(at -> at >= image && at < image + 16)) return true;
        return differing.stream().allMatch(at -> at - image >= 6 && at - image < 24 || at - image >= 28 && at - image < 32);
    }

    /** Intel SDM volume 2: the relative error is at most 1.5 / 4096. */
    private static FpuImage estimates(Outcome hardware, Outcome engine) {
        FpuImage f = engine.fpu().copy();
        for (int at = FpuImage.XMM; at < FpuImage.BYTES; at += 4) {
            float a = Float.intBitsToFloat(hardware.fpu().dword(at));
            float b = Float.intBitsToFloat(f.dword(at));
            boolean tiny = a == 0 && Math.abs(b) <= (1 + 2 * ESTIMATE) * Float.MIN_NORMAL && (hardware.fpu().dword(at) ^ f.dword(at)) >= 0; // to be a zero
            if (tiny || Math.abs((double) a - b) <= 2 * ESTIMATE * Math.abs(b)) f.dword(at, hardware.fpu().dword(at));
        }
        return f;
    }
}
