package org.lguest.cpu.simd;

import org.lguest.api.state.XmmState;

/**
 * M:170 Floating point of SSE and SSE2: floats and doubles as bits, rounding and exceptions by MXCSR (Intel SDM volume 1,
 * sections 10.2.3, 11.5).
 *
 * <p>HotSpot's own arithmetic is IEEE 754's, so nearly every result is computed by one Java operator. What Java does not
 * tell is whether the result was rounded, and it knows one way of rounding only. So an operation is done twice over only
 * when it must be: as long as operands and result are ordinary numbers and rounding is to nearest, the one exception that
 * can have happened is "inexact", and that is found out by an exact test that costs a few operations; everything else goes
 * to {@link Careful}.
 *
 * <p>A use: {@link #begin}, operations on all lanes, {@link #settle}. Belongs to one vCPU thread.
 */
public final class SseUnit {
    /** Exceptions as in MXCSR: invalid, denormal operand, division by zero, overflow, underflow, inexact. */
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 0x10, PE = 0x20, EXCEPTIONS = 0x3F;
    /** MXCSR: denormal operands are zeros; where the masks begin; rounding control; tiny results are zeros. */
    static final int DAZ = 0x40, MASKS = 7, ROUNDING = 13, FTZ = 0x8000;

    private static final int KNOWN = PE << MASKS | PE;
    private static final long MIN_NORMAL = 1L << 52, INFINITY = 0x7FFL << 52, SIGN = 1L << 63;
    private static final int MIN_NORMAL_F = 1 << 23, INFINITY_F = 0xFF << 23, SIGN_F = 1 << 31;

    private final XmmState state;
    private final Careful careful = new Careful();
    /** Exceptions since {@link #begin}. */
    private int flags;
    private boolean nearest;

    /** A unit that works with the given MXCSR. */
    public SseUnit(XmmState state) { this.state = state; }

    /** Before an instruction's first operation. */
    public void begin() {
        flags = 0;
        nearest = (state.mxcsr >>> ROUNDING & 3) == 0;
    }

    /**
     * After its last one: exceptions are added to MXCSR.
     *
     * @return whether all of them are masked; else #XM is due and the destination is not written
     */
    public boolean settle() {
        int unmasked = flags & ~(state.mxcsr >>> MASKS);
        // what is found before the work is done keeps it from being done: no lane has a result then that could raise more
        if ((unmasked & (IE | DE | ZE)) != 0) flags &= IE | DE | ZE;
        state.mxcsr |= flags;
        return unmasked == 0;
    }

    /** An operation on two doubles: the destination's old value and the source, as bits. */
    public interface OnDoubles {
        /** The result's bits. */
        long of(SseUnit u, long a, long b);
    }

    /** An operation on two floats. */
    public interface OnFloats {
        /** The result's bits. */
        int of(SseUnit u, int a, int b);
    }

    // --- which numbers are ordinary ---------------------------------------------------------------------------------

    /** A normal number. */
    private static boolean normal(long bits) { return (bits & ~SIGN) - MIN_NORMAL >= 0 && (bits & ~SIGN) < INFINITY; }

    private static boolean normal(int bits) { return (bits & ~SIGN_F) - MIN_NORMAL_F >= 0 && (bits & ~SIGN_F) < INFINITY_F; }

    private static boolean normalOrZero(long bits) { return normal(bits) || bits << 1 == 0; }

    private static boolean normalOrZero(int bits) { return normal(bits) || bits << 1 == 0; }

    /** A normal number that is not the smallest: rounding cannot have lifted it there. */
    private static boolean safe(long bits) { return (bits & ~SIGN) - 2 * MIN_NORMAL >= 0 && (bits & ~SIGN) < INFINITY; }

    private static boolean safe(int bits) { return (bits & ~SIGN_F) - 2 * MIN_NORMAL_F >= 0 && (bits & ~SIGN_F) < INFINITY_F; }

    /** Whether one more inexact result changes nothing: it was noted before, and is masked. */
    private boolean known() { return (flags & PE) != 0 || (state.mxcsr & KNOWN) == KNOWN; }

    private void inexactUnless(boolean exact) { if (!exact) flags |= PE; }

    // --- doubles ----------------------------------------------------------------------------------------------------

