package org.lguest.cpu.x87;

import java.math.BigInteger;
import java.util.function.IntFunction;

/** A power series whose coefficients are reciprocals of integers, in 128-bit fixed point: all values are fractions of 2^128, below one. */
final class Series {
    private final long[] high, low;

    /** The sum, left by {@link #sum}. */
    long sumHi, sumLo;

    /** A series of {@code terms} terms {@code t^k / divisor(k)}; every divisor is at least two. */
    Series(int terms, IntFunction<BigInteger> divisor) {
        high = new long[terms];
        low = new long[terms];
        for (int k = 0; k < terms; k++) {
            BigInteger c = BigInteger.ONE.shiftLeft(128).divide(divisor.apply(k));
            high[k] = c.shiftRight(64).longValue();
            low[k] = c.longValue();
        }
    }

    /** {@code n!} */
    static BigInteger factorial(int n) {
        BigInteger f = BigInteger.ONE;
        for (int i = 2; i <= n; i++) f = f.multiply(BigInteger.valueOf(i));
        return f;
    }

    /**
     * Sums the series at {@code |t| < 1}, by Horner's rule; {@code alternating} when the terms alternate in sign. Terms too small to count are
     * left out.
     */
    void sum(Quad t, boolean alternating) {
        int shift = -1 - t.exp;
        if (t.isZero() || shift >= 128) {
            sumHi = high[0];
            sumLo = low[0];
            return;
        }
        long tHi = shift >= 64 ? 0 : t.hi >>> shift, tLo = shift >= 64 ? t.hi >>> shift - 64 : shift == 0 ? t.lo : t.hi << 64 - shift | t.lo >>> shift;
        int last = Math.min(high.length - 1, 128 / (shift + 1) + 1);
        long h = high[last], l = low[last];
        for (int k = last - 1; k >= 0; k--) {
            long mh = Wide.mulHigh(tHi, tLo, h, l), ml = Wide.mulLow(tHi, tLo, h, l);
            if (alternating) {
                h = high[k] - mh - (Long.compareUnsigned(low[k], ml) < 0 ? 1 : 0);
                l = low[k] - ml;
            } else {
                l = low[k] + ml;
                h = high[k] + mh + (Long.compareUnsigned(l, ml) < 0 ? 1 : 0);
            }
        }
        sumHi = h;
        sumLo = l;
    }
}
