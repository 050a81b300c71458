package org.lguest.cpu.proof;

import java.util.SplittableRandom;

/**
 * Numbers at which floating-point arithmetic goes wrong, in the formats of the x87 unit and of SSE: zeros, denormals, infinities,
 * NaNs of both kinds, encodings that the x87 unit refuses, exponents where one format ends and another goes on, and
 * significands that are hard to round.
 */
final class FloatValues {
    private static final long INTEGER = 1L << 63;
    private static final int BIAS = 0x3FFF;
    /** Exponents where something happens: ends of the formats, widths of integers, digits of decimals. */
    private static final int[] EXPONENTS = {0, 1, -1, 14, 15, 16, 23, 24, 30, 31, 32, 52, 53, 59, 60, 62, 63, 64, 65, 126, 127, 128, -126, -127, -128, -149, -150, 1022, 1023, 1024,
        -1022, -1023, -1024, -1074, -1075, -16382, -16381, -16383, 16383, 16382, -63, -64, -65, -32, -16445};

    private FloatValues() { }

    /** A significand of 64 bits, any leading bit. */
    private static long significand(SplittableRandom r) {
        return switch (r.nextInt(10)) {
            case 0 -> 0;
            case 1 -> -1L << r.nextInt(64);
            case 2 -> -1L >>> r.nextInt(64);
            case 3 -> r.nextInt(4);
            case 4 -> near(r, 40); // half a unit of 24 bits, and what is near
            case 5 -> near(r, 11); // the same for 53 bits
            case 6 -> r.nextLong() << r.nextInt(64);
            case 7 -> 1L << r.nextInt(64) | 1L << r.nextInt(64);
            default -> r.nextLong();
        };
    }

    private static long near(SplittableRandom r, int bits) {
        long upper = (r.nextInt(4) == 0 ? -1L : r.nextLong()) << bits;
        return upper | (1L << bits - 1) + r.nextInt(-1, 2);
    }

    /** ST(i) becomes a number. */
    static void extended(SplittableRandom r, FpuImage to, int i) {
        int sign = r.nextBoolean() ? 0x8000 : 0;
        long sig = significand(r);
        switch (r.nextInt(16)) {
            case 0 -> to.st(i, sign, 0);
            case 1 -> to.st(i, sign, sig);                                              // denormal or pseudo-denormal
            case 2 -> to.st(i, sign | 0x7FFF, INTEGER);
            case 3 -> to.st(i, sign | 0x7FFF, sig | (r.nextInt(8) == 0 ? 0 : INTEGER)); // NaN of either kind, or unsupported
            case 4 -> to.st(i, sign | r.nextInt(0x8000), r.nextInt(4) == 0 ? sig : sig & ~INTEGER | (r.nextBoolean() ? INTEGER : 0)); // unnormals, too
            case 5 -> to.st(i, sign | r.nextInt(1, 0x7FFF), sig | INTEGER);
            case 6, 7, 8 -> to.st(i, sign | Math.clamp(BIAS + EXPONENTS[r.nextInt(EXPONENTS.length)] + r.nextInt(-1, 2), 0, 0x7FFE), sig | INTEGER);
            case 9 -> integer(r, to, i, sign);
            default -> to.st(i, sign | BIAS + r.nextInt(-70, 71), sig | INTEGER);
        }
    }

    /** An integer, with a fraction near a half or none. */
    private static void integer(SplittableRandom r, FpuImage to, int i, int sign) {
        long v = switch (r.nextInt(4)) {
            case 0 -> (1L << r.nextInt(1, 63)) + r.nextInt(-2, 3);
            case 1 -> r.nextLong(1_000_000_000_000_000_000L);
            case 2 -> 999_999_999_999_999_999L + r.nextInt(-1, 3);
            default -> r.nextInt(1, 200);
        };
        int shift = Long.numberOfLeadingZeros(Math.max(1, v));
        long sig = Math.max(1, v) << shift;
        if (shift > 3 && r.nextBoolean()) sig |= (1L << shift - 1) + r.nextInt(-1, 2);
        to.st(i, sign | BIAS + 63 - shift, sig);
    }

