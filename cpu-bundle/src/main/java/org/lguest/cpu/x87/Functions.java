package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/** FRNDINT, FSCALE, FXTRACT, FPREM, FPREM1. */
final class Functions {
    private final Stack s;
    private final FpuState f;
    private final SoftFloat sf;
    private final Conversion convert;
    private final Exponents exponents;

    Functions(Stack s, Conversion convert) {
        this.s = s;
        this.convert = convert;
        f = s.f;
        sf = s.sf;
        exponents = new Exponents(sf);
    }

    /** Gets ready for a function of ST(0); false if it is empty, and all is done. */
    private boolean operand(int a) {
        if (s.empty(a)) {
            if (s.underflow()) s.write(a);
            return false;
        }
        sf.begin(f.control);
        return true;
    }

    private void finish(int a) {
        if (s.commit(sf.flags)) s.write(a);
    }

    /** FRNDINT. */
    void roundToInteger() {
        int a = s.at(0);
        if (!operand(a)) return;
        convert.rint(f.signExponent[a], f.significand[a]);
        finish(a);
    }

    /** FSCALE. */
    void scale() {
        int a = s.at(0), b = s.at(1);
        if (s.empty(a) || s.empty(b)) {
            if (s.underflow()) s.write(a);
            return;
        }
        sf.begin(f.control);
        exponents.scale(f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b]);
        finish(a);
    }

    /** FXTRACT: ST(0) becomes the exponent, the significand is pushed. */
    void extract() {
        int a = s.at(0), above = s.at(7);
        if (s.empty(a) || !s.empty(above)) {
            if (s.empty(a) ? s.underflow() : s.overflown()) {
                s.write(a);
                s.push();
            }
            return;
        }
        sf.begin(f.control);
        exponents.extract(f.signExponent[a], f.significand[a]);
        if (!s.commit(sf.flags)) return;
        f.signExponent[a] = exponents.exponentSe;
        f.significand[a] = exponents.exponentSig;
        s.push();
    }

    /** FPREM and FPREM1. */
    void remainder(boolean nearest) {
        int a = s.at(0), b = s.at(1);
        f.status &= ~C2;
        if (s.empty(a) || s.empty(b)) {
            if (s.underflow()) s.write(a);
            return;
        }
        sf.begin(f.control);
        exponents.remainder(f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b], nearest);
        if (!s.commit(sf.flags)) return;
        s.write(a);
        if (exponents.undefined) return; // C0 and C3 stay
        int q = (int) exponents.quotient;
        s.conditions(exponents.partial ? C2 : ((q & 4) != 0 ? C0 : 0) | ((q & 2) != 0 ? C3 : 0));
        if (!exponents.partial && (q & 1) != 0) f.status |= C1;
    }
}
