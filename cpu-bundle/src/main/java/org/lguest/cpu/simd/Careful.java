package org.lguest.cpu.simd;

import org.lguest.cpu.x87.Conversion;
import org.lguest.cpu.x87.SoftFloat;

/**
 * SSE arithmetic by the book: any rounding, denormals, infinities, NaNs, every exception.
 *
 * <p>The x87's arithmetic has 64 bits and a far wider exponent, so a result there, cut off with its lowest bit set when
 * something was cut, still knows enough to be rounded correctly to the narrow format (64 bits are more than two beyond 53).
 */
final class Careful {
    static final int ADD = 0, SUB = 1, MUL = 2, DIV = 3, SQRT = 4;
    static final int INDEFINITE_FLOAT = 0xFFC00000;

    /** x87 control word: 64 bits, everything masked, cut off. */
    private static final int CHOP = 0x0F7F;
    private static final int SIGN = 0x8000, DOWN = 1;
    private static final int BEFORE = SseUnit.IE | SseUnit.DE | SseUnit.ZE;

    /** Exceptions of the last operation. */
    int flags;
    private final SoftFloat sf = new SoftFloat();
    private final Conversion convert = new Conversion(sf);

    long doubles(int operation, long a, long b, int mxcsr) {
        long x = flushed(a, mxcsr);
        long y = flushed(b, mxcsr);
        flags = 0;
        if (isNaN(x)) return nan(x, y);
        if (isNaN(y)) return nan(y, x);
        sf.begin(CHOP);
        convert.fromDouble(y);
        int se = sf.se;
        long sig = sf.sig;
        convert.fromDouble(x);
        operate(operation, sf.se, sf.sig, se, sig, mxcsr);
        return stopped(mxcsr) ? 0 : flush(sf.sig, convert.toDouble(sf.se, sf.sig), 52, 63, mxcsr);
    }

    int floats(int operation, int a, int b, int mxcsr) {
        int x = flushed(a, mxcsr);
        int y = flushed(b, mxcsr);
        flags = 0;
        if (isNaN(x)) return nan(x, y);
        if (isNaN(y)) return nan(y, x);
        sf.begin(CHOP);
        convert.fromFloat(y);
        int se = sf.se;
        long sig = sf.sig;
        convert.fromFloat(x);
        operate(operation, sf.se, sf.sig, se, sig, mxcsr);
        return stopped(mxcsr) ? 0 : (int) flush(sf.sig, convert.toFloat(sf.se, sf.sig), 23, 31, mxcsr);
    }

    private void operate(int operation, int ase, long as, int bse, long bs, int mxcsr) {
        switch (operation) {
            case ADD -> sf.add(ase, as, bse, bs);
            case SUB -> sf.sub(ase, as, bse, bs);
            case MUL -> sf.mul(ase, as, bse, bs);
            case DIV -> sf.div(ase, as, bse, bs);
            default -> sf.sqrt(ase, as);
        }
        boolean differ = ((ase ^ bse) & SIGN) != 0;
        if (sf.sig == 0 && operation <= SUB && differ == (operation == ADD) && (mxcsr >>> SseUnit.ROUNDING & 3) == DOWN) sf.se = SIGN; // x - x
    }

    /** Takes over the exceptions of the operands; true when one of them is unmasked. Else prepares for the final rounding. */
    private boolean stopped(int mxcsr) {
        flags = sf.flags & BEFORE;
        if ((flags & ~(mxcsr >>> SseUnit.MASKS)) != 0) return true;
        if ((sf.flags & SseUnit.PE) != 0) sf.sig |= 1;
        int rounding = mxcsr >>> SseUnit.ROUNDING & 3;
        sf.control = 0x300 | mxcsr >>> SseUnit.MASKS & SseUnit.EXCEPTIONS | rounding << 10;
        sf.flags = 0;
        return false;
    }

    /**
     * After the final rounding: its exceptions, and FTZ.
     *
     * @param exact the significand before
     */
    private long flush(long exact, long bits, int fraction, int sign, int mxcsr) {
        flags |= sf.flags & (SseUnit.OE | SseUnit.UE | SseUnit.PE);
        boolean refused = (flags & (SseUnit.OE | SseUnit.UE) & ~(mxcsr >>> SseUnit.MASKS)) != 0;
        if (refused && exact << fraction + 1 != 0) flags |= SseUnit.PE; // as if exponents had no end
        long magnitude = bits & (1L << sign) - 1;
        boolean tiny = (flags & SseUnit.UE) != 0 || magnitude != 0 && magnitude >>> fraction == 0;
        if (!tiny || (mxcsr & SseUnit.FTZ) == 0 || (mxcsr >>> SseUnit.MASKS & SseUnit.UE) == 0) return bits;
        flags |= SseUnit.UE | SseUnit.PE;
        return bits & 1L << sign;
    }

    long widen(int v, int mxcsr) {
        int x = flushed(v, mxcsr);
        flags = 0;
        if (isNaN(x)) {
            raiseIfSignals(x);
            return (x & 0x80000000L) << 32 | 0x7FF8L << 48 | (x & 0x3FFFFFL) << 29;
        }
        if ((x & 0x7F800000) == 0 && x << 1 != 0) flags = SseUnit.DE;
        return Double.doubleToRawLongBits(Float.intBitsToFloat(x));
    }

    int narrow(long v, int mxcsr) {
        long x = flushed(v, mxcsr);
        flags = 0;
        if (isNaN(x)) {
            raiseIfSignals(x);
            return (int) (x >>> 32) & 0x80000000 | 0x7FC00000 | (int) (x >>> 29) & 0x3FFFFF;
        }
        sf.begin(CHOP);
        convert.fromDouble(x);
        sf.flags = sf.loadedDenormal;
        return stopped(mxcsr) ? 0 : (int) flush(sf.sig, convert.toFloat(sf.se, sf.sig), 23, 31, mxcsr);
    }

    // --- NaNs: the first operand that is one, made quiet -------------------------------------------------------------

    private static boolean isNaN(long v) { return (v & Long.MAX_VALUE) > 0x7FFL << 52; }

    private static boolean isNaN(int v) { return (v & 0x7FFFFFFF) > 0x7F800000; }

    private long nan(long chosen, long other) {
        raiseIfSignals(chosen);
        if (isNaN(other)) raiseIfSignals(other);
        return chosen | 1L << 51;
    }

    private int nan(int chosen, int other) {
        raiseIfSignals(chosen);
        if (isNaN(other)) raiseIfSignals(other);
        return chosen | 1 << 22;
    }

    private void raiseIfSignals(long v) { if ((v & 1L << 51) == 0) flags |= SseUnit.IE; }

    private void raiseIfSignals(int v) { if ((v & 1 << 22) == 0) flags |= SseUnit.IE; }

    private static long flushed(long v, int mxcsr) {
        return (mxcsr & SseUnit.DAZ) != 0 && (v & 0x7FFL << 52) == 0 ? v & 1L << 63 : v;
    }

    private static int flushed(int v, int mxcsr) { return (mxcsr & SseUnit.DAZ) != 0 && (v & 0x7F800000) == 0 ? v & 0x80000000 : v; }
}
