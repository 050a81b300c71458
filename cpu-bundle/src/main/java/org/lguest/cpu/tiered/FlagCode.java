package org.lguest.cpu.tiered;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.lguest.cpu.interpreter.Flags;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Op;
import org.lguest.cpu.interpreter.Region;
import org.lguest.cpu.interpreter.Shifts;

/**
 * The variables of generated code, and what it does with {@link Flags}: held as the last operation left them, of a kind that is mostly
 * known while code is generated, so that a condition becomes a comparison of the JVM.
 */
class FlagCode {
    /** JVM variables. Registers are eight from {@link #REGISTERS} on; {@link #PLACE}, {@link #WIDE} and {@link #UPPER} are longs; {@link #SOON} and {@link #ADDED} see {@link Recurrence}. */
    static final int MACHINE = 1, BASE = 2, N = 3, K = 4, ROOM = 5, REGISTERS = 6, KIND = 14, A = 15, B = 16, R = 17, T = 18, U = 19, X = 20, PLACE = 21,
        WIDE = 23, UPPER = 25, SEEN = 27, REVOCATIONS = 28, SOON = 29, ADDED = 30, WINDOWS = 31;

    static final ClassDesc REGION = desc(Region.class), MACHINES = desc(Machine.class), OP = desc(Op.class);
    private static final ClassDesc FLAGS = desc(Flags.class), SHIFTS = desc(Shifts.class);
    private static final ClassDesc I = ConstantDescs.CD_int, Z = ConstantDescs.CD_boolean;

    /** The kind of the flags is only known while code runs. */
    static final int UNKNOWN = -1;
    /** The flags, in a set of what is not saved; registers are bits by their numbers. */
    static final int FLAGS_BIT = 1 << 8;

    final CodeBuilder c;
    /** The kind that the flags are of, when that is known while code is generated; else {@link #UNKNOWN}. */
    private int known = UNKNOWN;
    /** What may be other than where the interpreter, or the next region, would look for it; and what has been since the last label. */
    private int unsaved, everUnsaved;
    /** All was saved since then. */
    private boolean hasSaved;
    /** Whatever the instruction does to the flags, nobody will see it. */
    private boolean unseen;

    FlagCode(CodeBuilder c) { this.c = c; }

    static ClassDesc desc(Class<?> k) { return ClassDesc.ofDescriptor(k.descriptorString()); }

    /** A constant. */
    void constant(int v) { c.loadConstant(v); }

    void region(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(REGION, name, MethodTypeDesc.of(answer, parameters)); }

    private void flags(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(FLAGS, name, MethodTypeDesc.of(answer, parameters)); }

    void shifts(String name) { c.invokestatic(SHIFTS, name, MethodTypeDesc.of(I, I, I, I)); }

    // --- kinds --------------------------------------------------------------------------------------------------------

    /** The kind of the flags, or {@link #UNKNOWN}. */
    final int flags() { return known; }

    /** From here on they are of a kind, or {@link #UNKNOWN}. */
    final void known(int kind) { known = kind; }

    /** What may not be saved. */
    final int unsaved() { return unsaved; }

    /** What may not have been saved at some place since {@link #unsaved(int)}. */
    final int everUnsaved() { return everUnsaved; }

    /** From here on that is what may not be saved. */
    final void unsaved(int what) {
        unsaved = what;
        everUnsaved = what;
        hasSaved = false;
    }

    /** All is saved. */
    void saved() {
        unsaved = 0;
        hasSaved = true;
    }

    /** Whether all was saved at some place since {@link #unsaved(int)}. */
    final boolean hasSaved() { return hasSaved; }

    /** This has changed. */
    final void changed(int what) {
        unsaved |= what;
        everUnsaved |= what;
    }

    /** What follows belongs to an instruction whose flags matter, or not: see {@link UnseenFlags}. */
    void unseen(boolean unseen) { this.unseen = unseen; }

    /** Whether the flags of the instruction do not matter. */
    boolean unseen() { return unseen; }

    /** Only {@link #KIND} tells the kind of the flags now. */
    void forgetFlags() { known = UNKNOWN; }

    /** The flags are those of A, B and R from now on. */
    void flagsOf(int operation, int size) {
        if (unseen) return;
        changed(FLAGS_BIT);
        known = operation == Flags.WORDS ? Flags.WORDS : Flags.of(operation, size);
        constant(known);
        c.istore(KIND);
        for (int v = A; v <= R; v++) if (!tells(v)) c.iconst_0().istore(v); // nobody shall think that it is needed
    }

    /** Whether A, B or R is needed to tell the flags, by their kind: see {@link Flags}. */
    private boolean tells(int variable) {
        return switch (operation()) {
            case Flags.ADD, Flags.SUB, Flags.INC, Flags.DEC -> variable != A;
            case Flags.CMP -> variable != R;
            case Flags.LOGIC -> variable == R;
            case Flags.MUL -> variable != B;
            default -> true;
        };
    }

