package org.lguest.cpu.proof;

import java.util.Set;

/**
 * The freedoms of {@link Models} in floating-point state. Each rule gives the engine's state what the hardware has in the one place
 * that it speaks of; everything else must be the same.
 */
final class FloatModels {
    private static final int C1 = 0x200, DENORMAL = 2, TOP = 0x3800;
    private static final Set<String> TO_FLAGS = Set.of("FCOMI", "FCOMIP", "FUCOMI", "FUCOMIP");
    /** The functions with the distance in units of the last place that is granted: twice the error that the manual allows. */
    private static final Set<String> TRANSCENDENTAL = Set.of("F2XM1", "FYL2X", "FYL2XP1", "FPATAN", "FPTAN", "FSIN", "FCOS", "FSINCOS");

    private FloatModels() { }

    /** As {@link Models#explain}. */
    static String explain(Case c, Outcome hardware, Outcome engine) {
        if (hardware.fpu() == null || engine.fpu() == null) return null;
        String m = c.name().split(" ")[0];
        if (TO_FLAGS.contains(m)) return same(c, hardware, engine, conditionOne(hardware, engine)) ? "C1 after " + m : null;
        if (TRANSCENDENTAL.contains(m)) return same(c, hardware, engine, lastPlace(hardware, engine, m.equals("FPTAN") ? 2 : 1)) ? "last place and C1 of " + m : null;
        if (c.name().equals("FLD D9/0m") || c.name().equals("FLD DD/0m")) return denormalLoad(c, hardware, engine);
        return null;
    }

    private static boolean same(Case c, Outcome hardware, Outcome engine, FpuImage allowed) {
        return hardware.difference(engine.with(allowed), c.undefined()) == null;
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
}
