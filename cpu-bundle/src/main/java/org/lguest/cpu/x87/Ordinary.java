package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/**
 * M:157 What the unit does most of the time, without detours: numbers are normal or zero, stay so, are rounded to nearest, and nobody wants to
 * hear that a result is not exact. Generated code calls these methods one by one, so they are short, keep everything in variables, and avoid branches
 * that a processor cannot foresee.
 *
 * <p>A method that answers false has changed nothing, and {@link X87} has to do the instruction. One that answers true has done what X87 would have
 * done, to the last bit of the status word. No exception is pending when any is called.
 *
 * <p>Operands are given as in {@link Float80}. What is not ordinary, an empty register included, has the exponent of infinities.
 */
public final class Ordinary {
    /** Control word: rounding and the mask of PE; what these are when results need no further thought; precision of 64 bits, or of 53. */
    private static final int CHOICES = 3 << 10 | PE, USUAL = PE, WHOLE = 1 << 8, DOUBLE = 1 << 9;
    /** Bits that precision control takes off a significand. */
    private static final int DROP_TO_DOUBLE = 11, DROP_TO_FLOAT = 40;
    private static final int CONTROL_BITS = 0x1F3F, CONTROL_SET = 0x40, TOP = 7 << 11;
    /** How numbers compare that are not ordinary. */
    public static final int UNKNOWN = 2;
    /** Format of a float, and of a double: bits of the fraction, exponent of 1, and the largest that no rounding takes to infinity. */
    private static final int FLOAT_BITS = 23, FLOAT_BIAS = 127, FLOAT_MOST = 253, DOUBLE_BITS = 52, DOUBLE_BIAS = 1023, DOUBLE_MOST = 2045;

    private Ordinary() { }

    // ---- operands ----

    private static int at(FpuState f, int i) { return (f.status >>> 11) + i & 7; }

    private static boolean full(FpuState f, int register) { return (f.tag >>> 2 * register & 3) != 3; }

    /** Sign and exponent of ST(i). */
    public static int exponent(FpuState f, int i) {
        int r = at(f, i);
        return full(f, r) ? f.signExponent[r] : MAX;
    }

    /** Significand of ST(i). */
    public static long significand(FpuState f, int i) { return f.significand[at(f, i)]; }

    /** Sign and exponent of a double. */
    public static int exponent(long bits) {
        int exp = (int) (bits >>> DOUBLE_BITS) & 0x7FF;
        int sign = (int) (bits >>> 48) & SIGN;
        if (exp == 0 || exp == 0x7FF) return bits << 1 == 0 ? sign : MAX;
        return sign | exp + (BIAS - DOUBLE_BIAS);
    }

    /** Significand of a double. */
    public static long significand(long bits) { return bits << 1 == 0 ? 0 : INTEGER | bits << 11; }

    /** Sign and exponent of a float. */
    public static int exponent(int bits) {
        int exp = bits >>> FLOAT_BITS & 0xFF;
        int sign = bits >>> 16 & SIGN;
        if (exp == 0 || exp == 0xFF) return bits << 1 == 0 ? sign : MAX;
        return sign | exp + (BIAS - FLOAT_BIAS);
    }

    /** Significand of a float. */
    public static long significand(int bits) { return bits << 1 == 0 ? 0 : INTEGER | (long) bits << 40; }

    /** Sign and exponent of a whole number. */
    public static int exponentOfWhole(long n) {
        return n == 0 ? 0 : (int) (n >>> 48) & SIGN | BIAS + 63 - Long.numberOfLeadingZeros(Math.abs(n));
    }

    /** Significand of a whole number. */
    public static long significandOfWhole(long n) {
        long size = Math.abs(n);
        return size << Long.numberOfLeadingZeros(size);
    }

    /** Not an infinity, no NaN, and no denormal. */
    private static boolean usual(int se) { return (se + 1 & MAX) > 1; }

    private static boolean usual(FpuState f, int ase, long as, int bse, long bs) {
        return (as & bs) < 0 && usual(ase) && usual(bse) && (f.control & CHOICES) == USUAL;
    }

