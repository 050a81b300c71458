package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Flags;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Op;
import org.lguest.cpu.interpreter.Region;
import org.lguest.cpu.interpreter.Shifts;

/**
 * The vocabulary of generated code: guest registers, operands, memory and flags as JVM instructions. Methods that say so leave their
 * value on the JVM's stack.
 */
final class Code {
    /** JVM variables. Registers are eight from {@link #REGISTERS} on; {@link #PLACE} is a long. */
    static final int MACHINE = 1, BASE = 2, N = 3, K = 4, ROOM = 5, REGISTERS = 6, KIND = 14, A = 15, B = 16, R = 17, T = 18, U = 19, X = 20, PLACE = 21;

    private static final ClassDesc ACCESS = desc(Access.class), FLAGS = desc(Flags.class), SHIFTS = desc(Shifts.class);
    static final ClassDesc REGION = desc(Region.class), MACHINES = desc(Machine.class), OP = desc(Op.class);
    private static final ClassDesc I = ConstantDescs.CD_int, J = ConstantDescs.CD_long, Z = ConstantDescs.CD_boolean;
    private static final ClassDesc V = ConstantDescs.CD_void;

    final CodeBuilder c;
    private final int bank;
    /** The kind that the flags are of, when that is known while code is generated; else {@link #UNKNOWN}. */
    private int known = UNKNOWN;
    /** A and B are exactly the operands of a comparison: no borrow came in. */
    private boolean compared;
    private int step = -1;

    /** The kind of the flags is only known while code runs. */
    static final int UNKNOWN = -1;

    Code(CodeBuilder c, int bank) {
        this.c = c;
        this.bank = bank;
    }

    private static ClassDesc desc(Class<?> k) { return ClassDesc.ofDescriptor(k.descriptorString()); }

    // --- plain words --------------------------------------------------------------------------------------------------

    /** A constant. */
    void constant(int v) { c.loadConstant(v); }

    void access(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(ACCESS, name, MethodTypeDesc.of(answer, parameters)); }

    private void flags(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(FLAGS, name, MethodTypeDesc.of(answer, parameters)); }

    void shifts(String name) { c.invokestatic(SHIFTS, name, MethodTypeDesc.of(I, I, I, I)); }

    void region(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(REGION, name, MethodTypeDesc.of(answer, parameters)); }

    /** What follows belongs to an instruction that may have to be left. */
    void at(Step s) {
        if (step == s.k()) return;
        step = s.k();
        constant(step);
        c.istore(K);
    }

    /** A label, and what is known about flags there, as {@link #flags} has told. */
    void meet(Label l, int flags) {
        c.labelBinding(l);
        known(flags);
        step = -1;
    }

    /** What is known about flags, for {@link #meet}. */
    int flags() { return known == UNKNOWN ? UNKNOWN : known << 1 | (compared ? 1 : 0); }

    private void known(int flags) {
        known = flags >> 1;
        compared = flags != UNKNOWN && (flags & 1) != 0;
    }

    // --- registers ----------------------------------------------------------------------------------------------------

    /** Pushes a register, zero-extended. */
    void get(int r, int size) {
        if (size == 8) {
            c.iload(REGISTERS + (r & 3));
            if (r > 3) c.bipush(8).iushr();
            c.sipush(0xFF).iand();
        } else {
            c.iload(REGISTERS + r);
            if (size == 16) c.loadConstant(0xFFFF).iand();
        }
    }

    /** Pops into a register. */
    void set(int r, int size) {
        switch (size) {
            case 32 -> c.istore(REGISTERS + r);
            case 16 -> c.loadConstant(0xFFFF).iand().iload(REGISTERS + r).loadConstant(0xFFFF0000).iand().ior().istore(REGISTERS + r);
            default -> {
                c.sipush(0xFF).iand();
                if (r > 3) c.bipush(8).ishl();
                c.iload(REGISTERS + (r & 3)).loadConstant(r > 3 ? ~0xFF00 : ~0xFF).iand().ior().istore(REGISTERS + (r & 3));
            }
        }
    }

