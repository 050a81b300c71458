package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

/**
 * Between {@link Float80} and the formats of memory: float, double, integers, packed decimal (Intel SDM volume 1, section 4.2 and 8.2).
 * Works on the {@link SoftFloat} it is given: results in extended format and flags end up there.
 */
public final class Conversion {
    /** What a store of 18 decimal digits may not exceed. */
    private static final long DECIMAL_MAX = 999_999_999_999_999_999L;

    private final SoftFloat sf;

    /** Conversions that leave results and flags in {@code sf}. */
    public Conversion(SoftFloat sf) {
        this.sf = sf;
    }

    // ---- into extended format ----

    /** A float, NaNs as they are; a denormal sets {@link SoftFloat#loadedDenormal} and nothing else. */
    public void fromFloat(int bits) {
        int sign = bits >>> 16 & SIGN, exp = bits >>> 23 & 0xFF;
        long fraction = (long) bits << 41 >>> 1;
        if (exp != 0 && exp != 0xFF) sf.set(sign | exp + (BIAS - 127), INTEGER | fraction);
        else fromExtreme(sign, exp, fraction, BIAS - 127 + 1);
    }

    /** A double, likewise. */
    public void fromDouble(long bits) {
        int sign = (int) (bits >>> 48) & SIGN, exp = (int) (bits >>> 52) & 0x7FF;
        long fraction = bits << 12 >>> 1;
        if (exp != 0 && exp != 0x7FF) sf.set(sign | exp + (BIAS - 1023), INTEGER | fraction);
        else fromExtreme(sign, exp, fraction, BIAS - 1023 + 1);
    }

    private void fromExtreme(int sign, int exp, long fraction, int denormalExp) {
        if (exp != 0) {
            sf.set(sign | MAX, INTEGER | fraction);
        } else if (fraction == 0) {
            sf.set(sign, 0);
        } else {
            int shift = Long.numberOfLeadingZeros(fraction);
            sf.set(sign | denormalExp - shift, fraction << shift);
            sf.loadedDenormal = DE;
        }
    }

    /** Finishes a load of a float or double as an instruction of its own: DE for a denormal, IE and a quiet NaN for a signaling one. */
    void loaded() {
        sf.flags |= sf.loadedDenormal;
        sf.oneNotNumber(sf.se, sf.sig);
    }

    /** An integer; exact. */
    void fromLong(long value) {
        if (value == 0) {
            sf.set(0, 0);
            return;
        }
        long magnitude = Math.abs(value);
        int shift = Long.numberOfLeadingZeros(magnitude);
        sf.set((value < 0 ? SIGN : 0) | BIAS + 63 - shift, magnitude << shift);
    }

    /** Eighteen decimal digits, two a byte, the lowest byte first; bit 15 of {@code high} is the sign. Exact. */
    void fromDecimal(long low, int high) {
        long value = digits(high & 0xFF, 2);
        for (int shift = 56; shift >= 0; shift -= 8) value = value * 100 + digits((int) (low >>> shift) & 0xFF, 2);
        fromLong(value);
        sf.se |= high & SIGN;
    }