    /** 0 for 0, else 1. */
    private static long any(long n) { return (n | -n) >>> 63; }

    // ---- arithmetic ----

    /**
     * {@code ST(to) = ST(0) op ST(i)}.
     *
     * @param op bits 3 to 5 of the ModRM byte: 0 FADD, 1 FMUL, 4 FSUB, 5 FSUBR, 6 FDIV, 7 FDIVR
     */
    public static boolean calculate(FpuState f, int op, int to, int i) { return calculate(f, op, to, exponent(f, i), significand(f, i)); }

    /**
     * {@code ST(to) = ST(0) op b}. This is so long (more than 325 bytes) that HotSpot does not take copies of it into generated code: it is compiled
     * once, and an instruction is a call. With copies, HotSpot's second compiler took seconds for a program of x87.
     */
    public static boolean calculate(FpuState f, int op, int to, int bse, long bs) {
        int ase = exponent(f, 0);
        long as = significand(f, 0);
        if (!usual(f, ase, as, bse, bs)) return zero(f, op, to, ase, as, bse, bs);
        int sign = (ase ^ bse) & SIGN, exp = ase & MAX, other = bse & MAX;
        long hi, lo;
        if (op == 1) {
            hi = Math.unsignedMultiplyHigh(as, bs);
            lo = as * bs;
            int shift = (int) (~hi >>> 63);
            hi = hi << shift | lo >>> 63 & shift;
            lo <<= shift;
            exp += other - BIAS + 1 - shift;
        } else if (op >= 6) {
            long n = op == 6 ? as : bs, d = op == 6 ? bs : as;
            int shift = (int) (~(n - d) >>> 63); // 1 when n >= d, since both have bit 63 set
            lo = n << 63 & -(long) shift;
            hi = Wide.divide(n >>> shift, lo, d);
            lo = tail(Wide.remainder(lo, d, hi), d);
            exp = (op == 6 ? exp - other : other - exp) + BIAS - 1 + shift;
        } else {
            int minus = op == 0 ? 0 : SIGN, away = exp - other;
            boolean less = away < 0 || away == 0 && as < bs; // both have bit 63 set
            long large = less ? bs : as, small = less ? as : bs;
            exp = less ? other : exp;
            away = less ? -away : away;
            if (away > 63) return false;
            hi = small >>> away;
            lo = small << 1 << 63 - away;
            boolean opposite = sign != minus;
            sign = (less ? bse ^ (op == 4 ? SIGN : 0) : ase ^ (op == 5 ? SIGN : 0)) & SIGN;
            if (opposite) {
                hi = large - hi - any(lo);
                lo = -lo;
                if (hi == 0) return lo == 0 && store(f, to, 0, 0, 0);
                int shift = Long.numberOfLeadingZeros(hi);
                hi = hi << shift | lo >>> 1 >>> 63 - shift;
                lo <<= shift;
                exp -= shift;
            } else {
                long sum = large + hi, carry = (hi | ~sum) >>> 63;
                hi = sum >>> carry | carry << 63;
                lo = sum << 63 & -carry | lo >>> carry; // lo is even
                exp += (int) carry;
            }
        }
        return exp > 0 && exp < MAX - 1 && round(f, to, sign | exp, hi, lo);
    }

    /** An operand is zero, and the result is what everybody expects. */
    private static boolean zero(FpuState f, int op, int to, int ase, long as, int bse, long bs) {
        if (!comparable(ase, as) || !comparable(bse, bs) || (as & bs) != 0 || (f.control & (CHOICES | WHOLE)) != (USUAL | WHOLE)) return false;
        int sign = (ase ^ bse) & SIGN, a = ase ^ (op == 5 ? SIGN : 0), b = bse ^ (op == 4 ? SIGN : 0);
        return switch (op) {
            case 1 -> store(f, to, sign, 0, 0);
            case 6 -> bs != 0 && store(f, to, sign, 0, 0);
            case 7 -> as != 0 && store(f, to, sign, 0, 0);
            default -> as != 0 ? store(f, to, a, as, 0) : bs != 0 ? store(f, to, b, bs, 0) : store(f, to, a & b, 0, 0);
        };
    }