    private int operation() { return known == UNKNOWN ? UNKNOWN : known & ~3; }

    /** Pushes the first operand of a comparison or a subtraction. */
    private void first() {
        if (operation() == Flags.CMP) c.iload(A);
        else c.iload(R).iload(B).iadd();
    }

    /** Pushes the result. */
    private void outcome() {
        if (operation() == Flags.CMP) c.iload(A).iload(B).isub();
        else c.iload(R);
    }

    /** Pushes the four variables; the kind as a constant where it is one. */
    void pushFlags() {
        pushKind();
        c.iload(A).iload(B).iload(R);
    }

    private void pushKind() {
        if (known == UNKNOWN) c.iload(KIND);
        else constant(known);
    }

    /** Where the machine has one of the four variables: see {@link Machine#kind}. */
    private static String name(int variable) { return variable == KIND ? "kind" : variable == A ? "a" : variable == B ? "b" : "r"; }

    /** Flags as the code before held them. */
    void takeFlags() {
        for (int v = KIND; v <= R; v++) c.aload(MACHINE).getfield(MACHINES, name(v), I).istore(v);
        forgetFlags();
    }

    /** Flags as the interpreter left them. */
    void fetchFlags() {
        fetchFlag("carries", A);
        fetchFlag("resultHigh", B);
        fetchFlag("resultLow", R);
        flagsOf(Flags.WORDS, 0);
    }

    private void fetchFlag(String name, int variable) {
        c.aload(MACHINE);
        region(name, I, MACHINES);
        c.istore(variable);
    }

    /** Gives the flags to the machine: of their kind, what it needs. */
    void saveFlags() {
        c.aload(MACHINE);
        pushKind();
        c.putfield(MACHINES, name(KIND), I);
        for (int v = A; v <= R; v++) if (tells(v)) c.aload(MACHINE).iload(v).putfield(MACHINES, name(v), I);
    }

    /** Pushes CF, 0 or 1. */
    void cf() {
        if (operation() == Flags.INC || operation() == Flags.DEC) {
            c.iload(B);
        } else {
            carries();
            c.bipush(31).iushr();
        }
    }

    /** Pushes the carries of the flags. */
    void carries() {
        switch (operation()) {
            case Flags.ADD, Flags.SUB, Flags.CMP, Flags.ADC, Flags.SBB -> {
                if (size() == 32) wideCarries();
                else carries(Flags.name(operation()));
            }
            case Flags.INC, Flags.DEC -> carries(Flags.name(operation()));
            case Flags.LOGIC -> c.iconst_0();
            case Flags.SHL -> shiftCarries("shlCarries");
            case Flags.SHR -> shiftCarries("shrCarries");
            case Flags.SAR -> shiftCarries("sarCarries");
            case Flags.WORDS -> c.iload(A);
            case Flags.MUL -> c.iload(A).dup().ineg().ior().loadConstant(0x80000000).iand();
            default -> {
                pushFlags();
                flags("carries", I, I, I, I, I);
            }
        }
    }

    /** Carries or borrows of 32 bits: see {@link Flags#carry} and {@link Flags#borrow}. */
    private void wideCarries() {
        boolean adds = operation() == Flags.ADD || operation() == Flags.ADC;
        switch (operation()) {
            case Flags.ADD -> c.iload(R).iload(B).isub();
            case Flags.SUB -> c.iload(R).iload(B).iadd();
            default -> c.iload(A);
        }
        if (!adds) c.iconst_m1().ixor();
        c.istore(X).iload(X).iload(B).iand().iload(X).iload(B).ior();
        outcome();
        if (adds) c.iconst_m1().ixor();
        c.iand().ior();
    }

    private void carries(String operation) {
        c.iload(A).iload(B).iload(R);
        constant(size());
        flags(operation, I, I, I, I, I);
    }

    private void shiftCarries(String method) {
        c.iload(A).iload(B);
        constant(size());
        shifts(method);
    }

