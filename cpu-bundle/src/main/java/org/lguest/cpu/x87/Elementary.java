package org.lguest.cpu.x87;

import java.math.BigInteger;

/**
 * Sine, cosine, tangent, arc tangent, {@code 2^x - 1} and the binary logarithm of finite numbers, to well over a hundred bits. Each method leaves its
 * result in {@link #result}. All are of the form {@code base + base * t * series(t)}, with an argument reduced by a table until the series is
 * short; the form keeps the result on the right side of the base even when the series is too small to be seen, which directed rounding
 * needs.
 *
 * <p>Trigonometric arguments are reduced by the unit's own pi, which has 66 bits (Intel SDM volume 1, section 8.3.8).
 */
final class Elementary {
    /** The unit's pi / 2 is this number of 66 bits, times 2^-65. */
    private static final long HALF_PI_HI = 3, HALF_PI_LO = 0x243F6A8885A308D3L;
    private static final int HALF_PI_SCALE = 65;

    /** Tables have a step of 1/32. */
    private static final int STEP = 5, STEPS = 1 << STEP;
    /** Bits of the fixed-point numbers that constants are computed with. */
    private static final int BITS = 192;
    private static final BigInteger ONE_FIXED = BigInteger.ONE.shiftLeft(BITS);

    private static final Quad[] ATAN = arcTangents();
    private static final Quad[] POWER = powers();
    private static final BigInteger LN2_FIXED = ln2();
    private static final Quad LN2 = new Quad(LN2_FIXED, BITS);
    private static final Quad TWO_LOG2_E = new Quad(ONE_FIXED.shiftLeft(BITS + 1).divide(LN2_FIXED), BITS);
    private static final Quad PI = new Quad().set(false, ATAN[STEPS].exp + 2, ATAN[STEPS].hi, ATAN[STEPS].lo);
    private static final Quad ONE = new Quad().setRatio(1, 0);
    /** The significand of the square root of two: what is beyond counts as a fraction of the next power of two in logarithms. */
    private static final long ROOT_TWO = 0xB504F333F9DE6484L;

    /** sin r = r - r t S(t), cos r = 1 - t C(t), atan r = r - r t A(t), atanh r = r + r t A(t) with t = r^2; e^r - 1 = r + r^2 E(r). */
    private final Series sine = new Series(16, k -> Series.factorial(2 * k + 3));
    private final Series cosine = new Series(17, k -> Series.factorial(2 * k + 2));
    private final Series arc = new Series(25, k -> BigInteger.valueOf(2 * k + 3));
    private final Series exponential = new Series(16, k -> Series.factorial(k + 2));

    final Quad result = new Quad();
    private final Quad r = new Quad(), t = new Quad(), u = new Quad(), v = new Quad(), m = new Quad();
    /** Quarter turns taken off by {@link #reduce}. */
    private int quadrant;

    // ---- constants ----

    private static BigInteger arcTangentOfReciprocal(BigInteger numerator, BigInteger denominator) {
        BigInteger power = ONE_FIXED.multiply(numerator).divide(denominator), sum = BigInteger.ZERO;
        BigInteger n2 = numerator.multiply(numerator), d2 = denominator.multiply(denominator);
        for (int k = 1; power.signum() != 0; k += 2) {
            BigInteger term = power.divide(BigInteger.valueOf(k));
            sum = (k & 2) == 0 ? sum.add(term) : sum.subtract(term);
            power = power.multiply(n2).divide(d2);
        }
        return sum;
    }

    /** atan(i / 32), each from the one before by the addition theorem. */
    private static Quad[] arcTangents() {
        var table = new Quad[STEPS + 1];
        BigInteger sum = BigInteger.ZERO, step = BigInteger.valueOf(STEPS);
        for (int i = 1; i <= STEPS; i++) {
            sum = sum.add(arcTangentOfReciprocal(step, BigInteger.valueOf(STEPS * STEPS + i * (i - 1))));
            table[i] = new Quad(sum, BITS);
        }
        return table;
    }

    /** 2^(i / 32), from the fifth square root of two. */
    private static Quad[] powers() {
        BigInteger root = ONE_FIXED.shiftLeft(1);
        for (int i = 0; i < STEP; i++) root = root.shiftLeft(BITS).sqrt();
        var table = new Quad[STEPS];
        BigInteger power = ONE_FIXED;
        for (int i = 0; i < STEPS; i++) {
            table[i] = new Quad(power, BITS);
            power = power.multiply(root).shiftRight(BITS);
        }
        return table;
    }

    /** ln 2 = 2 atanh(1/3). */
    private static BigInteger ln2() {
        BigInteger power = ONE_FIXED.shiftLeft(1).divide(BigInteger.valueOf(3)), sum = BigInteger.ZERO;
        for (int k = 1; power.signum() != 0; k += 2) {
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
            power = power.divide(BigInteger.valueOf(9));
        }
        return sum;
    }

    // ---- trigonometric functions; the argument is not zero and below 2^63 ----

    void sin(int se, long sig) {
        reduce(se, sig);
        trigonometric(quadrant);
        result.negative ^= (se & Float80.SIGN) != 0;
    }

    void cos(int se, long sig) {
        reduce(se, sig);
        trigonometric(quadrant + 1);
    }

    void tan(int se, long sig) {
        reduce(se, sig);
        if (quadrant == 0 && r.exp < -40) { // r + r^3 / 3
            arc.sum(t.set(false, 0, 0, 0), false);
            t.mul(r, r);
            stretch(arc, r, t, false);
        } else {
            trigonometric(quadrant + 1);
            v.set(result);
            trigonometric(quadrant);
            result.div(result, v);
        }
        result.negative ^= (se & Float80.SIGN) != 0;
    }

