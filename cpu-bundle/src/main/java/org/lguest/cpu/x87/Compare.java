package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/**
 * FCOM, FUCOM, FCOMI, FUCOMI, FTST, FXAM: comparisons, and the class of a number. The outcome is written even when an unmasked exception keeps the
 * stack from being popped; that is what processors were seen to do.
 */
final class Compare {
    private static final int UNORDERED = C0 | C2 | C3;

    private final Stack s;
    private final FpuState f;
    private final SoftFloat sf;

    Compare(Stack s) {
        this.s = s;
        f = s.f;
        sf = s.sf;
    }

    /** FCOM and FUCOM with a register; {@code quiet} lets quiet NaNs pass without IE. False if an exception keeps it from popping. */
    boolean registers(int i, boolean quiet) {
        int a = s.at(0), b = s.at(i);
        if (s.empty(a) || s.empty(b)) {
            s.conditions(UNORDERED);
            return s.underflow();
        }
        sf.begin(f.control);
        s.conditions(compare(f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b], quiet));
        return s.commit(sf.flags);
    }

    /** FCOM with an operand from memory, just converted into {@link #sf}; FTST with a zero there. */
    boolean loaded() {
        int a = s.at(0);
        if (s.empty(a)) {
            s.conditions(UNORDERED);
            return s.underflow();
        }
        s.conditions(compare(f.signExponent[a], f.significand[a], sf.se, sf.sig, false));
        return s.commit(sf.flags);
    }

    /** FTST. */
    void test() {
        sf.begin(f.control);
        sf.set(0, 0);
        loaded();
    }

    /** Condition codes of a comparison: C0 less, C3 equal, all three unordered. */
    private int compare(int ase, long as, int bse, long bs, boolean quiet) {
        if (isUnsupported(ase, as) || isUnsupported(bse, bs)) {
            sf.flags |= IE;
            return UNORDERED;
        }
        boolean an = isNaN(ase, as), bn = isNaN(bse, bs);
        if (an || bn) {
            if (!quiet || an && signals(as) || bn && signals(bs)) sf.flags |= IE;
            return UNORDERED;
        }
        sf.denormals(ase, as, bse, bs);
        if (as == 0 && bs == 0) return C3;
        int sign = ase & SIGN;
        if (sign != (bse & SIGN)) return sign != 0 ? C0 : 0;
        int ae = Math.max(ase & MAX, 1), be = Math.max(bse & MAX, 1); // pseudo-denormals have the exponent of the smallest normal numbers
        if (as == 0) ae = 0;
        if (bs == 0) be = 0;
        int order = ae != be ? Integer.compare(ae, be) : Long.compareUnsigned(as, bs);
        if (order == 0) return C3;
        return order < 0 == (sign == 0) ? C0 : 0;
    }

    /** FXAM: C1 the sign, the other three the class. */
    void examine() {
        int a = s.at(0), se = f.signExponent[a];
        long sig = f.significand[a];
        s.conditions(s.empty(a) ? C3 | C0 : classOf(se, sig));
        f.status = f.status & ~C1 | ((se & SIGN) != 0 ? C1 : 0);
    }

    private static int classOf(int se, long sig) {
        if (isUnsupported(se, sig)) return 0;
        if (isNaN(se, sig)) return C0;
        if ((se & MAX) == MAX) return C2 | C0;
        if ((se & MAX) != 0) return C2;
        return sig == 0 ? C3 : C3 | C2;
    }
}
