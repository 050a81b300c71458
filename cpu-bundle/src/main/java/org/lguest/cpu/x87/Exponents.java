package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

/** FSCALE, FXTRACT, and the partial remainders of FPREM and FPREM1, on the {@link SoftFloat} it is given. */
final class Exponents {
    /** More than any exponent can be off. */
    private static final int FAR = 0x20000;

    private final SoftFloat sf;

    /** Quotient of the last remainder; only its low three bits are meant. */
    long quotient;
    /** Whether the last remainder is only a step on the way: C2. */
    boolean partial;
    /** Whether the last remainder has no quotient, as an operand was no number or the operation invalid. */
    boolean undefined;
    /** FXTRACT: the exponent as a number, beside the significand in {@link #sf}. */
    int exponentSe;
    long exponentSig;

    Exponents(SoftFloat sf) {
        this.sf = sf;
    }

    /** {@code a * 2^trunc(b)}. */
    void scale(int ase, long as, int bse, long bs) {
        if (sf.notNumbers(ase, as, bse, bs)) return;
        boolean aZero = isZero(ase, as), aInfinite = isInfinite(ase, as), grows = (bse & SIGN) == 0;
        if (isInfinite(bse, bs)) {
            if (grows ? aZero : aInfinite) {
                sf.invalid();
                return;
            }
            sf.denormal(ase, as);
            if (aZero || aInfinite) sf.set(ase, as);
            else if (grows) sf.set(ase & SIGN | MAX, INTEGER);
            else sf.set(ase & SIGN, 0);
            return;
        }
        sf.denormals(ase, as, bse, bs);
        if (aZero || aInfinite) {
            sf.set(ase, as);
            return;
        }
        int shift = Long.numberOfLeadingZeros(as);
        sf.roundFull(ase & SIGN, Math.max(ase & MAX, 1) - shift + truncate(bse, bs), as << shift, 0);
    }

    private static int truncate(int se, long sig) {
        int exp = (se & MAX) - BIAS;
        int n = exp < 0 ? 0 : exp > 16 ? FAR : (int) (sig >>> 63 - exp);
        return (se & SIGN) != 0 ? -n : n;
    }

    /** Splits a number into significand (magnitude 1 to 2) and exponent. */
    void extract(int se, long sig) {
        if (sf.oneNotNumber(se, sig)) {
            exponentSe = sf.se;
            exponentSig = sf.sig;
        } else if (isInfinite(se, sig)) {
            sf.set(se, sig);
            exponentSe = MAX;
            exponentSig = INTEGER;
        } else if (isZero(se, sig)) {
            sf.flags |= ZE;
            sf.set(se, sig);
            exponentSe = SIGN | MAX;
            exponentSig = INTEGER;
        } else {
            sf.denormal(se, sig);
            int shift = Long.numberOfLeadingZeros(sig);
            exponent(Math.max(se & MAX, 1) - shift - BIAS);
            sf.set(se & SIGN | BIAS, sig << shift);
        }
    }

    private void exponent(int e) {
        int magnitude = Math.abs(e), zeros = Long.numberOfLeadingZeros(magnitude);
        exponentSe = e == 0 ? 0 : (e < 0 ? SIGN : 0) | BIAS + 63 - zeros;
        exponentSig = e == 0 ? 0 : (long) magnitude << zeros;
    }

    /** FPREM, with the quotient rounded towards zero, or FPREM1, with the quotient rounded to the nearest integer. */
    void remainder(int ase, long as, int bse, long bs, boolean nearest) {
        quotient = 0;
        partial = false;
        undefined = true;
        if (sf.notNumbers(ase, as, bse, bs)) return;
        if (isInfinite(ase, as) || isZero(bse, bs)) {
            sf.invalid();
            return;
        }
        undefined = false;
        sf.denormals(ase, as, bse, bs);
        if (isZero(ase, as)) {
            sf.set(ase, as);
            return;
        }
        int aShift = Long.numberOfLeadingZeros(as), aExp = Math.max(ase & MAX, 1) - aShift;
        if (isInfinite(bse, bs)) {
            sf.roundFull(ase & SIGN, aExp, as << aShift, 0);
            return;
        }
        int bShift = Long.numberOfLeadingZeros(bs), bExp = Math.max(bse & MAX, 1) - bShift;
        finite(ase & SIGN, aExp, as << aShift, bExp, bs << bShift, nearest);
    }

    private void finite(int sign, int ae, long as, int be, long bs, boolean nearest) {
        int d = ae - be;
        if (d < 0) {
            if (!nearest || d < -1 || Long.compareUnsigned(as, bs) <= 0) {
                sf.roundFull(sign, ae, as, 0);
            } else { // between a half and one: nearest to one
                quotient = 1;
                pack(sign ^ SIGN, ae, (bs << 1) - as);
            }
            return;
        }
        int n = d;
        if (d >= 64) { // "an implementation-dependent number between 32 and 63"; this one leaves a multiple of 32
            n = d & 31 | 32;
            partial = true;
        }
        long lo = as << n;
        quotient = Wide.divide(n == 0 ? 0 : as >>> 64 - n, lo, bs);
        long r = Wide.remainder(lo, bs, quotient);
        if (nearest && !partial) {
            int half = Long.compareUnsigned(r, bs - r);
            if (half > 0 || half == 0 && (quotient & 1) != 0) {
                r = bs - r;
                sign ^= SIGN;
                quotient++;
            }
        }
        pack(sign, be + d - n, r);
    }

    private void pack(int sign, int exp, long r) {
        if (r == 0) {
            sf.set(sign, 0);
            return;
        }
        int shift = Long.numberOfLeadingZeros(r);
        sf.roundFull(sign, exp - shift, r << shift, 0);
    }
}