    /** The sine of {@link #r} plus some quarter turns. */
    private void trigonometric(int quarters) {
        t.mul(r, r);
        if ((quarters & 1) == 0) {
            sine.sum(t, true);
            stretch(sine, r, t, true);
        } else {
            cosine.sum(t, true);
            stretch(cosine, ONE, t, true);
        }
        result.negative ^= (quarters & 2) != 0;
    }

    /** Takes the magnitude modulo pi / 2: {@link #r} between -pi/4 and pi/4, {@link #quadrant} what was taken off. */
    private void reduce(int se, long sig) {
        r.set(se & Float80.MAX, sig);
        quadrant = 0;
        int shift = r.exp + HALF_PI_SCALE - 63;
        if (shift < 0) return;
        long hi = 0, lo = r.hi;
        for (; shift > 0; shift--) {
            hi = hi << 1 | lo >>> 63;
            lo <<= 1;
            quadrant <<= 1;
            if (Wide.compare(hi, lo, HALF_PI_HI, HALF_PI_LO) >= 0) {
                hi -= HALF_PI_HI + (Long.compareUnsigned(lo, HALF_PI_LO) < 0 ? 1 : 0);
                lo -= HALF_PI_LO;
                quadrant |= 1;
            }
        }
        boolean beyond = Wide.compare(hi << 1 | lo >>> 63, lo << 1, HALF_PI_HI, HALF_PI_LO) > 0;
        if (beyond) {
            hi = HALF_PI_HI - hi - (Long.compareUnsigned(HALF_PI_LO, lo) < 0 ? 1 : 0);
            lo = HALF_PI_LO - lo;
            quadrant++;
        }
        r.setFixed(beyond, hi, lo, HALF_PI_SCALE);
    }

    /** {@code result = base +- base * by * sum}. */
    private void stretch(Series series, Quad base, Quad by, boolean minus) {
        u.setFixed(false, series.sumHi, series.sumLo, 128);
        u.mul(u, by);
        u.mul(u, base);
        if (minus) result.sub(base, u);
        else result.add(base, u);
    }

    /** The angle of the point (x, y), both finite and not zero. */
    void atan2(int yse, long ys, int xse, long xs) {
        m.set(yse & Float80.MAX, ys);
        v.set(xse & Float80.MAX, xs);
        boolean steep = m.exp != v.exp ? m.exp > v.exp : Long.compareUnsigned(m.hi, v.hi) > 0;
        if (steep) m.div(v, m);
        else m.div(m, v);
        atan();
        boolean left = (xse & Float80.SIGN) != 0;
        if (steep) {
            if (!left) result.negate();
            half(PI);
            result.add(v, result);
        } else if (left) {
            result.sub(PI, result);
        }
        result.negative = (yse & Float80.SIGN) != 0;
    }

    /** Multiples of pi / 4. */
    void quarters(int n) {
        result.mul(PI, u.setRatio(n, 2));
    }

    private void half(Quad of) {
        v.set(of.negative, of.exp - 1, of.hi, of.lo);
    }

    /** The arc tangent of {@link #m}, from 0 to 1. */
    private void atan() {
        int i = nearestStep(m);
        if (i == 0) {
            r.set(m);
        } else { // atan m = atan c + atan((m - c) / (1 + m c))
            u.setRatio(i, STEP);
            r.sub(m, u);
            u.mul(u, m);
            u.add(u, ONE);
            r.div(r, u);
        }
        t.mul(r, r);
        arc.sum(t, true);
        stretch(arc, r, t, true);
        if (i != 0) result.add(result, ATAN[i]);
    }

    /** The number of steps of the table nearest to |x|, which is at most 1. */
    private static int nearestStep(Quad x) {
        if (x.exp < -STEP - 1) return 0;
        return (int) ((x.hi >>> 62 - STEP - x.exp) + 1 >>> 1);
    }

    // ---- exponential function and logarithm ----

    /** 2^x - 1 for |x| of 1 at most. */
    void exp2m1(int se, long sig) {
        m.set(se, sig);
        int i = nearestStep(m);
        r.setRatio(i, STEP);
        r.negative = m.negative;
        r.sub(m, r);
        r.mul(r, LN2);
        exponential.sum(r, r.negative);
        t.set(r);
        stretch(exponential, r, t, false);
        if (i == 0) return;
        int n = m.negative ? -i : i;
        Quad power = POWER[n & STEPS - 1];
        v.set(false, power.exp + (n >> STEP), power.hi, power.lo);
        result.mul(result, v);
        v.sub(v, ONE);
        result.add(result, v);
    }

    /** The logarithm of a positive number. */
    void log2(int se, long sig) {
        log2(m.set(se, sig));
    }

    /** The logarithm of 1 + x, for x above -1. */
    void log2p1(int se, long sig) {
        m.set(se, sig);
        if (m.exp < -2) { // x / (2 + x), without the loss of adding one first
            u.setRatio(2, 0);
            u.add(u, m);
            logarithm(r.div(m, u));
        } else {
            log2(m.add(m, ONE));
        }
    }

    private void log2(Quad x) {
        int e = x.exp;
        x.exp = 0;
        if (Long.compareUnsigned(x.hi, ROOT_TWO) > 0) {
            x.exp = -1;
            e++;
        }
        u.add(x, ONE);
        r.sub(x, ONE);
        r.div(r, u);
        logarithm(r);
        v.setRatio(e, 0);
        result.add(result, v);
    }

    /** 2 log2(e) atanh(s). */
    private void logarithm(Quad s) {
        t.mul(s, s);
        arc.sum(t, false);
        stretch(arc, s, t, false);
        result.mul(result, TWO_LOG2_E);
    }
}
