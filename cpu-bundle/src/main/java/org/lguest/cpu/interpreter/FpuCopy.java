package org.lguest.cpu.interpreter;

import java.util.Arrays;
import org.lguest.api.state.FpuState;

/** The x87 unit's state at some time. */
final class FpuCopy {
    private final long[] significand;
    private final int[] signExponent;
    private final int[] words;

    FpuCopy(FpuState f) {
        significand = f.significand.clone();
        signExponent = f.signExponent.clone();
        words = words(f);
    }

    private static int[] words(FpuState f) { return new int[] {f.control, f.status, f.tag, f.lastIp, f.lastCs, f.lastOpcode, f.lastDp, f.lastDs}; }

    /** Gives a unit the state back. */
    void restore(FpuState f) {
        System.arraycopy(significand, 0, f.significand, 0, significand.length);
        System.arraycopy(signExponent, 0, f.signExponent, 0, signExponent.length);
        f.control = words[0];
        f.status = words[1];
        f.tag = words[2];
        f.lastIp = words[3];
        f.lastCs = words[4];
        f.lastOpcode = words[5];
        f.lastDp = words[6];
        f.lastDs = words[7];
    }

    /** What is different now, or null. */
    String difference(FpuState f) {
        int w = Arrays.mismatch(words, words(f));
        if (w >= 0) return String.format("x87 word %d %x generated, %x interpreted", w, words[w], words(f)[w]);
        int r = Math.max(Arrays.mismatch(significand, f.significand), Arrays.mismatch(signExponent, f.signExponent));
        return r < 0 ? null : String.format("R%d %04x:%016x generated, %04x:%016x interpreted", r, signExponent[r], significand[r], f.signExponent[r], f.significand[r]);
    }
}