    /** What a remainder is of its divisor: more than a half, or not, and the sticky bit. A half it cannot be: that quotient, of 65 bits, would be odd. */
    private static long tail(long r, long divisor) {
        long rest = divisor - r;
        return (~rest & r | ~(rest ^ r) & rest - r) & INTEGER | any(r);
    }

    /** As {@link SoftFloat#round}, to nearest, of what will be a normal number. */
    private static boolean round(FpuState f, int to, int se, long hi, long lo) {
        int drop = 0;
        if ((f.control & WHOLE) == 0) {
            drop = (f.control & DOUBLE) != 0 ? DROP_TO_DOUBLE : DROP_TO_FLOAT;
            lo = hi << -drop | any(lo);
            hi = hi >>> drop << drop;
        }
        long up = lo >>> 63 & (any(lo << 1) | hi >>> drop);
        hi += (up & 1) << drop;
        if (hi == 0) { // all ones became one more
            hi = INTEGER;
            se++;
        }
        return store(f, to, se, hi, (int) (any(lo) << 5 | (up & 1) << 9));
    }

    private static boolean store(FpuState f, int to, int se, long sig, int flags) {
        int r = at(f, to);
        f.signExponent[r] = se;
        f.significand[r] = sig;
        f.status = f.status & ~C1 | flags;
        return true;
    }

    // ---- the stack ----

    /** FLD. */
    public static boolean push(FpuState f, int se, long sig) {
        int r = at(f, 7);
        if ((se & MAX) == MAX || full(f, r)) return false;
        f.signExponent[r] = se;
        f.significand[r] = sig;
        f.tag &= ~(3 << 2 * r);
        f.status = f.status & ~(TOP | C1) | r << 11;
        return true;
    }

    /** Behind what was ordinary: what pops, pops. */
    public static void pop(FpuState f) {
        int r = at(f, 0);
        f.tag |= 3 << 2 * r;
        f.status = f.status & ~TOP | (r + 1 & 7) << 11;
    }

    /** FXCH. */
    public static boolean exchange(FpuState f, int i) {
        int a = at(f, 0), b = at(f, i);
        if (!full(f, a) || !full(f, b)) return false;
        f.exchange(a, b);
        f.status &= ~C1;
        return true;
    }

    /** FST ST(i). */
    public static boolean copy(FpuState f, int i) {
        int a = at(f, 0), b = at(f, i);
        if (!full(f, a)) return false;
        f.tag &= ~(3 << 2 * b);
        f.signExponent[b] = f.signExponent[a];
        f.significand[b] = f.significand[a];
        f.status &= ~C1;
        return true;
    }

    /** FCHS and FABS. */
    public static boolean sign(FpuState f, int and, int xor) {
        int a = at(f, 0);
        if (!full(f, a)) return false;
        f.signExponent[a] = f.signExponent[a] & and ^ xor;
        f.status &= ~C1;
        return true;
    }

    /** FLDCW; reserved bits keep their reset values. Not when an exception would be pending then. */
    public static boolean control(FpuState f, int word) {
        if ((f.status & ~word & EXCEPTIONS) != 0) return false;
        f.control = word & CONTROL_BITS | CONTROL_SET;
        return true;
    }

    // ---- comparisons ----

    /** FCOM and FUCOM. */
    public static boolean compare(FpuState f, int se, long sig) {
        int order = order(exponent(f, 0), significand(f, 0), se, sig);
        if (order == UNKNOWN) return false;
        f.status = f.status & ~(C0 | C1 | C2 | C3) | (order < 0 ? C0 : order == 0 ? C3 : 0);
        return true;
    }

    /** FCOMI and FUCOMI: negative, 0 or positive, or {@link #UNKNOWN}. */
    public static int compare(FpuState f, int i) {
        int order = order(exponent(f, 0), significand(f, 0), exponent(f, i), significand(f, i));
        if (order != UNKNOWN) f.status &= ~C1;
        return order;
    }

