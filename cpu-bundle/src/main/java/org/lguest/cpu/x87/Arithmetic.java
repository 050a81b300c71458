package org.lguest.cpu.x87;

import org.lguest.api.state.FpuState;

/** FADD, FMUL, FSUB, FSUBR, FDIV, FDIVR with all their operands, FSQRT. */
final class Arithmetic {
    private final Stack s;
    private final FpuState f;
    private final SoftFloat sf;

    Arithmetic(Stack s) {
        this.s = s;
        f = s.f;
        sf = s.sf;
    }

    /** {@code ST(to) = ST(0) op ST(i)}, where {@code to} is 0 or i. The operation is numbered by bits 3 to 5 of the opcode's second byte. */
    void registers(int operation, int i, int to, boolean pop) {
        int a = s.at(0), b = s.at(i), register = s.at(to);
        if (s.empty(a) || s.empty(b)) {
            if (!s.underflow()) return;
        } else {
            sf.begin(f.control);
            compute(operation, f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b]);
            if (!s.commit(sf.flags)) return;
        }
        s.write(register);
        if (pop) s.pop();
    }

    /** {@code ST(0) = ST(0) op x}, where x was just converted into {@link #sf} after its {@link SoftFloat#begin}. */
    void memory(int operation) {
        int a = s.at(0);
        if (s.empty(a)) {
            if (!s.underflow()) return;
        } else {
            compute(operation, f.signExponent[a], f.significand[a], sf.se, sf.sig);
            if (!s.commit(sf.flags)) return;
        }
        s.write(a);
    }

    private void compute(int operation, int ase, long as, int bse, long bs) {
        switch (operation) {
            case 0 -> sf.add(ase, as, bse, bs);
            case 1 -> sf.mul(ase, as, bse, bs);
            case 4 -> sf.sub(ase, as, bse, bs);
            case 5 -> sf.sub(bse, bs, ase, as);
            case 6 -> sf.div(ase, as, bse, bs);
            case 7 -> sf.div(bse, bs, ase, as);
            default -> throw new IllegalArgumentException("operation " + operation);
        }
    }

    /** FSQRT. */
    void sqrt() {
        int a = s.at(0);
        if (s.empty(a)) {
            if (!s.underflow()) return;
        } else {
            sf.begin(f.control);
            sf.sqrt(f.signExponent[a], f.significand[a]);
            if (!s.commit(sf.flags)) return;
        }
        s.write(a);
    }
}