    /** ST(to) becomes something near ST(from): for cancellation, comparison and remainders. */
    static void close(SplittableRandom r, FpuImage f, int from, int to) {
        int se = f.signExponent(from);
        long sig = f.significand(from);
        switch (r.nextInt(5)) {
            case 0 -> { }
            case 1 -> sig += r.nextInt(-2, 3);
            case 2 -> sig = significand(r) | INTEGER;
            case 3 -> sig ^= 1L << r.nextInt(63);
            default -> se = se & 0x8000 | Math.clamp((se & 0x7FFF) + r.nextInt(-3, 4), 1, 0x7FFE);
        }
        if (r.nextInt(3) == 0) se = se & 0x8000 | Math.clamp((se & 0x7FFF) + r.nextInt(-67, 68), 1, 0x7FFE);
        if (r.nextBoolean()) se ^= 0x8000;
        f.st(to, se, sig);
    }

    /** A number in the format of 32 bits. */
    static int single(SplittableRandom r) {
        int sign = r.nextBoolean() ? 0x80000000 : 0;
        int fraction = (int) (significand(r) >>> 1 + r.nextInt(2)) >>> 9 ^ (int) (significand(r) >>> 40) & 0x7FFFFF;
        int e = switch (r.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 255;
            case 2 -> r.nextInt(256);
            case 3 -> 127 + r.nextInt(28, 34);
            case 4 -> r.nextInt(4);
            case 5 -> 254 - r.nextInt(3);
            default -> 127 + r.nextInt(-26, 27);
        };
        if (r.nextInt(4) == 0) fraction = 0;
        if (r.nextInt(8) == 0) fraction = 0x7FFFFF - r.nextInt(2);
        return sign | e << 23 | fraction & 0x7FFFFF;
    }

    /** A number in the format of 64 bits. */
    static long real(SplittableRandom r) {
        long sign = r.nextBoolean() ? Long.MIN_VALUE : 0;
        long fraction = significand(r) >>> 11;
        long e = switch (r.nextInt(9)) {
            case 0 -> 0;
            case 1 -> 2047;
            case 2 -> r.nextInt(2048);
            case 3 -> 1023 + r.nextInt(28, 66);
            case 4 -> r.nextInt(4);
            case 5 -> 2046 - r.nextInt(3);
            case 6 -> 1023 + (r.nextBoolean() ? 127 : -126) + r.nextInt(-26, 3); // the ends of the format of 32 bits
            default -> 1023 + r.nextInt(-55, 56);
        };
        if (r.nextInt(4) == 0) fraction = 0;
        return sign | e << 52 | fraction & -1L >>> 12;
    }

    /** An integer of 64 bits. */
    static long integer(SplittableRandom r) {
        return switch (r.nextInt(4)) {
            case 0 -> (1L << r.nextInt(64)) + r.nextInt(-2, 3);
            case 1 -> r.nextLong() >> r.nextInt(64);
            case 2 -> r.nextInt(-3, 4);
            default -> r.nextLong();
        };
    }

    /** Eighteen decimal digits with a sign, ten bytes; now and then digits that are none. */
    static byte[] decimal(SplittableRandom r) {
        byte[] b = new byte[10];
        boolean valid = r.nextInt(5) != 0;
        int digits = r.nextInt(19);
        for (int n = 0; n < 9; n++) {
            int low = 2 * n < digits ? r.nextInt(valid ? 10 : 16) : 0;
            int high = 2 * n + 1 < digits ? r.nextInt(valid ? 10 : 16) : 0;
            b[n] = (byte) (high << 4 | low);
        }
        b[9] = (byte) ((r.nextBoolean() ? 0x80 : 0) | (r.nextInt(6) == 0 ? r.nextInt(128) : 0));
        return b;
    }
}