    /** Writes all registers back. */
    void spill() {
        for (int r = EAX; r <= EDI; r++) c.iload(REGISTERS + r);
        access("spill", V, I, I, I, I, I, I, I, I);
    }

    /** Reads registers: bit r of the mask is register r. */
    void fetch(int mask) {
        for (int r = EAX; r <= EDI; r++)
            if ((mask >>> r & 1) != 0) c.getstatic(ACCESS, "GPR", I.arrayType()).bipush(r).iaload().istore(REGISTERS + r);
    }

    // --- memory -------------------------------------------------------------------------------------------------------

    /** Pushes the offset of the memory operand. */
    void offset(Insn i) {
        boolean any = i.base != ZERO;
        if (any) c.iload(REGISTERS + i.base);
        if (i.index != ZERO) {
            c.iload(REGISTERS + i.index);
            if (i.scale != 0) c.loadConstant(i.scale).ishl();
            if (any) c.iadd();
            any = true;
        }
        if (i.disp != 0 || !any) {
            constant(i.disp);
            if (any) c.iadd();
        }
    }

    /** Pushes the linear address of the memory operand. */
    void address(Insn i, boolean write) {
        boolean flat = i.segment == 0 || i.segment == 2 || i.segment == 3;
        if (!flat) c.loadConstant(i.segment);
        offset(i);
        if (flat) return;
        c.loadConstant(write ? 1 : 0);
        access("linear", I, I, I, Z);
    }

    /** From a linear address to what lies there, zero-extended. */
    void load(int size) {
        constant(bank);
        access("load" + size, I, I, I);
    }

    /** Pops a value and the linear address below it. */
    void store(int size) {
        constant(bank);
        access("store" + size, V, I, I, I);
    }

    /** Pushes the memory operand, zero-extended. */
    void load(Insn i, int size) {
        address(i, false);
        load(size);
    }

    /** Pushes the memory operand, zero-extended, and notes its place, where {@link #put} will write. */
    void take(Insn i, int size) {
        address(i, true);
        constant(bank);
        access("place" + size, J, I, I);
        c.lstore(PLACE).lload(PLACE);
        access("get" + size, I, J);
    }

    /** Writes a variable to where {@link #take} has read. */
    void put(int variable, int size) {
        c.lload(PLACE).iload(variable);
        access("set" + size, V, J, I);
    }

    /** Pushes an operand of the ModRM byte: register or memory. */
    void operand(Insn i, Kind kind, int register, int size) {
        if (kind == Kind.MEMORY) load(i, size);
        else get(register, size);
    }

    /** Pushes the second operand; immediates are cut to the size. */
    void second(Insn i, int size) {
        if (i.srcKind == Kind.IMMEDIATE) constant(size == 32 ? i.imm : i.imm & (1 << size) - 1);
        else operand(i, i.srcKind, i.src, size);
    }

    // --- flags --------------------------------------------------------------------------------------------------------

    /** Only {@link #KIND} tells the kind of the flags now. */
    void forgetFlags() { known = UNKNOWN; }

    /** The flags are those of A, B and R from now on. */
    void flagsOf(int operation, int size) { flagsOf(operation, size, false); }

    /** The same; {@code exact} when R = A - B. */
    void flagsOf(int operation, int size, boolean exact) {
        known = operation == Flags.WORDS ? Flags.WORDS : Flags.of(operation, size);
        compared = exact;
        constant(known);
        c.istore(KIND);
    }

    /** Pushes the four variables. */
    void pushFlags() { c.iload(KIND).iload(A).iload(B).iload(R); }

    private void pushKnownFlags() {
        if (known == UNKNOWN) c.iload(KIND);
        else constant(known);
        c.iload(A).iload(B).iload(R);
    }

