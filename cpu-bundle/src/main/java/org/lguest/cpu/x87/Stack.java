package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/** The register stack and the status word: what every instruction does before and after its arithmetic. */
final class Stack {
    final FpuState f;
    final SoftFloat sf;

    Stack(FpuState f, SoftFloat sf) {
        this.f = f;
        this.sf = sf;
    }

    /** Physical register of ST(i). */
    int at(int i) {
        return (f.status >>> 11) + i & 7;
    }

    boolean empty(int register) {
        return (f.tag >>> 2 * register & 3) == 3;
    }

    void tagEmpty(int register) {
        f.tag |= 3 << 2 * register;
    }

    /** While the unit works a tag is 3 or 0; FNSTENV and FNSAVE work out the finer classes. */
    void tagFull(int register) {
        f.tag &= ~(3 << 2 * register);
    }

    void setTop(int top) {
        f.status = f.status & ~0x3800 | (top & 7) << 11;
    }

    void pop() {
        tagEmpty(at(0));
        setTop(at(1));
    }

    /** Stores the result of {@link #sf} in a physical register. */
    void write(int register) {
        f.signExponent[register] = sf.se;
        f.significand[register] = sf.sig;
        tagFull(register);
    }

    /** Pushes the result of {@link #sf}; the caller has checked that there is room. */
    void push() {
        int register = at(7);
        setTop(register);
        write(register);
    }

    /** Whether these exceptions, unmasked, keep the instruction from happening. */
    boolean blocked(int flags) {
        return (flags & ~f.control & BEFORE) != 0;
    }

    /**
     * Merges exceptions and C1 into the status word.
     *
     * @return whether the destination is to be written: false if an exception of the operands is unmasked, and then what the operation itself
     *     raised does not count
     */
    boolean commit(int flags) {
        if ((flags & ~f.control & EXCEPTIONS) == 0) {
            f.status = f.status & ~C1 | flags;
            return true;
        }
        if (!blocked(flags)) {
            f.status = f.status & ~C1 | flags | ES | BUSY;
            return true;
        }
        f.status = f.status & ~C1 | flags & (BEFORE | SF) | ES | BUSY;
        return false;
    }

    /**
     * An operand is empty: IE and SF.
     *
     * @return whether to go on with the indefinite NaN, which is in {@link #sf}
     */
    boolean underflow() {
        sf.set(INDEFINITE, INDEFINITE_SIGNIFICAND);
        return commit(IE | SF);
    }

    /** The register to push to is not empty: IE, SF, C1. Pushes the indefinite NaN if that is masked. */
    void overflow() {
        if (overflown()) push();
    }

    /** The same without the push; whether to go on with the indefinite NaN in {@link #sf}. */
    boolean overflown() {
        sf.set(INDEFINITE, INDEFINITE_SIGNIFICAND);
        boolean masked = commit(IE | SF);
        f.status |= C1;
        return masked;
    }

    /** Sets ES and B from flags and masks, after either was loaded. */
    void summarize() {
        boolean pending = (f.status & ~f.control & EXCEPTIONS) != 0;
        f.status = pending ? f.status | ES | BUSY : f.status & ~(ES | BUSY);
    }

    void conditions(int codes) {
        f.status = f.status & ~(C0 | C2 | C3) | codes;
    }
}
