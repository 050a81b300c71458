package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/** Loads, stores, exchanges and conditional moves. Those with memory return false if it faulted; then nothing has changed. */
final class Transfer {
    private final Stack s;
    private final FpuState f;
    private final SoftFloat sf;
    private final Conversion convert;

    Transfer(Stack s, Conversion convert) {
        this.s = s;
        this.convert = convert;
        f = s.f;
        sf = s.sf;
    }

    // ---- loads ----

    /** Pushes what was converted into {@link #sf}, with its flags. */
    void load() {
        if (!s.empty(s.at(7))) s.overflow();
        else if (s.commit(sf.flags)) s.push();
    }

    /** Pushes a constant, or a number for which no exception but the stack's exists. */
    void push(int se, long sig) {
        sf.begin(f.control);
        sf.set(se, sig);
        load();
    }

    /** FLD ST(i). */
    void loadRegister(int i) {
        int b = s.at(i);
        if (s.empty(b)) {
            if (s.underflow()) s.push();
        } else if (!s.empty(s.at(7))) {
            s.overflow();
        } else {
            push(f.signExponent[b], f.significand[b]);
        }
    }

    /** The seven constants of D9 E8 to EE, rounded as the mode of the control word has it. */
    void constant(int number) {
        int mode = f.control >> 10 & 3;
        int se = switch (number) {
            case 0 -> BIAS;
            case 1, 3 -> BIAS + 1;
            case 2 -> BIAS;
            case 4 -> BIAS - 2;
            case 5 -> BIAS - 1;
            default -> 0;
        };
        long sig = switch (number) {
            case 0 -> INTEGER;
            case 1 -> 0xD49A784BCD1B8AFEL + (mode == UP ? 1 : 0); // log2(10), the tail below a half
            case 2 -> 0xB8AA3B295C17F0BCL - (mode == DOWN || mode == CHOP ? 1 : 0); // log2(e), the tail above
            case 3 -> 0xC90FDAA22168C235L - (mode == DOWN || mode == CHOP ? 1 : 0); // pi
            case 4 -> 0x9A209A84FBCFF799L - (mode == DOWN || mode == CHOP ? 1 : 0); // log10(2)
            case 5 -> 0xB17217F7D1CF79ACL - (mode == DOWN || mode == CHOP ? 1 : 0); // ln(2)
            default -> 0;
        };
        push(se, sig);
    }

    // ---- stores ----

    /** FST(P) ST(i). */
    void storeRegister(int i, boolean pop) {
        int a = s.at(0), b = s.at(i);
        if (s.empty(a)) {
            if (!s.underflow()) return;
        } else {
            sf.set(f.signExponent[a], f.significand[a]);
            s.commit(0);
        }
        s.write(b);
        if (pop) s.pop();
    }

    /** The undocumented D9 D8+i: FSTP, but an empty ST(0) is popped without a word. */
    void storeRegisterQuietly(int i) {
        if (s.empty(s.at(0))) {
            s.commit(0);
            s.pop();
        } else {
            storeRegister(i, true);
        }
    }

    /** FST(P) m32 and m64. */
    boolean storeReal(FpuMemory m, boolean isDouble, boolean pop) {
        long bits;
        sf.begin(f.control);
        int flags = source();
        if (isDouble) bits = convert.toDouble(sf.se, sf.sig);
        else bits = convert.toFloat(sf.se, sf.sig);
        flags |= sf.flags;
        if (stops(flags, m, isDouble ? 8 : 4)) return !m.faulted();
        if (!(isDouble ? m.store64(0, bits) : m.store32(0, bits))) return false;
        done(flags, pop);
        return true;
    }

    /** FSTP m80. */
    boolean storeExtended(FpuMemory m) {
        sf.begin(f.control);
        int flags = source();
        if (stops(flags, m, 10)) return !m.faulted();
        if (!m.prepareStore(0, 10) || !m.store64(0, sf.sig) || !m.store16(8, sf.se)) return false;
        done(flags, true);
        return true;
    }

    /** FIST(P) and FISTTP; {@code bits} is 16, 32 or 64. */
    boolean storeInteger(FpuMemory m, int bits, boolean truncate, boolean pop) {
        sf.begin(f.control);
        int flags = source();
        long value = convert.toInteger(sf.se, sf.sig, bits, truncate ? CHOP : sf.rounding());
        if (flags == 0) flags = sf.flags;
        if (stops(flags, m, bits >>> 3)) return !m.faulted();
        boolean stored = switch (bits) {
            case 16 -> m.store16(0, (int) value);
            case 32 -> m.store32(0, value);
            default -> m.store64(0, value);
        };
        if (!stored) return false;
        done(flags, pop);
        return true;
    }

    /** FBSTP. */
    boolean storeDecimal(FpuMemory m) {
        sf.begin(f.control);
        int flags = source();
        long low = convert.toDecimal(sf.se, sf.sig);
        if (flags == 0) flags = sf.flags;
        if (stops(flags, m, 10)) return !m.faulted();
        if (!m.prepareStore(0, 10) || !m.store64(0, low) || !m.store16(8, convert.decimalHigh)) return false;
        done(flags, true);
        return true;
    }

    /** ST(0) into {@link #sf}; the indefinite NaN, with flags to raise, if it is empty. */
    private int source() {
        int a = s.at(0);
        if (s.empty(a)) {
            sf.set(INDEFINITE, INDEFINITE_SIGNIFICAND);
            return IE | SF;
        }
        sf.set(f.signExponent[a], f.significand[a]);
        return 0;
    }

    /** Whether an unmasked exception keeps the store from memory. Then the flags are in the status word already, unless memory faults, which comes first. */
    private boolean stops(int flags, FpuMemory m, int bytes) {
        if ((flags & ~f.control & (BEFORE | OE | UE)) == 0) return false;
        if (m.prepareStore(0, bytes)) s.commit(flags);
        return true;
    }

    private void done(int flags, boolean pop) {
        s.commit(flags);
        if (pop) s.pop();
    }

    // ---- among registers ----

    /** FXCH; empty registers become the indefinite NaN first, if that is masked. */
    void exchange(int i) {
        int a = s.at(0), b = s.at(i);
        if (s.empty(a) || s.empty(b)) {
            if (!s.underflow()) return;
            if (s.empty(a)) s.write(a);
            if (s.empty(b)) s.write(b);
        } else {
            s.commit(0);
        }
        f.exchange(a, b);
    }

    /** FCMOVcc. */
    void conditional(int i, boolean holds) {
        int a = s.at(0), b = s.at(i);
        if (s.empty(a) || s.empty(b)) {
            if (s.underflow()) s.write(a);
            return;
        }
        if (!holds) return; // C1 stays as it is
        f.signExponent[a] = f.signExponent[b];
        f.significand[a] = f.significand[b];
    }

    /** FCHS ({@code and} = FFFF, {@code xor} = 8000) and FABS (7FFF, 0). */
    void sign(int and, int xor) {
        int a = s.at(0);
        if (s.empty(a)) {
            if (s.underflow()) s.write(a);
            return;
        }
        s.commit(0);
        f.signExponent[a] = f.signExponent[a] & and ^ xor;
    }
}
