package org.lguest.cpu.x87;

/** Integer arithmetic on 128 bits. */
final class Wide {
    private Wide() { }

    /**
     * The quotient of the unsigned 128-bit number {@code hi:lo} and {@code d}, which has bit 63 set and is greater than {@code hi}, so that the
     * quotient fits 64 bits. Knuth's algorithm D with 32-bit digits.
     */
    static long divide(long hi, long lo, long d) {
        long dHi = d >>> 32, dLo = d & 0xFFFFFFFFL;
        long q1 = digit(hi, lo >>> 32, d, dHi, dLo);
        long r = (hi << 32 | lo >>> 32) - q1 * d;
        long q0 = digit(r, lo & 0xFFFFFFFFL, d, dHi, dLo);
        return (q1 << 32) + q0;
    }

    /** One 32-bit digit of the quotient of {@code r:next} (96 bits) and {@code d}. */
    private static long digit(long r, long next, long d, long dHi, long dLo) {
        long q = Long.divideUnsigned(r, dHi), rest = r - q * dHi;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * dLo, rest << 32 | next) > 0) {
            q--;
            rest += dHi;
            if (rest >>> 32 != 0) break;
        }
        return q;
    }

    /** What {@link #divide} leaves, given the low half of the dividend, the divisor and the quotient. */
    static long remainder(long lo, long d, long q) {
        return lo - q * d;
    }

    /** The integer square root of the unsigned 128-bit number {@code hi:lo}, whose {@code hi} is at least 2^62. */
    static long sqrt(long hi, long lo) {
        long s = rootOfHigh(hi), r = hi - s * s; // s has 32 bits, r at most 33
        // Newton's correction: the next 32 bits are (r:lo) / 2s, too large by at most one.
        long n = r << 31 | lo >>> 33, q = Long.divideUnsigned(n, s);
        if (q > 0xFFFFFFFFL) q = 0xFFFFFFFFL;
        long root = (s << 32) + q;
        while (squareExceeds(root, hi, lo)) root--;
        return root;
    }

    private static boolean squareExceeds(long root, long hi, long lo) {
        int c = Long.compareUnsigned(Math.unsignedMultiplyHigh(root, root), hi);
        return c > 0 || c == 0 && Long.compareUnsigned(root * root, lo) > 0;
    }

    private static long rootOfHigh(long hi) {
        double d = (double) (hi >>> 1) * 2;
        long s = Math.min((long) Math.sqrt(d), 0xFFFFFFFFL);
        while (Long.compareUnsigned(s * s, hi) > 0) s--;
        while (s < 0xFFFFFFFFL && Long.compareUnsigned((s + 1) * (s + 1), hi) <= 0) s++;
        return s;
    }

    static int compare(long aHi, long aLo, long bHi, long bLo) {
        return aHi != bHi ? Long.compareUnsigned(aHi, bHi) : Long.compareUnsigned(aLo, bLo);
    }

    /** Bits 192 to 255 of the product of two unsigned 128-bit numbers; together with {@link #mulLow} at most two units of bit 128 too small. */
    static long mulHigh(long aHi, long aLo, long bHi, long bLo) {
        long low = aHi * bHi, high = Math.unsignedMultiplyHigh(aHi, bHi);
        long c = Math.unsignedMultiplyHigh(aHi, bLo), d = Math.unsignedMultiplyHigh(aLo, bHi);
        low += c;
        if (Long.compareUnsigned(low, c) < 0) high++;
        low += d;
        return Long.compareUnsigned(low, d) < 0 ? high + 1 : high;
    }

    /** Bits 128 to 191 of the same. */
    static long mulLow(long aHi, long aLo, long bHi, long bLo) {
        return aHi * bHi + Math.unsignedMultiplyHigh(aHi, bLo) + Math.unsignedMultiplyHigh(aLo, bHi);
    }

    /** The quotient of {@code u2:u1:u0} and {@code v1:v0}, where v1 has bit 63 set and {@code u2:u1 < v1:v0}, so that it fits 64 bits. */
    static long divideWide(long u2, long u1, long u0, long v1, long v0) {
        long q, r;
        if (u2 == v1) {
            q = -1;
            r = u1 + v1;
            if (Long.compareUnsigned(r, v1) < 0) return q;
        } else {
            q = divide(u2, u1, v1);
            r = remainder(u1, v1, q);
        }
        while (compare(Math.unsignedMultiplyHigh(q, v0), q * v0, r, u0) > 0) {
            q--;
            r += v1;
            if (Long.compareUnsigned(r, v1) < 0) break;
        }
        return q;
    }
}
