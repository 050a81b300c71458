package org.lguest.cpu.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.lguest.cpu.proof.Case.Patch;

/**
 * Makes a case as plain as it can be while something about it stays true: registers and memory become zero, flags clear,
 * instructions of a program NOPs. The case is meant for blank memory.
 */
final class Shrinker {
    private static final byte NOP = (byte) 0x90;
    private static final int[] PLAIN = {World.USER_DS, World.USER_CS, World.USER_DS, World.USER_DS, 0, 0};

    private final Predicate<Case> interesting;
    private Case best;

    private Shrinker(Case c, Predicate<Case> interesting) {
        best = c;
        this.interesting = interesting;
    }

    /** The plainest case that is still interesting; {@code c} must be. */
    static Case shrink(Case c, Predicate<Case> interesting) {
        var s = new Shrinker(c, interesting);
        if (!interesting.test(c)) throw new IllegalArgumentException("not interesting: " + c);
        for (int round = 0; round < 2; round++) {
            s.registers();
            s.memory();
            s.code();
            s.best = plainUnit(s.best, interesting);
        }
        return s.best;
    }

    private boolean attempt(int[] gpr, int eflags, int[] selectors, List<Patch> patches) {
        Case c = new Case(best.name(), gpr, best.eip(), eflags, selectors, patches, best.undefined(), best.fpu());
        if (!interesting.test(c)) return false;
        best = c;
        return true;
    }

    /** The case with floating-point registers of zero and other fields as after a reset, where {@code interesting} allows it. */
    static Case plainUnit(Case c, Predicate<Case> interesting) {
        if (c.fpu() == null) return c;
        FpuImage reset = FpuImage.reset();
        for (int at = 0; at < FpuImage.BYTES; at += at < FpuImage.IP ? 2 : 8) {
            FpuImage f = c.fpu().copy();
            System.arraycopy(reset.bytes(), at, f.bytes(), at, at < FpuImage.IP ? 2 : 8);
            if (!f.equals(c.fpu()) && interesting.test(c.with(f))) c = c.with(f);
        }
        return c;
    }

    private void registers() {
        for (int i = 0; i < 8; i++) {
            if (best.gpr()[i] == 0) continue;
            int[] gpr = best.gpr().clone();
            gpr[i] = 0;
            attempt(gpr, best.eflags(), best.selectors(), best.patches());
        }
        for (int bit = 4; bit <= 0x800; bit <<= 1) if ((best.eflags() & bit) != 0) attempt(best.gpr(), best.eflags() & ~bit, best.selectors(), best.patches());
        for (int i = 0; i < 6; i++) {
            int[] selectors = best.selectors().clone();
            if (selectors[i] == PLAIN[i]) continue;
            selectors[i] = PLAIN[i];
            attempt(best.gpr(), best.eflags(), selectors, best.patches());
        }
    }

    private void memory() {
        for (int n = 0; n < best.patches().size(); n++)
            if (!best.patches().get(n).code()) for (int size = 4096; size >= 1; size /= 2) zero(n, size);
    }

    /** Zeroes a patch in pieces of a size. */
    private void zero(int n, int size) {
        for (int at = 0; at < best.patches().get(n).bytes().length; at += size) {
            byte[] bytes = best.patches().get(n).bytes().clone();
            int end = Math.min(bytes.length, at + size);
            boolean empty = true;
            for (int i = at; i < end; i++) empty &= bytes[i] == 0;
            if (empty) continue;
            Arrays.fill(bytes, at, end, (byte) 0);
            replace(n, bytes);
        }
    }

    private void replace(int n, byte[] bytes) {
        List<Patch> patches = new ArrayList<>(best.patches());
        patches.set(n, new Patch(patches.get(n).address(), bytes, patches.get(n).code()));
        attempt(best.gpr(), best.eflags(), best.selectors(), patches);
    }

    private void code() {
        if (!best.name().equals("program")) return;
        int n = 0;
        while (!best.patches().get(n).code()) n++;
        for (int size = 12; size >= 1; size--)
            for (int at = 0; at + size <= best.patches().get(n).bytes().length; at++) {
                byte[] bytes = best.patches().get(n).bytes().clone();
                if (bytes[at] == NOP) continue;
                Arrays.fill(bytes, at, at + size, NOP);
                if (Generator.harmless(bytes)) replace(n, bytes);
            }
    }
}
