package org.lguest.cpu.interpreter;

import java.nio.charset.StandardCharsets;

/**
 * What CPUID says (ABI section 13.2).
 *
 * <p>The features are exactly those that are there, but who asks also looks at the vendor. The C library of GNU reads the
 * features of vendors that it knows, and takes every other processor for one without any: so the vendor has to be a known
 * one. Kernels do things to processors that they know, with registers that only ring 0 has: Intel's they leave alone as
 * long as the family is 5, which lguest kernels see anyway, as their filter makes every family 5; and no processor of that
 * family has model 13, whose errata one could want to work around.
 */
final class Identity {
    private static final String VENDOR = "GenuineIntel", NAME = "jlguest: an i686 in software";
    private static final int SIGNATURE = 0x05D8;
    private static final int FEATURES = 1 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 15 // FPU, TSC, PAE, CX8, CMOV
        | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26; // CLFSH, MMX, FXSR, SSE, SSE2
    /** CLFLUSH works on lines of eight times eight bytes. */
    private static final int LINE = 8 << 8;

    /** From 0: vendor, features, and caches as a Pentium M describes them: 32 KiB and 2 MiB in lines of 64 bytes. */
    private static final int[][] BASIC = {
        {2, word(VENDOR, 0), word(VENDOR, 8), word(VENDOR, 4)}, {SIGNATURE, LINE, 0, FEATURES}, {0x02B3B001, 0xF0, 0, 0x2C04307D}};
    /** From 80000000 on: no features there, and the name. */
    private static final int[][] EXTENDED = {{0x80000004, 0, 0, 0}, {0, 0, 0, 0}, name(0), name(16), name(32)};

    private Identity() { }

    /** EAX, EBX, ECX, EDX; beyond the last leaf they are those of the last basic one, as with Intel's. */
    static int[] leaf(int eax) {
        if (eax < 0 && eax - 0x80000000 < EXTENDED.length) return EXTENDED[eax - 0x80000000];
        return BASIC[eax >= 0 && eax < BASIC.length ? eax : BASIC.length - 1];
    }

    private static int[] name(int at) { return new int[] {word(NAME, at), word(NAME, at + 4), word(NAME, at + 8), word(NAME, at + 12)}; }

    private static int word(String s, int at) {
        byte[] b = s.getBytes(StandardCharsets.US_ASCII);
        int w = 0;
        for (int n = 3; n >= 0; n--) w = w << 8 | (at + n < b.length ? b[at + n] : 0);
        return w;
    }
}