    private static long digits(int bcd, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) value = value * 10 + (bcd >>> 4 * i & 0xF);
        return value;
    }

    // ---- out of extended format ----

    /** Rounds to float and returns its 32 bits. With OE or UE in the flags and unmasked, nothing is to be stored. */
    public int toFloat(int se, long sig) {
        return (int) narrow(se, sig, 23, 0xFF);
    }

    /** Rounds to double. */
    public long toDouble(int se, long sig) {
        return narrow(se, sig, 52, 0x7FF);
    }

    private long narrow(int se, long sig, int fractionBits, int max) {
        int drop = 63 - fractionBits;
        long sign = (se & SIGN) == 0 ? 0 : (long) (max + 1) << fractionBits, infinity = (long) max << fractionBits;
        if (sig < 0 && (se & MAX) != MAX) {
            int exp = (se & MAX) - BIAS + (max >> 1);
            if (exp > 0 && exp < max) return sign | narrowNormal(se, sig, exp, drop, infinity);
            return sign | (exp > 0 ? narrowOverflow(se, infinity) : narrowTiny(se, sig, exp, drop));
        }
        if (sf.oneNotNumber(se, sig)) {
            sign = (sf.se & SIGN) == 0 ? 0 : (long) (max + 1) << fractionBits;
            return sign | infinity | (sf.sig & ~INTEGER) >>> drop;
        }
        if ((se & MAX) == MAX) return sign | infinity;
        return sig == 0 ? sign : sign | narrowTiny(se, sig, -MAX, drop);
    }

    private long narrowNormal(int se, long sig, int exp, int drop, long infinity) {
        long rest = sig << 64 - drop, kept = sig >>> drop;
        if (rest != 0) {
            if (sf.roundsUp(se & SIGN, kept, rest)) {
                sf.flags |= PE | C1;
                kept++;
            } else {
                sf.flags |= PE;
            }
        }
        long bits = ((long) exp - 1 << 63 - drop) + kept; // the integer bit, and a carry beyond it, add to the exponent
        if (bits < infinity) return bits;
        sf.flags &= ~(PE | C1);
        return narrowOverflow(se, infinity);
    }

    private long narrowOverflow(int se, long infinity) {
        sf.flags |= OE;
        if ((sf.control & OE) == 0) return 0;
        sf.flags |= PE;
        int mode = sf.rounding();
        if (mode != NEAREST && mode != ((se & SIGN) == 0 ? UP : DOWN)) return infinity - 1;
        sf.flags |= C1;
        return infinity;
    }

    private long narrowTiny(int se, long sig, int exp, int drop) {
        boolean tiny = true;
        if (exp == 0) { // with an unbounded exponent, rounding may reach the smallest normal number
            long kept = sig >>> drop, rest = sig << 64 - drop;
            tiny = rest == 0 || kept + 1 != 1L << 64 - drop || !sf.roundsUp(se & SIGN, kept, rest);
        }
        if (tiny && (sf.control & UE) == 0) {
            sf.flags |= UE;
            return 0;
        }
        int shift = drop + 1 - exp;
        long kept = shift < 64 ? sig >>> shift : 0;
        long rest = shift < 64 ? sig << 64 - shift : shift == 64 ? sig : 1;
        if (rest != 0) {
            sf.flags |= tiny ? UE | PE : PE;
            if (sf.roundsUp(se & SIGN, kept, rest)) {
                sf.flags |= C1;
                kept++;
            }
        }
        return kept;
    }

    /**
     * Rounds to a signed integer of {@code bits} bits by the given rounding mode. NaNs, infinities and what does not fit raise IE and give
     * the "integer indefinite", the most negative value.
     */
    long toInteger(int se, long sig, int bits, int mode) {
        long limit = 1L << bits - 1; // as a magnitude
        int shift = 63 - ((se & MAX) - BIAS);
        if (isUnsupported(se, sig) || shift < 0) return outOfRange(limit);
        long magnitude = toMagnitude(se, sig, shift, mode);
        boolean negative = (se & SIGN) != 0;
        if (Long.compareUnsigned(magnitude, negative ? limit : limit - 1) > 0) return outOfRange(limit);
        return negative ? -magnitude : magnitude;
    }

    private long outOfRange(long limit) {
        sf.flags = sf.flags & ~(PE | C1) | IE;
        return -limit;
    }

    private long toMagnitude(int se, long sig, int shift, int mode) {
        long kept = shift < 64 ? sig >>> shift : 0;
        long rest = shift == 0 || sig == 0 ? 0 : shift < 64 ? sig << 64 - shift : shift == 64 ? sig : 1;
        if (rest == 0) return kept;
        sf.flags |= PE;
        if (!SoftFloat.roundsUp(mode, se & SIGN, kept, rest)) return kept;
        sf.flags |= C1;
        return kept + 1;
    }

    /** Rounds to eighteen decimal digits; returns the low sixteen, leaves sign and high two in {@link #decimalHigh}. */
    long toDecimal(int se, long sig) {
        int shift = 63 - ((se & MAX) - BIAS);
        long magnitude = isUnsupported(se, sig) || shift < 0 ? -1 : toMagnitude(se, sig, shift, sf.rounding());
        if (Long.compareUnsigned(magnitude, DECIMAL_MAX) > 0) {
            sf.flags = sf.flags & ~(PE | C1) | IE;
            return indefiniteDecimal();
        }
        long low = 0;
        for (int i = 0; i < 64; i += 4) {
            low |= magnitude % 10 << i;
            magnitude /= 10;
        }
        decimalHigh = se & SIGN | (int) (magnitude / 10 << 4 | magnitude % 10);
        return low;
    }

    /** "Packed decimal indefinite": {@code FFFFC000000000000000}. */
    long indefiniteDecimal() {
        decimalHigh = 0xFFFF;
        return 0xC000000000000000L;
    }

    /** Bits 64 to 79 of the last decimal. */
    int decimalHigh;

    // ---- integers within the extended format ----

    /** FRNDINT: the nearest integer by the rounding mode. */
    void rint(int se, long sig) {
        if (sf.oneNotNumber(se, sig)) return;
        if (isZero(se, sig) || (se & MAX) >= BIAS + 63) {
            sf.set(se, sig);
            return;
        }
        sf.denormal(se, sig);
        int shift = 63 - ((se & MAX) - BIAS);
        long magnitude = toMagnitude(se, sig, shift, sf.rounding());
        if (magnitude == 0) {
            sf.set(se & SIGN, 0);
            return;
        }
        int zeros = Long.numberOfLeadingZeros(magnitude);
        sf.set(se & SIGN | BIAS + 63 - zeros, magnitude << zeros);
    }
}