    private static int order(int ase, long as, int bse, long bs) {
        if (!comparable(ase, as) || !comparable(bse, bs)) return UNKNOWN;
        if ((as | bs) == 0) return 0;
        int sign = (short) ase >> 15 | 1;
        if (((ase ^ bse) & SIGN) != 0) return sign;
        return ase != bse ? sign * Integer.compare(ase, bse) : sign * Long.compareUnsigned(as, bs);
    }

    private static boolean comparable(int se, long sig) { return sig < 0 && usual(se) || isZero(se, sig); }

    // ---- stores: asked first, done then ----

    /** Whether ST(0) becomes an ordinary double. */
    public static boolean isDouble(FpuState f) { return narrows(f, BIAS - DOUBLE_BIAS, DOUBLE_MOST); }

    /** Whether ST(0) becomes an ordinary float. */
    public static boolean isFloat(FpuState f) { return narrows(f, BIAS - FLOAT_BIAS, FLOAT_MOST); }

    private static boolean narrows(FpuState f, int less, int most) {
        int se = exponent(f, 0), exp = (se & MAX) - less;
        long sig = significand(f, 0);
        return (f.control & CHOICES) == USUAL && (sig < 0 && exp > 0 && exp <= most || isZero(se, sig));
    }

    /** FST of a double, when {@link #isDouble}. */
    public static long toDouble(FpuState f) {
        int se = exponent(f, 0);
        return narrow(f, 63 - DOUBLE_BITS, (long) (se & MAX) - (BIAS - DOUBLE_BIAS) - 1) | (long) (se >>> 15) << 63;
    }

    /** FST of a float, when {@link #isFloat}. */
    public static int toFloat(FpuState f) {
        int se = exponent(f, 0);
        return (int) narrow(f, 63 - FLOAT_BITS, (long) (se & MAX) - (BIAS - FLOAT_BIAS) - 1) | se >>> 15 << 31;
    }

    /** Without the sign. The integer bit adds 1 to the exponent, and rounding may add another. */
    private static long narrow(FpuState f, int drop, long exp) {
        long sig = significand(f, 0), kept = sig >>> drop, rest = sig << -drop;
        long up = rest >>> 63 & (any(rest << 1) | kept);
        f.status = f.status & ~C1 | (int) (any(rest) << 5 | up << 9);
        return sig == 0 ? 0 : (exp << 63 - drop) + kept + up;
    }

    /** Whether ST(0) becomes a whole number of so many bits, rounded to nearest or to zero. */
    public static boolean isWhole(FpuState f, int bits) {
        int se = exponent(f, 0), choices = f.control & CHOICES;
        return comparable(se, significand(f, 0)) && (se & MAX) < BIAS + bits - 1 && (choices == USUAL || choices == (USUAL | CHOP << 10))
            && wholePart(f) + (int) up(f) >>> bits - 1 == 0;
    }

    /** FIST, when {@link #isWhole}. */
    public static long toWhole(FpuState f) {
        long up = up(f), size = wholePart(f) + up;
        int sign = exponent(f, 0) << 16 >> 31;
        f.status = f.status & ~C1 | (int) (any(fraction(f)) << 5 | up << 9);
        return (size ^ sign) - sign;
    }

    /** Places of ST(0) behind the point; of a number below 1/2, 65. */
    private static int places(FpuState f) { return Math.min(BIAS + 63 - (exponent(f, 0) & MAX), 65); }

    private static long wholePart(FpuState f) {
        int places = places(f);
        return places > 63 ? 0 : significand(f, 0) >>> places;
    }

    /** What is behind the point: bit 63 is worth 1/2, and the lowest bit is sticky. */
    private static long fraction(FpuState f) {
        long sig = significand(f, 0);
        int places = places(f);
        return places > 64 ? any(sig) : sig << -places;
    }

    /** Whether rounding makes the whole part of ST(0) larger by one. */
    private static long up(FpuState f) {
        long rest = fraction(f);
        return (f.control & CHOP << 10) != 0 ? 0 : rest >>> 63 & (any(rest << 1) | wholePart(f));
    }
}
