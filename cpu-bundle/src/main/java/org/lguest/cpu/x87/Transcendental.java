package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/**
 * FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1: operands, special cases (tables of the Intel SDM volume 2) and rounding. Results are
 * computed to some 125 bits and rounded from there to 64 by the mode of the control word, which makes them the true ones rounded, but for inputs built to
 * lie that close to a border; precision control does not apply. Results that happen to be
 * exact raise PE nevertheless, as on processors; zeros and infinities do not.
 */
final class Transcendental {
    private final Stack s;
    private final FpuState f;
    private final SoftFloat sf;
    /** Made when the first of these instructions comes: its tables take some milliseconds. */
    private Elementary elementary;
    private final Quad y = new Quad();

    Transcendental(Stack s) {
        this.s = s;
        f = s.f;
        sf = s.sf;
    }

    private Elementary elementary() {
        if (elementary == null) elementary = new Elementary();
        return elementary;
    }

    private void begin(int se, long sig) {
        sf.begin(f.control);
        sf.denormal(se, sig);
    }

    /** Rounds what {@link Elementary#result} holds; only inexact results may lie between two numbers whatever the bits say. */
    private void deliver(boolean exact) {
        Quad q = elementary.result;
        sf.roundFull(q.negative ? SIGN : 0, q.exp + BIAS, q.hi, exact ? q.lo : q.lo | 1);
        sf.flags |= sf.sig < 0 ? PE : PE | UE;
    }

    private boolean empty(int register) {
        if (!s.empty(register)) return false;
        if (s.underflow()) s.write(register);
        return true;
    }

    private void finish(int register) {
        if (s.commit(sf.flags)) s.write(register);
    }

    private void infinity(boolean negative) {
        sf.set(negative ? SIGN | MAX : MAX, INTEGER);
    }

    // ---- trigonometric functions of ST(0) ----

    /** Whether the argument is beyond the range of reduction: then C2 is set and nothing happens. */
    private boolean tooLarge(int se, long sig) {
        if (sig >= 0 || (se & MAX) < BIAS + 63 || (se & MAX) == MAX) return false;
        f.status = f.status & ~C1 | C2;
        return true;
    }

    /** NaNs, infinities, zero; true if there is a result, which for zero is {@code ofZero} with the sign of the argument. */
    private boolean special(int se, long sig, boolean cosine) {
        sf.begin(f.control);
        if (sf.oneNotNumber(se, sig)) return true;
        if (isInfinite(se, sig)) sf.invalid();
        else if (!isZero(se, sig)) return false;
        else if (cosine) sf.set(BIAS, INTEGER);
        else sf.set(se, sig);
        return true;
    }

    /** FSIN and FCOS. */
    void sine(boolean cosine) {
        int a = s.at(0), se = f.signExponent[a];
        long sig = f.significand[a];
        f.status &= ~C2;
        if (empty(a) || tooLarge(se, sig)) return;
        if (!special(se, sig, cosine)) {
            begin(se, sig);
            if (cosine) elementary().cos(se, sig);
            else elementary().sin(se, sig);
            deliver(false);
        }
        finish(a);
    }

    /** Whether the result of a function that pushes has no place; or no argument. */
    private boolean misplaced(int a) {
        boolean none = s.empty(a);
        if (!none && s.empty(s.at(7))) return false;
        if (none ? s.underflow() : s.overflown()) {
            s.write(a);
            s.push();
        }
        return true;
    }

    /** FSINCOS: ST(0) becomes the sine, the cosine is pushed. */
    void sineAndCosine() {
        int a = s.at(0), se = f.signExponent[a];
        long sig = f.significand[a];
        f.status &= ~C2;
        if (misplaced(a) || tooLarge(se, sig)) return;
        int sineSe;
        long sineSig;
        if (special(se, sig, false)) {
            sineSe = sf.se;
            sineSig = sf.sig;
            if (isZero(se, sig)) sf.set(BIAS, INTEGER);
        } else {
            begin(se, sig);
            elementary().sin(se, sig);
            deliver(false);
            sineSe = sf.se;
            sineSig = sf.sig;
            elementary.cos(se, sig);
            deliver(false);
        }
        if (!s.commit(sf.flags)) return;
        f.signExponent[a] = sineSe;
        f.significand[a] = sineSig;
        s.push();
    }

    /** FPTAN: ST(0) becomes the tangent, 1 is pushed. */
    void tangent() {
        int a = s.at(0), se = f.signExponent[a];
        long sig = f.significand[a];
        f.status &= ~C2;
        if (misplaced(a) || tooLarge(se, sig)) return;
        boolean number = true;
        if (special(se, sig, false)) {
            number = isZero(se, sig);
        } else {
            begin(se, sig);
            elementary().tan(se, sig);
            deliver(false);
        }
        if (!s.commit(sf.flags)) return;
        s.write(a);
        if (number) sf.set(BIAS, INTEGER);
        s.push();
    }

    // ---- functions of ST(1) and ST(0), which pop ----

    private boolean oneEmpty(int a, int b) {
        if (!s.empty(a) && !s.empty(b)) return false;
        if (s.underflow()) {
            s.write(b);
            s.pop();
        }
        return true;
    }

    private void finishAndPop(int b) {
        if (!s.commit(sf.flags)) return;
        s.write(b);
        s.pop();
    }

