package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.XmmState;
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
    /** JVM variables. Registers are eight from {@link #REGISTERS} on; {@link #PLACE}, {@link #WIDE} and {@link #UPPER} are longs. */
    static final int MACHINE = 1, BASE = 2, N = 3, K = 4, ROOM = 5, REGISTERS = 6, KIND = 14, A = 15, B = 16, R = 17, T = 18, U = 19, X = 20, PLACE = 21,
        ADDRESS = 23, VALUE = 24, WIDE = 25, UPPER = 27;
    /** Halves of the XMM registers: fields of {@link Access}. */
    static final String LOW = "LOW", HIGH = "HIGH";

    private static final ClassDesc ACCESS = desc(Access.class), FLAGS = desc(Flags.class), DOUBLES = desc(Doubles.class), SHIFTS = desc(Shifts.class);
    private static final ClassDesc CPU = desc(CpuState.class), XMM = desc(XmmState.class), SEGMENT = desc(SegmentState.class);
    static final ClassDesc REGION = desc(Region.class), MACHINES = desc(Machine.class), OP = desc(Op.class);
    private static final ClassDesc I = ConstantDescs.CD_int, J = ConstantDescs.CD_long, Z = ConstantDescs.CD_boolean;
    private static final ClassDesc V = ConstantDescs.CD_void;

    final CodeBuilder c;
    private final int bank;
    private final boolean thorough;
    /** The kind that the flags are of, when that is known while code is generated; else {@link #UNKNOWN}. */
    private int known = UNKNOWN;
    private int step = -1;

    /** The kind of the flags is only known while code runs. */
    static final int UNKNOWN = -1;

    /**
     * @param bank     of the SoftTlb
     * @param thorough accesses to memory are to be compiled in place, all of them: HotSpot takes its time for that
     */
    Code(CodeBuilder c, int bank, boolean thorough) {
        this.c = c;
        this.bank = bank;
        this.thorough = thorough;
    }

    private static ClassDesc desc(Class<?> k) { return ClassDesc.ofDescriptor(k.descriptorString()); }

    // --- plain words --------------------------------------------------------------------------------------------------

    /** A constant. */
    void constant(int v) { c.loadConstant(v); }

    void access(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(ACCESS, name, MethodTypeDesc.of(answer, parameters)); }

    /**
     * Calls a method of {@link Access}; when thorough, through a constant method handle. HotSpot's compiler stops to inline methods
     * after it has made 18000 nodes, which some thirty accesses to memory are enough for, but goes on behind a method handle.
     */
    private void through(String name, MethodTypeDesc type, Runnable arguments) {
        if (thorough) c.loadConstant(MethodHandleDesc.ofMethod(DirectMethodHandleDesc.Kind.STATIC, ACCESS, name, type));
        arguments.run();
        if (thorough) c.invokevirtual(ConstantDescs.CD_MethodHandle, "invokeExact", type);
        else c.invokestatic(ACCESS, name, type);
    }

    private void flags(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(FLAGS, name, MethodTypeDesc.of(answer, parameters)); }

    void shifts(String name) { c.invokestatic(SHIFTS, name, MethodTypeDesc.of(I, I, I, I)); }

    /** Whether somebody wants the guest to pause: branches when so. */
    void attention(Label yes) { c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "attention", I).ifne(yes); }

    void region(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(REGION, name, MethodTypeDesc.of(answer, parameters)); }

    /** What follows belongs to an instruction that may have to be left. */
    void at(Step s) {
        if (step == s.k()) return;
        step = s.k();
        constant(step);
        c.istore(K);
    }

    /** A label, and the kind of the flags there, or {@link #UNKNOWN}. */
    void meet(Label l, int flags) {
        c.labelBinding(l);
        known = flags;
        step = -1;
    }

    /** The kind of the flags, or {@link #UNKNOWN}. */
    int flags() { return known; }

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

    /** Writes one register back, if it is one. */
    void spill(int r) {
        if (r != ZERO) c.getstatic(ACCESS, "GPR", I.arrayType()).bipush(r).iload(REGISTERS + r).iastore();
    }

    /** Reads registers: bit r of the mask is register r. */
    void fetch(int mask) {
        for (int r = EAX; r <= EDI; r++)
            if ((mask >>> r & 1) != 0) c.getstatic(ACCESS, "GPR", I.arrayType()).bipush(r).iaload().istore(REGISTERS + r);
    }

    /** Pushes the selector of a segment register. */
    void selector(int s) { c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "seg", SEGMENT.arrayType()).bipush(s).aaload().getfield(SEGMENT, "selector", I); }

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
        c.istore(ADDRESS);
        through("load" + size, MethodTypeDesc.of(I, I, I), () -> {
            c.iload(ADDRESS);
            constant(bank);
        });
    }

    /** Pops a value and the linear address below it. */
    void store(int size) {
        c.istore(VALUE).istore(ADDRESS);
        through("store" + size, MethodTypeDesc.of(V, I, I, I), () -> {
            c.iload(ADDRESS).iload(VALUE);
            constant(bank);
        });
    }

    /** Pushes the memory operand, zero-extended. */
    void load(Insn i, int size) {
        address(i, false);
        load(size);
    }

    /** Pushes the memory operand, zero-extended, and notes its place, where {@link #put} will write. */
    void take(Insn i, int size) {
        address(i, true);
        c.istore(ADDRESS);
        through("place" + size, MethodTypeDesc.of(J, I, I), () -> {
            c.iload(ADDRESS);
            constant(bank);
        });
        c.lstore(PLACE);
        through("get" + size, MethodTypeDesc.of(I, J), () -> c.lload(PLACE));
    }

    /** Writes a variable to where {@link #take} has read. */
    void put(int variable, int size) {
        through("set" + size, MethodTypeDesc.of(V, J, I), () -> c.lload(PLACE).iload(variable));
    }

    // --- vectors ------------------------------------------------------------------------------------------------------

    /** The vector unit has to be there. */
    void vectors() { access("vectors", V); }

    /** Pushes a half of an XMM register. */
    void half(String half, int r) { c.getstatic(ACCESS, half, J.arrayType()).bipush(r).laload(); }

    /** Writes a half of an XMM register. */
    void setHalf(String half, int r, Runnable value) {
        c.getstatic(ACCESS, half, J.arrayType()).bipush(r);
        value.run();
        c.lastore();
    }

    /** Notes the place of 16 bytes. */
    void place128(Insn i, boolean aligned, boolean write) {
        address(i, write);
        if (aligned) access("aligned", I, I);
        constant(bank);
        access(write ? "to16" : "from16", J, I, I);
        c.lstore(PLACE);
    }

    /** Pushes 8 bytes of what {@link #place128} has found. */
    void get64(int at) {
        c.lload(PLACE).loadConstant((long) at).ladd();
        access("get64", J, J);
    }

    /** Writes 8 bytes there. */
    void set64(int at, Runnable value) {
        c.lload(PLACE).loadConstant((long) at).ladd();
        value.run();
        access("set64", V, J, J);
    }

    /** From a linear address to the 8 bytes there. */
    void load64() {
        constant(bank);
        access("load64", J, I, I);
    }

    /** Pops 8 bytes and the linear address below them. */
    void store64() {
        constant(bank);
        access("store64", V, I, J, I);
    }

    /** Calls a method of {@link Doubles}, which is told MXCSR as well. */
    void doubles(String name, ClassDesc answer, ClassDesc... operands) {
        c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "xmm", XMM).getfield(XMM, "mxcsr", I);
        c.invokestatic(DOUBLES, name, MethodTypeDesc.of(answer, operands).insertParameterTypes(operands.length, I));
    }

    // --- operands -----------------------------------------------------------------------------------------------------

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
    void flagsOf(int operation, int size) {
        known = operation == Flags.WORDS ? Flags.WORDS : Flags.of(operation, size);
        constant(known);
        c.istore(KIND);
        switch (operation) { // nobody shall think that these are needed
            case Flags.ADD, Flags.SUB, Flags.INC, Flags.DEC -> c.iconst_0().istore(A);
            case Flags.CMP -> c.iconst_0().istore(R);
            case Flags.LOGIC -> c.iconst_0().istore(A).iconst_0().istore(B);
            case Flags.MUL -> c.iconst_0().istore(B);
            default -> { }
        }
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
        if (known == UNKNOWN) c.iload(KIND);
        else constant(known);
        c.iload(A).iload(B).iload(R);
    }

    /** Flags as the code before held them. */
    void takeFlags() {
        takeFlag("kind", KIND);
        takeFlag("a", A);
        takeFlag("b", B);
        takeFlag("r", R);
        forgetFlags();
    }

    private void takeFlag(String name, int variable) {
        c.aload(MACHINE);
        region(name, I, MACHINES);
        c.istore(variable);
    }

    /** Flags as the interpreter left them. */
    void fetchFlags() {
        takeFlag("carries", A);
        takeFlag("resultHigh", B);
        takeFlag("resultLow", R);
        flagsOf(Flags.WORDS, 0);
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
            case Flags.INC -> carries("inc");
            case Flags.DEC -> carries("dec");
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

    /** Pops 0 or 1 into CF. */
    void setCf() {
        c.istore(T);
        carries();
        c.iload(T);
        flags("withCarry", I, I, I);
        setCarries();
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
        if (known > Flags.of(Flags.WORDS, 32) && direct(cc, yes)) return;
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
        if (even == 4) zero(not, yes);
        else if (even == 8) sign(not, yes);
        else if (operation() == Flags.CMP || operation() == Flags.SUB) return difference(even, not, yes);
        else if (operation() == Flags.LOGIC) return logic(even, not, yes);
        else return false;
        return true;
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
