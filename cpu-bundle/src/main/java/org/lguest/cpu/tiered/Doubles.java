package org.lguest.cpu.tiered;

import org.lguest.cpu.interpreter.Leave;
import org.lguest.cpu.simd.SseUnit;

/**
 * Arithmetic of SSE2 on ordinary doubles, given and answered as bits (Intel SDM volume 1, sections 10.2.3 and 11.5). The JVM's
 * arithmetic is the processor's as long as rounding is to nearest, and neither operands nor result are at the edges of what a double can
 * be. Whatever is not so is left to the interpreter by {@link Leave}; also a result that is not exact, or may not be, until MXCSR tells
 * that there was one.
 */
public final class Doubles {
    /** MXCSR: the exception "inexact" was noted, and is masked; the bits that choose a way of rounding, and zeros for tiny numbers. */
    private static final int NOTED = 0x20 | 0x20 << 7, CHOICES = 3 << 13 | 0x8000 | 0x40;
    private static final long SIGN = 1L << 63, MIN_NORMAL = 1L << 52, INFINITY = 0x7FFL << 52;
    /** Bits of a significand behind its first. */
    private static final int BITS = 52;

    private Doubles() { }

    /** ADDSD. */
    public static long add(long a, long b, int mxcsr) { return sum(of(a, mxcsr), of(b, mxcsr), mxcsr); }

    /** SUBSD. */
    public static long sub(long a, long b, int mxcsr) { return sum(of(a, mxcsr), -of(b, mxcsr), mxcsr); }

    /** A sum that is 0 is exact. */
    private static long sum(double x, double y, int mxcsr) {
        double r = x + y;
        long bits = Double.doubleToRawLongBits(r);
        if (!safe(bits) && r != 0 || !noted(mxcsr) && !SseUnit.sumIsExact(x, y, r)) throw Leave.NOW;
        return bits;
    }

    /** MULSD. */
    public static long mul(long a, long b, int mxcsr) {
        long r = Double.doubleToRawLongBits(of(a, mxcsr) * of(b, mxcsr));
        if (a << 1 == 0 || b << 1 == 0) return r;
        if (!safe(r) || !noted(mxcsr) && SseUnit.zeros(a) + SseUnit.zeros(b) <= BITS) throw Leave.NOW;
        return r;
    }

    /** DIVSD. */
    public static long div(long a, long b, int mxcsr) {
        long r = Double.doubleToRawLongBits(of(a, mxcsr) / of(b, mxcsr));
        if (!safe(r) || !noted(mxcsr)) throw Leave.NOW;
        return r;
    }

    private static boolean noted(int mxcsr) { return (mxcsr & NOTED) == NOTED; }

    /** An operand: a normal number, or 0. */
    private static double of(long bits, int mxcsr) {
        long size = bits & ~SIGN;
        if ((mxcsr & CHOICES) != 0 || size - MIN_NORMAL < 0 && size != 0 || size >= INFINITY) throw Leave.NOW;
        return Double.longBitsToDouble(bits);
    }

    /** A result that rounding has not lifted from the tiny numbers, and no infinity. */
    private static boolean safe(long bits) {
        long size = bits & ~SIGN;
        return size >= 2 * MIN_NORMAL && size < INFINITY;
    }

    /** How two operands of COMISD or UCOMISD compare: negative, 0 or positive. */
    public static int compare(long a, long b, int mxcsr) {
        double x = of(a, mxcsr);
        double y = of(b, mxcsr);
        return x < y ? -1 : x == y ? 0 : 1;
    }

    /** CVTTSD2SI. */
    public static int toInt(long bits, int mxcsr) {
        double d = of(bits, mxcsr);
        int r = (int) d;
        if (!(d > -2147483649.0 && d < 2147483648.0) || !noted(mxcsr) && r != d) throw Leave.NOW;
        return r;
    }
}