    /** Flags as the interpreter left them. */
    void fetchFlags() {
        c.aload(MACHINE);
        region("carries", I, MACHINES);
        c.istore(A).aload(MACHINE);
        region("resultHigh", I, MACHINES);
        c.istore(B).aload(MACHINE);
        region("resultLow", I, MACHINES);
        c.istore(R);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pushes CF, 0 or 1. */
    void cf() {
        if (known == Flags.of(Flags.LOGIC, 8) || known == Flags.of(Flags.LOGIC, 16) || known == Flags.of(Flags.LOGIC, 32)) c.iconst_0();
        else if (known == Flags.of(Flags.SUB, 32) || known == Flags.of(Flags.ADD, 32)) {
            c.iload(A).iload(B).iload(R);
            flags(known == Flags.of(Flags.SUB, 32) ? "borrow" : "carry", I, I, I, I);
            c.bipush(31).iushr();
        } else if (known == Flags.of(Flags.INC, 32) || known == Flags.of(Flags.DEC, 32)) c.iload(B);
        else {
            pushKnownFlags();
            flags("cf", I, I, I, I, I);
        }
    }

    /** Pushes the carries of the flags. */
    void carries() {
        pushKnownFlags();
        flags("carries", I, I, I, I, I);
    }

    /** Pops carries; the result stays what it was: for what changes CF or OF only. */
    void setCarries() {
        if (known == UNKNOWN) c.iload(KIND);
        else constant(known);
        c.dup().iload(B).iload(R);
        flags("high", I, I, I, I);
        c.istore(B).iload(R);
        flags("low", I, I, I);
        c.istore(R).istore(A);
        flagsOf(Flags.WORDS, 0);
    }

    /** Pops 0 or 1 into CF. */
    void setCf() {
        c.istore(T);
        carries();
        c.iload(T);
        flags("withCarry", I, I, I);
        setCarries();
    }

    /** Branches when a condition holds (its number as in the opcode). */
    void branch(int cc, Label yes) {
        if (known > Flags.of(Flags.WORDS, 32) && direct(cc, yes)) return;
        constant(cc);
        pushKnownFlags();
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
        if (even == 4) zero(not, yes);
        else if (even == 8) sign(not, yes);
        else if (compared) return difference(even, not, yes);
        else if ((known & ~3) == Flags.LOGIC) return logic(even, not, yes);
        else return false;
        return true;
    }

    private void zero(boolean not, Label yes) {
        if (compared) {
            c.iload(A).iload(B);
            if (not) c.if_icmpne(yes);
            else c.if_icmpeq(yes);
            return;
        }
        up(R);
        if (not) c.ifne(yes);
        else c.ifeq(yes);
    }

    private void sign(boolean not, Label yes) {
        up(R);
        if (not) c.ifge(yes);
        else c.iflt(yes);
    }

    /** Pushes a variable with its sign in the top bit. */
    private void up(int variable) {
        c.iload(variable);
        if (size() < 32) c.bipush(32 - size()).ishl();
    }

    /** After a comparison. */
    private boolean difference(int even, boolean not, Label yes) {
        boolean unsigned = even == 2 || even == 6;
        boolean orEqual = even == 6 || even == 14;
        if (!unsigned && even != 12 && even != 14) return false;
        comparable(A, unsigned);
        comparable(B, unsigned);
        if (!orEqual && !not) c.if_icmplt(yes);
        else if (!orEqual) c.if_icmpge(yes);
        else if (!not) c.if_icmple(yes);
        else c.if_icmpgt(yes);
        return true;
    }

    /** Pushes an operand for a signed comparison by the JVM; narrow operands are positive anyway. */
    private void comparable(int variable, boolean unsigned) {
        if (!unsigned) {
            up(variable);
            return;
        }
        c.iload(variable);
        if (size() == 32) c.loadConstant(0x80000000).iadd();
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
                up(R);
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