    /** Pops carries; the result stays what it was: for what changes CF or OF only. */
    void setCarries() {
        c.istore(X);
        if (known == UNKNOWN) {
            pushFlags();
            flags("high", I, I, I, I, I);
            pushFlags();
            flags("low", I, I, I, I, I);
            c.istore(R).istore(B);
        } else if (operation() != Flags.WORDS) {
            outcome();
            if (size() < 32) c.bipush(32 - size()).ishl().bipush(32 - size()).ishr();
            c.istore(R).iload(R).bipush(31).ishr().istore(B);
        }
        c.iload(X).istore(A);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pops carries: the flags of a result in a variable. */
    void wordsOf(int result) {
        c.istore(A).iload(result).istore(R).iload(R).bipush(31).ishr().istore(B);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pops what is zero if ZF is to be set; the other flags stay what they were. */
    void setZf() {
        if (unseen) {
            c.pop();
            return;
        }
        c.istore(T);
        carries();
        pushFlags();
        flags("highBesidesZero", I, I, I, I, I);
        c.istore(B).istore(A).iload(T);
        flags("lowOfZero", I, I);
        c.istore(R);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pops 0 or 1 into CF. */
    void setCf() {
        if (unseen) {
            c.pop();
            return;
        }
        c.istore(T);
        carries();
        c.iload(T);
        flags("withCarry", I, I, I);
        setCarries();
    }

    /** Pops AH: SAHF, which comparisons of the floating-point unit end with in older programs. */
    void sahf() {
        c.istore(T).iload(T);
        carries();
        flags("sahf", I, I, I);
        c.istore(A).iload(T);
        flags("sahfHigh", I, I);
        c.istore(B).iload(T);
        flags("sahfLow", I, I);
        c.istore(R);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pops the product and its low half: the flags of a multiplication. R is set. */
    void overflow() {
        c.i2l().lxor().dup2().bipush(32).lushr().lor().l2i();
        nonzero();
    }

    /** Pops what must be zero for CF and OF to be clear: the flags of a multiplication. R is set. */
    void nonzero() {
        c.istore(A);
        flagsOf(Flags.MUL, 32);
    }

    /** Branches when a condition holds (its number as in the opcode). */
    void branch(int cc, Label yes) {
        if (known != UNKNOWN && direct(cc, yes)) return;
        constant(cc);
        pushFlags();
        flags("condition", Z, I, I, I, I, I);
        c.ifne(yes);
    }

    private int size() { return switch (known & 3) {
        case 0 -> 8;
        case 1 -> 16;
        default -> 32;
    }; }

    private boolean direct(int cc, Label yes) {
        int even = cc & ~1;
        boolean not = (cc & 1) != 0;
        if (operation() == Flags.WORDS) return words(even, not, yes);
        if (even == 4) zero(not, yes);
        else if (even == 8) sign(not, yes);
        else if (operation() == Flags.CMP || operation() == Flags.SUB) return difference(even, not, yes);
        else if (operation() == Flags.LOGIC) return logic(even, not, yes);
        else return false;
        return true;
    }

    /** Of flags that are as the interpreter has them. */
    private boolean words(int even, boolean not, Label yes) {
        switch (even) {
            case 2 -> negative(A, not, yes);
            case 4 -> zero(R, not, yes);
            case 8 -> negative(B, not, yes);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void negative(int variable, boolean not, Label yes) {
        c.iload(variable);
        if (not) c.ifge(yes);
        else c.iflt(yes);
    }

    private void zero(int variable, boolean not, Label yes) {
        c.iload(variable);
        if (not) c.ifne(yes);
        else c.ifeq(yes);
    }

    private void zero(boolean not, Label yes) {
        if (operation() == Flags.CMP) {
            c.iload(A).iload(B);
            if (not) c.if_icmpne(yes);
            else c.if_icmpeq(yes);
            return;
        }
        outcome();
        up();
        if (not) c.ifne(yes);
        else c.ifeq(yes);
    }

    private void sign(boolean not, Label yes) {
        outcome();
        up();
        if (not) c.ifge(yes);
        else c.iflt(yes);
    }

    /** Moves the sign of what is on the stack to the top bit. */
    private void up() {
        if (size() < 32) c.bipush(32 - size()).ishl();
    }

    /** After a comparison. */
    private boolean difference(int even, boolean not, Label yes) {
        boolean unsigned = even == 2 || even == 6;
        boolean orEqual = even == 6 || even == 14;
        if (!unsigned && even != 12 && even != 14) return false;
        first();
        comparable(unsigned);
        c.iload(B);
        comparable(unsigned);
        if (!orEqual && !not) c.if_icmplt(yes);
        else if (!orEqual) c.if_icmpge(yes);
        else if (!not) c.if_icmple(yes);
        else c.if_icmpgt(yes);
        return true;
    }

    /** Makes an operand one for a signed comparison by the JVM; narrow ones are positive anyway. */
    private void comparable(boolean unsigned) {
        if (!unsigned) up();
        else if (size() == 32) c.loadConstant(0x80000000).iadd();
    }

    /** After AND, OR, XOR, TEST. */
    private boolean logic(int even, boolean not, Label yes) {
        switch (even) {
            case 0, 2 -> {
                if (not) c.goto_(yes);
            }
            case 6 -> zero(not, yes);
            case 12 -> sign(not, yes);
            case 14 -> {
                outcome();
                up();
                if (not) c.ifgt(yes);
                else c.ifle(yes);
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