    /** FPATAN: the angle of the point (ST(0), ST(1)). */
    void arcTangent() {
        int a = s.at(0), b = s.at(1);
        if (oneEmpty(a, b)) return;
        sf.begin(f.control);
        int xse = f.signExponent[a], yse = f.signExponent[b];
        long xs = f.significand[a], ys = f.significand[b];
        if (!sf.notNumbers(xse, xs, yse, ys)) {
            sf.denormals(xse, xs, yse, ys);
            angle(xse, xs, yse, ys);
        }
        finishAndPop(b);
    }

    private void angle(int xse, long xs, int yse, long ys) {
        boolean xInfinite = isInfinite(xse, xs), yInfinite = isInfinite(yse, ys), left = (xse & SIGN) != 0;
        boolean flat = isZero(yse, ys) || xInfinite && !yInfinite, steep = isZero(xse, xs) || yInfinite && !xInfinite;
        if (flat && !left) {
            sf.set(yse & SIGN, 0);
            return;
        }
        // Infinities and zeros have the angle of a point on an axis or a diagonal.
        if (flat) elementary().quarters(4);
        else if (xInfinite && yInfinite) elementary().quarters(left ? 3 : 1);
        else if (steep) elementary().quarters(2);
        else elementary().atan2(yse, ys, xse, xs);
        elementary.result.negative = (yse & SIGN) != 0;
        deliver(false);
    }

    /** FYL2X: ST(1) log2 ST(0), and FYL2XP1: ST(1) log2(ST(0) + 1). */
    void logarithm(boolean plusOne) {
        int a = s.at(0), b = s.at(1);
        if (oneEmpty(a, b)) return;
        sf.begin(f.control);
        int xse = f.signExponent[a], yse = f.signExponent[b];
        long xs = f.significand[a], ys = f.significand[b];
        if (!sf.notNumbers(xse, xs, yse, ys)) {
            if (plusOne) logarithmOfOneAnd(xse, xs, yse, ys);
            else logarithm(xse, xs, yse, ys);
        }
        finishAndPop(b);
    }

    private void logarithm(int xse, long xs, int yse, long ys) {
        boolean yNegative = (yse & SIGN) != 0, yZero = isZero(yse, ys), yInfinite = isInfinite(yse, ys);
        if (isZero(xse, xs)) {
            if (yZero) {
                sf.invalid();
            } else {
                if (!yInfinite) sf.flags |= ZE;
                infinity(!yNegative);
            }
            return;
        }
        boolean one = xse == BIAS && xs == INTEGER, xInfinite = isInfinite(xse, xs), shrinks = xse < BIAS;
        if ((xse & SIGN) != 0 || xInfinite && yZero || one && yInfinite) {
            sf.invalid();
            return;
        }
        sf.denormals(xse, xs, yse, ys);
        if (xInfinite || yInfinite) {
            infinity(yNegative != shrinks);
        } else if (yZero || one) {
            sf.set((yse & SIGN) ^ (shrinks ? SIGN : 0), 0);
        } else {
            elementary().log2(xse, xs);
            times(yse, ys, (xs & xs - 1) == 0);
        }
    }

    private void times(int yse, long ys, boolean exact) {
        elementary.result.mul(elementary.result, y.set(yse, ys));
        deliver(exact);
    }

    private void logarithmOfOneAnd(int xse, long xs, int yse, long ys) {
        int sign = (xse ^ yse) & SIGN;
        boolean yZero = isZero(yse, ys), yInfinite = isInfinite(yse, ys), xNegative = (xse & SIGN) != 0;
        if (isInfinite(xse, xs)) {
            if (xNegative || yZero) {
                sf.invalid();
                return;
            }
        } else if (isZero(xse, xs) && yInfinite) {
            sf.invalid();
            return;
        }
        sf.denormals(xse, xs, yse, ys);
        if (isInfinite(xse, xs) || yInfinite) {
            infinity(sign != 0);
        } else if (yZero || isZero(xse, xs)) {
            sf.set(sign, 0);
        } else if (xNegative && (xse & MAX) >= BIAS) { // no logarithm at all: undefined, and left alone
            sf.flags |= PE;
            sf.set(xse, xs);
        } else {
            elementary().log2p1(xse, xs);
            times(yse, ys, false);
        }
    }

    /** F2XM1; an argument beyond +-1, for which the result is undefined, is left alone. */
    void powerOfTwo() {
        int a = s.at(0), se = f.signExponent[a];
        long sig = f.significand[a];
        if (empty(a)) return;
        sf.begin(f.control);
        if (!sf.oneNotNumber(se, sig)) {
            sf.denormal(se, sig);
            if (isInfinite(se, sig)) power(se);
            else if (isZero(se, sig)) sf.set(se, sig);
            else power(se, sig);
        }
        finish(a);
    }

    private void power(int se) {
        if ((se & SIGN) == 0) sf.set(se, INTEGER);
        else sf.set(SIGN | BIAS, INTEGER);
    }

    private void power(int se, long sig) {
        boolean one = (se & MAX) == BIAS && sig == INTEGER;
        if ((se & MAX) >= BIAS && !one) {
            sf.flags |= PE;
            sf.set(se, sig);
        } else {
            elementary().exp2m1(se, sig);
            deliver(one);
        }
    }
}