    /** ADDPD and ADDSD. */
    public long add(long a, long b) {
        if (nearest && normalOrZero(a) && normalOrZero(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double r = x + y;
            long bits = Double.doubleToRawLongBits(r);
            if (safe(bits) || r == 0) {
                if (!known()) inexactUnless(sumIsExact(x, y, r));
                return bits;
            }
        }
        return precise(Careful.ADD, a, b);
    }

    /** Knuth's two-sum: the rounding error of a sum is a number, and these six operations find it. Operands and result are ordinary. */
    public static boolean sumIsExact(double x, double y, double r) {
        double part = r - x;
        return x - (r - part) + (y - part) == 0;
    }

    /** SUBPD and SUBSD. */
    public long sub(long a, long b) {
        if (nearest && normalOrZero(a) && normalOrZero(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            double r = x - y;
            long bits = Double.doubleToRawLongBits(r);
            if (safe(bits) || r == 0) {
                if (!known()) inexactUnless(sumIsExact(x, -y, r));
                return bits;
            }
        }
        return precise(Careful.SUB, a, b);
    }

    /** MULPD and MULSD. */
    public long mul(long a, long b) {
        if (nearest && normal(a) && normal(b)) {
            long bits = Double.doubleToRawLongBits(Double.longBitsToDouble(a) * Double.longBitsToDouble(b));
            if (safe(bits)) {
                if (known()) return bits;
                int zeros = zeros(a) + zeros(b); // of a product of 105 or 106 bits
                if (zeros != 52) {
                    inexactUnless(zeros > 52);
                    return bits;
                }
            }
        }
        return precise(Careful.MUL, a, b);
    }

    /** How many low bits of the significand of an ordinary double are zero. */
    public static int zeros(long bits) { return Long.numberOfTrailingZeros(bits | MIN_NORMAL); }

    /** DIVPD and DIVSD. */
    public long div(long a, long b) {
        if (nearest && normal(a) && normal(b)) {
            double q = Double.longBitsToDouble(a) / Double.longBitsToDouble(b);
            long bits = Double.doubleToRawLongBits(q);
            if (safe(bits)) {
                if (known()) return bits;
                int zeros = zeros(bits) + zeros(b); // exact when quotient times divisor is the dividend, and has 53 bits
                if (zeros != 52) {
                    inexactUnless(zeros > 52 && q * Double.longBitsToDouble(b) == Double.longBitsToDouble(a));
                    return bits;
                }
            }
        }
        return precise(Careful.DIV, a, b);
    }

    /** SQRTPD and SQRTSD of {@code b}. */
    public long sqrt(long a, long b) {
        if (nearest && normal(b) && b > 0) {
            double root = Math.sqrt(Double.longBitsToDouble(b));
            long bits = Double.doubleToRawLongBits(root);
            if (known()) return bits;
            int zeros = 2 * zeros(bits);
            if (zeros != 52) {
                inexactUnless(zeros > 52 && root * root == Double.longBitsToDouble(b));
                return bits;
            }
        }
        return precise(Careful.SQRT, b, b);
    }

    private long precise(int operation, long a, long b) {
        long r = careful.doubles(operation, a, b, state.mxcsr);
        flags |= careful.flags;
        return r;
    }

    /** MINPD and MINSD: the source if one is a NaN, or both are zeros. */
    public long min(long a, long b) {
        a = operand(a);
        b = operand(b);
        return ordered(a, b, true) && Double.longBitsToDouble(a) < Double.longBitsToDouble(b) ? a : b;
    }

    /** MAXPD and MAXSD, likewise. */
    public long max(long a, long b) {
        a = operand(a);
        b = operand(b);
        return ordered(a, b, true) && Double.longBitsToDouble(a) > Double.longBitsToDouble(b) ? a : b;
    }

    /** CMPPD and CMPSD: all ones or nothing. */
    public long compare(long a, long b, int predicate) {
        a = operand(a);
        b = operand(b);
        boolean ordered = ordered(a, b, (predicate & 3) == 1 || (predicate & 3) == 2);
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        boolean yes = switch (predicate & 3) {
            case 0 -> x == y;
            case 1 -> x < y;
            case 2 -> x <= y;
            default -> !ordered;
        };
        return yes == ((predicate & 4) == 0) ? -1 : 0;
    }

    /**
     * COMISD and UCOMISD.
     *
     * @param signal a quiet NaN is invalid too
     * @return -1, 0, 1 for less, equal, greater, 2 when unordered
     */
    public int order(long a, long b, boolean signal) {
        a = operand(a);
        b = operand(b);
        if (!ordered(a, b, signal)) return 2;
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    /** A denormal is a zero with DAZ. */
    private long operand(long v) { return (state.mxcsr & DAZ) != 0 && (v & ~SIGN) < MIN_NORMAL ? v & SIGN : v; }

    /** Whether two doubles have an order; raises what a comparison raises. */
    private boolean ordered(long a, long b, boolean quietToo) {
        boolean an = (a & ~SIGN) > INFINITY;
        boolean bn = (b & ~SIGN) > INFINITY;
        if (an || bn) {
            if (quietToo || an && (a & 1L << 51) == 0 || bn && (b & 1L << 51) == 0) flags |= IE;
            return false;
        }
        if (denormal(a) || denormal(b)) flags |= DE;
        return true;
    }

    private static boolean denormal(long v) { return (v & INFINITY) == 0 && v << 1 != 0; }

    // --- floats: computed in double, which is exact for a product and wide enough for all to be rounded once ---------------

    /** ADDPS and ADDSS. */
    public int add(int a, int b) {
        if (nearest && normalOrZero(a) && normalOrZero(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            float r = x + y;
            int bits = Float.floatToRawIntBits(r);
            if (safe(bits) || r == 0) {
                if (!known()) inexactUnless(sumIsExact(x, y, r));
                return bits;
            }
        }
        return precise(Careful.ADD, a, b);
    }

    private static boolean sumIsExact(float x, float y, float r) {
        float part = r - x;
        return x - (r - part) + (y - part) == 0;
    }

    /** SUBPS and SUBSS. */
    public int sub(int a, int b) {
        if (nearest && normalOrZero(a) && normalOrZero(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            float r = x - y;
            int bits = Float.floatToRawIntBits(r);
            if (safe(bits) || r == 0) {
                if (!known()) inexactUnless(sumIsExact(x, -y, r));
                return bits;
            }
        }
        return precise(Careful.SUB, a, b);
    }

    /** MULPS and MULSS. */
    public int mul(int a, int b) {
        if (nearest && normal(a) && normal(b)) {
            double product = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
            int bits = Float.floatToRawIntBits((float) product);
            if (safe(bits)) {
                inexactUnless((float) product == product);
                return bits;
            }
        }
        return precise(Careful.MUL, a, b);
    }

    /** DIVPS and DIVSS. */
    public int div(int a, int b) {
        if (nearest && normal(a) && normal(b)) {
            float q = Float.intBitsToFloat(a) / Float.intBitsToFloat(b);
            int bits = Float.floatToRawIntBits(q);
            if (safe(bits)) {
                inexactUnless((double) q * Float.intBitsToFloat(b) == Float.intBitsToFloat(a));
                return bits;
            }
        }
        return precise(Careful.DIV, a, b);
    }

    /** SQRTPS and SQRTSS of {@code b}. */
    public int sqrt(int a, int b) {
        if (nearest && normal(b) && b > 0) {
            float root = (float) Math.sqrt(Float.intBitsToFloat(b));
            inexactUnless((double) root * root == Float.intBitsToFloat(b));
            return Float.floatToRawIntBits(root);
        }
        return precise(Careful.SQRT, b, b);
    }

    private int precise(int operation, int a, int b) {
        int r = careful.floats(operation, a, b, state.mxcsr);
        flags |= careful.flags;
        return r;
    }

    /** MINPS and MINSS. */
    public int min(int a, int b) {
        a = operand(a);
        b = operand(b);
        return ordered(a, b, true) && Float.intBitsToFloat(a) < Float.intBitsToFloat(b) ? a : b;
    }

    /** MAXPS and MAXSS. */
    public int max(int a, int b) {
        a = operand(a);
        b = operand(b);
        return ordered(a, b, true) && Float.intBitsToFloat(a) > Float.intBitsToFloat(b) ? a : b;
    }

    /** CMPPS and CMPSS. */
    public int compare(int a, int b, int predicate) {
        a = operand(a);
        b = operand(b);
        boolean ordered = ordered(a, b, (predicate & 3) == 1 || (predicate & 3) == 2);
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        boolean yes = switch (predicate & 3) {
            case 0 -> x == y;
            case 1 -> x < y;
            case 2 -> x <= y;
            default -> !ordered;
        };
        return yes == ((predicate & 4) == 0) ? -1 : 0;
    }

    /** COMISS and UCOMISS; see the one for doubles. */
    public int order(int a, int b, boolean signal) {
        a = operand(a);
        b = operand(b);
        if (!ordered(a, b, signal)) return 2;
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    private int operand(int v) { return (state.mxcsr & DAZ) != 0 && (v & ~SIGN_F) < MIN_NORMAL_F ? v & SIGN_F : v; }

    private boolean ordered(int a, int b, boolean quietToo) {
        boolean an = (a & ~SIGN_F) > INFINITY_F;
        boolean bn = (b & ~SIGN_F) > INFINITY_F;
        if (an || bn) {
            if (quietToo || an && (a & 1 << 22) == 0 || bn && (b & 1 << 22) == 0) flags |= IE;
            return false;
        }
        if (denormal(a) || denormal(b)) flags |= DE;
        return true;
    }

    private static boolean denormal(int v) { return (v & INFINITY_F) == 0 && v << 1 != 0; }

    /**
     * RCPPS: the reciprocal of {@code b}. Silicon answers with 12 bits; the documented error allows for more, so it is the
     * nearest float. Denormals are zeros on both sides, and nothing is raised.
     */
    public int reciprocal(int a, int b) { return approximate(b, 1.0 / Float.intBitsToFloat(flushed(b))); }

    /** RSQRTPS: the reciprocal of the square root of {@code b}, likewise. */
    public int reciprocalRoot(int a, int b) {
        int v = flushed(b);
        if (v << 1 == 0) return v | INFINITY_F;
        return v < 0 && (v & ~SIGN_F) <= INFINITY_F ? Careful.INDEFINITE_FLOAT : approximate(b, 1.0 / Math.sqrt(Float.intBitsToFloat(v)));
    }

    private static int flushed(int v) { return (v & INFINITY_F) == 0 ? v & SIGN_F : v; }

    private static int approximate(int source, double result) {
        if ((source & ~SIGN_F) > INFINITY_F) return source | 1 << 22;
        return flushed(Float.floatToRawIntBits((float) result));
    }

    // --- conversions ------------------------------------------------------------------------------------------------

    /** CVTPS2PD and CVTSS2SD. */
    public long widen(int v) {
        if (normalOrZero(v)) return Double.doubleToRawLongBits(Float.intBitsToFloat(v));
        long r = careful.widen(v, state.mxcsr);
        flags |= careful.flags;
        return r;
    }

    /** CVTPD2PS and CVTSD2SS. */
    public int narrow(long v) {
        if (nearest && normal(v)) {
            double d = Double.longBitsToDouble(v);
            int bits = Float.floatToRawIntBits((float) d);
            if (safe(bits)) {
                inexactUnless((float) d == d);
                return bits;
            }
        }
        int r = careful.narrow(v, state.mxcsr);
        flags |= careful.flags;
        return r;
    }

    /** CVTSI2SS and CVTDQ2PS. */
    public int toFloat(int v) {
        if (nearest) {
            inexactUnless((double) (float) v == v);
            return Float.floatToRawIntBits((float) v);
        }
        return narrow(toDouble(v));
    }

    /** CVTSI2SD and CVTDQ2PD: exact. */
    public long toDouble(int v) { return Double.doubleToRawLongBits(v); }

    /**
     * CVTSD2SI and its kind.
     *
     * @param chop round towards zero, whatever MXCSR says
     */
    public int toInteger(long v, boolean chop) {
        double d = Double.longBitsToDouble(operand(v));
        double whole = chop || !nearest ? directed(d, chop) : Math.rint(d);
        if (!(whole >= Integer.MIN_VALUE && whole <= Integer.MAX_VALUE)) {
            flags |= IE;
            return Integer.MIN_VALUE;
        }
        inexactUnless(whole == d);
        return (int) whole;
    }

    private double directed(double d, boolean chop) {
        return switch (chop ? 3 : state.mxcsr >>> ROUNDING & 3) {
            case 1 -> Math.floor(d);
            case 2 -> Math.ceil(d);
            default -> d < 0 ? Math.ceil(d) : Math.floor(d);
        };
    }

    /** CVTSS2SI and its kind. */
    public int toInteger(int v, boolean chop) {
        return toInteger(Double.doubleToRawLongBits(Float.intBitsToFloat(operand(v))), chop);
    }
}
