package org.lguest.cpu.x87;

import java.math.BigInteger;

/**
 * A number with 128 significant bits, for what is computed inside the transcendental functions: {@code (-1)^s * hi.lo * 2^(exp - 127)} with bit
 * 63 of {@code hi} set, or zero with {@code hi} zero. Results are off by a few units of the last place at most; that leaves some sixty bits more than
 * the extended format shows. Operations store into {@code this}, which may be one of the operands.
 */
final class Quad {
    boolean negative;
    int exp;
    long hi, lo;

    Quad() { }

    /** {@code fixed * 2^-bits}, truncated. */
    Quad(BigInteger fixed, int bits) {
        int length = fixed.bitLength();
        exp = length - 1 - bits;
        BigInteger top = fixed.shiftRight(length - 128);
        hi = top.shiftRight(64).longValue();
        lo = top.longValue();
    }

    boolean isZero() {
        return hi == 0;
    }

    Quad set(Quad a) {
        return set(a.negative, a.exp, a.hi, a.lo);
    }

    Quad set(boolean isNegative, int exponent, long high, long low) {
        negative = isNegative;
        exp = exponent;
        hi = high;
        lo = low;
        return this;
    }

    /** A finite extended number, exactly. */
    Quad set(int se, long sig) {
        int shift = Long.numberOfLeadingZeros(sig);
        return set((se & Float80.SIGN) != 0, Math.max(se & Float80.MAX, 1) - Float80.BIAS - shift, sig << shift, 0);
    }

    /** {@code n / 2^scale}. */
    Quad setRatio(long n, int scale) {
        long magnitude = Math.abs(n);
        int shift = Long.numberOfLeadingZeros(magnitude);
        return set(n < 0, 63 - shift - scale, magnitude << shift, 0);
    }

    /** {@code high.low * 2^-scale}, not normalized. */
    Quad setFixed(boolean isNegative, long high, long low, int scale) {
        int shift = high != 0 ? Long.numberOfLeadingZeros(high) : 64 + Long.numberOfLeadingZeros(low);
        if (shift >= 128) return set(false, 0, 0, 0);
        negative = isNegative;
        exp = 127 - scale - shift;
        hi = shift >= 64 ? low << shift : shift == 0 ? high : high << shift | low >>> 64 - shift;
        lo = shift >= 64 ? 0 : low << shift;
        return this;
    }

    Quad negate() {
        negative = !negative;
        return this;
    }

    Quad mul(Quad a, Quad b) {
        if (a.isZero() || b.isZero()) return set(false, 0, 0, 0);
        boolean isNegative = a.negative != b.negative;
        int exponent = a.exp + b.exp;
        long high = Wide.mulHigh(a.hi, a.lo, b.hi, b.lo), low = Wide.mulLow(a.hi, a.lo, b.hi, b.lo);
        if (high < 0) return set(isNegative, exponent + 1, high, low);
        return set(isNegative, exponent, high << 1 | low >>> 63, low << 1);
    }

    Quad sub(Quad a, Quad b) {
        return add(a, b, !b.negative);
    }

    Quad add(Quad a, Quad b) {
        return add(a, b, b.negative);
    }

    private Quad add(Quad a, Quad b, boolean bNegative) {
        if (b.isZero()) return set(a);
        if (a.isZero()) return set(bNegative, b.exp, b.hi, b.lo);
        int d = a.exp - b.exp;
        if (d < 0 || d == 0 && Wide.compare(a.hi, a.lo, b.hi, b.lo) < 0) return sum(b, bNegative, a, a.negative, -d);
        return sum(a, a.negative, b, bNegative, d);
    }

    /** {@code |a| >= |b|}, exponents {@code d} apart; what is shifted out of b leaves a sticky bit. */
    private Quad sum(Quad a, boolean aNegative, Quad b, boolean bNegative, int d) {
        long bHi = b.hi, bLo = b.lo;
        if (d >= 128) {
            bHi = 0;
            bLo = 1;
        } else if (d >= 64) {
            boolean sticky = (bLo | (d == 64 ? 0 : bHi << 128 - d)) != 0;
            bLo = bHi >>> d - 64 | (sticky ? 1 : 0);
            bHi = 0;
        } else if (d > 0) {
            boolean sticky = bLo << 64 - d != 0;
            bLo = bHi << 64 - d | bLo >>> d | (sticky ? 1 : 0);
            bHi >>>= d;
        }
        if (aNegative == bNegative) {
            long low = a.lo + bLo, carry = Long.compareUnsigned(low, bLo) < 0 ? 1 : 0, high = a.hi + bHi + carry;
            if (high < 0) return set(aNegative, a.exp, high, low);
            return set(aNegative, a.exp + 1, high >>> 1 | 1L << 63, high << 63 | low >>> 1 | low & 1);
        }
        long borrow = Long.compareUnsigned(a.lo, bLo) < 0 ? 1 : 0;
        return setFixed(aNegative, a.hi - bHi - borrow, a.lo - bLo, 127 - a.exp);
    }

    /** The quotient, with a sticky bit; b is not zero. */
    Quad div(Quad a, Quad b) {
        if (a.isZero()) return set(false, 0, 0, 0);
        boolean isNegative = a.negative != b.negative;
        int exponent = a.exp - b.exp - 1;
        long r1 = a.hi, r0 = a.lo, next = 0, v1 = b.hi, v0 = b.lo;
        if (Wide.compare(r1, r0, v1, v0) >= 0) {
            next = r0 << 63;
            r0 = r1 << 63 | r0 >>> 1;
            r1 >>>= 1;
            exponent++;
        }
        long q1 = Wide.divideWide(r1, r0, next, v1, v0);
        long s0 = next - q1 * v0; // the remainder, modulo 2^128
        long s1 = r0 - q1 * v1 - Math.unsignedMultiplyHigh(q1, v0) - (Long.compareUnsigned(next, q1 * v0) < 0 ? 1 : 0);
        long q0 = Wide.divideWide(s1, s0, 0, v1, v0);
        boolean exact = q0 * v0 == 0 && s0 == q0 * v1 + Math.unsignedMultiplyHigh(q0, v0);
        return set(isNegative, exponent, q1, exact ? q0 : q0 | 1);
    }
}
