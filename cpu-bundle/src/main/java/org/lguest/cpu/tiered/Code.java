package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.SoftTlb;
import org.lguest.api.state.XmmState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.tiered.Windows.Side;
import org.lguest.cpu.tiered.Windows.Window;

/**
 * The vocabulary of generated code: guest registers, operands and memory as JVM instructions, and flags by {@link FlagCode}. Methods that say so leave their
 * value on the JVM's stack.
 */
final class Code extends FlagCode {
    /** Halves of the XMM registers: fields of {@link Access}. */
    static final String LOW = "LOW", HIGH = "HIGH";

    private static final ClassDesc ACCESS = desc(Access.class), DOUBLES = desc(Doubles.class), UNSAFE = ClassDesc.of(GuestCode.UNSAFE);
    private static final ClassDesc CPU = desc(CpuState.class), XMM = desc(XmmState.class), SEGMENT = desc(SegmentState.class), TLB = desc(SoftTlb.class);
    private static final ClassDesc I = ConstantDescs.CD_int, J = ConstantDescs.CD_long, Z = ConstantDescs.CD_boolean;
    private static final ClassDesc V = ConstantDescs.CD_void;

    private final int bank;
    private final Windows windows;
    private final boolean brief, direct;
    /** What the methods of {@link Access} are called that ask the MMU, or nothing. */
    private final String asking;
    private int step = -1, noted = -1;
    private Step now;
    private boolean attempted;
    /** Where code is brief: registers that were written, and not yet given to the machine. */
    private int written;

    /**
     * @param bank    of the SoftTlb
     * @param windows that are there
     * @param brief   the code is left after a few instructions, and there is much of its kind: registers are given to the machine before whatever may leave it,
     *                which is less work for HotSpot than at each way out, and the MMU is asked for what the SoftTlb does not know. Else the code is left for that
     * @param direct  see {@link GuestCode#direct}
     */
    Code(CodeBuilder c, int bank, Windows windows, boolean brief, boolean direct) {
        super(c);
        this.bank = bank;
        this.windows = windows;
        this.brief = brief;
        this.direct = direct;
        asking = brief ? "Asking" : "";
    }

    // --- plain words --------------------------------------------------------------------------------------------------

    /** Calls a method of {@link Access} that throws nothing. */
    void access(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(ACCESS, name, MethodTypeDesc.of(answer, parameters)); }

    /** Calls one that may have the instruction of {@link #at} be left. */
    void attempt(String name, ClassDesc answer, ClassDesc... parameters) {
        attempts();
        access(name, answer, parameters);
    }

    /** The instruction of {@link #at} may be left now. */
    private void attempts() {
        attempted = true;
        give();
        if (noted == step) return;
        noted = step;
        constant(step);
        c.istore(K);
    }

    /** Whether somebody wants the guest to pause: branches when so. */
    void attention(Label yes) { c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "attention", I).ifne(yes); }

    /** Sets or clears DF, which is kept apart from the other flags. */
    void direction(boolean down) {
        c.getstatic(ACCESS, "CPU", CPU).dup().getfield(CPU, "eflags", I);
        constant(down ? DF : ~DF);
        if (down) c.ior();
        else c.iand();
        c.putfield(CPU, "eflags", I);
    }

    /** What follows belongs to an instruction that may have to be left. */
    void at(Step s) {
        now = s;
        step = s.k();
    }

    /** Pushes the offset of the instruction of {@link #at} in the code segment. */
    void eip() {
        c.iload(BASE);
        constant(now.at());
        c.iadd();
    }

    /** A label, the kind of the flags there, or {@link #UNKNOWN}, and what may not be saved. */
    void meet(Label l, int flags, int unsaved) {
        c.labelBinding(l);
        known(flags);
        unsaved(unsaved);
        step = noted = -1;
        written = 0;
        attempted = false;
    }

    /** Whether something was attempted since the last label. */
    boolean attempted() { return attempted; }

    // --- registers ----------------------------------------------------------------------------------------------------

    /** Pushes a register. */
    void read(int r) { c.iload(REGISTERS + r); }

    /** Pops into a register. */
    void write(int r) {
        c.istore(REGISTERS + r);
        written(r);
    }

    /** Adds a small number to a register. */
    void add(int r, int n) {
        c.iinc(REGISTERS + r, n);
        written(r);
    }

    private void written(int r) {
        if (brief) written |= 1 << r;
        else changed(1 << r);
    }

    /** Where code is brief: gives to the machine what was written. Not where only some ways lead. */
    void give() {
        give(written);
        written = 0;
    }

    /** Pushes a register, zero-extended. */
    void get(int r, int size) {
        if (size == 8) {
            read(r & 3);
            if (r > 3) c.bipush(8).iushr();
            c.sipush(0xFF).iand();
        } else {
            read(r);
            if (size == 16) c.loadConstant(0xFFFF).iand();
        }
    }

    /** Pops into a register. */
    void set(int r, int size) {
        switch (size) {
            case 32 -> write(r);
            case 16 -> {
                c.loadConstant(0xFFFF).iand();
                read(r);
                c.loadConstant(0xFFFF0000).iand().ior();
                write(r);
            }
            default -> {
                c.sipush(0xFF).iand();
                if (r > 3) c.bipush(8).ishl();
                read(r & 3);
                c.loadConstant(r > 3 ? ~0xFF00 : ~0xFF).iand().ior();
                write(r & 3);
            }
        }
    }

    /**
     * Gives to the machine what may not be saved. Each way out does so itself: if they met before, the compiler would have to bring each value
     * to one place on all of them.
     */
    void save() {
        give(unsaved() | written);
        if ((unsaved() & FLAGS_BIT) != 0) saveFlags();
    }

    @Override
    void saved() {
        super.saved();
        written = 0;
    }

    /** Gives what an address is made of to the machine. */
    void spill(Insn i) {
        if (brief) give();
        else give((i.base == ZERO ? 0 : 1 << i.base) | (i.index == ZERO ? 0 : 1 << i.index));
    }

    /** Bit r of the mask is register r. */
    private void give(int mask) {
        for (int r = EAX; r <= EDI; r++)
            if ((mask >>> r & 1) != 0) c.getstatic(ACCESS, "GPR", I.arrayType()).bipush(r).iload(REGISTERS + r).iastore();
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
        if (any) read(i.base);
        if (i.index != ZERO) {
            read(i.index);
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
        if (!flat(i)) c.loadConstant(i.segment);
        offset(i);
        if (flat(i)) return;
        c.loadConstant(write ? 1 : 0);
        attempt("linear", I, I, I, Z);
    }

    /** Whether the operand's segment is one of those that are flat where code is generated. */
    static boolean flat(Insn i) { return i.segment == SegmentState.ES || i.segment == SegmentState.SS || i.segment == SegmentState.DS; }

    /** Pushes the place of an access if it is in a window. */
    private boolean inWindow(Side side, int size) {
        Windows.Inside in = windows.inside(step, side, size >>> 3);
        if (in == null) return false;
        c.lload(WINDOWS + 2 * in.number());
        if (in.from() != 0) c.loadConstant((long) in.from()).ladd();
        return true;
    }

    /** Pushes the place of an access, by a method of {@link Access} where it is in no window; {@code address} pushes its linear address. */
    private void place(Side side, int size, boolean write, Runnable address) {
        if (inWindow(side, size)) return;
        address.run();
        constant(bank);
        attempt((write ? "to" : "from") + size + asking, J, I, I);
    }

    /** Notes the place of an operand. */
    private void note(int size, boolean write, Runnable address) {
        place(Side.OPERAND, size, write, address);
        c.lstore(PLACE);
    }

    /** Pushes what an access finds, zero-extended. */
    private void load(Side side, int size, Runnable address) {
        reach();
        place(side, size, false, address);
        get(size);
    }

    /** Has an access write what {@code value} pushes. */
    private void store(Side side, int size, Runnable address, Runnable value) {
        reach();
        place(side, size, true, address);
        value.run();
        set(size);
    }

    /** Pushes what a place is reached by; then come the place, and {@link #get} or a value and {@link #set}. */
    private void reach() {
        if (direct) c.getstatic(GuestCode.DIRECT, "MEMORY", UNSAFE).aconst_null();
    }

    /** Pops a place, and pushes so many bits that are there, zero-extended: an int, or for 64 a long. */
    private void get(int size) {
        if (!direct) {
            access("get" + size, wide(size), J);
            return;
        }
        c.invokevirtual(UNSAFE, "get" + named(size), MethodTypeDesc.of(type(size), ConstantDescs.CD_Object, J));
        if (size < 32) c.loadConstant((1 << size) - 1).iand();
    }

    /** Pops a value and a place, and writes so many bits there. */
    private void set(int size) {
        if (direct) c.invokevirtual(UNSAFE, "put" + named(size), MethodTypeDesc.of(V, ConstantDescs.CD_Object, J, type(size)));
        else access("set" + size, V, J, wide(size));
    }

    private static ClassDesc wide(int size) { return size == 64 ? J : I; }

    private static ClassDesc type(int size) { return switch (size) {
        case 8 -> ConstantDescs.CD_byte;
        case 16 -> ConstantDescs.CD_short;
        default -> wide(size);
    }; }

    private static String named(int size) { return switch (size) {
        case 8 -> "Byte";
        case 16 -> "Short";
        case 32 -> "Int";
        default -> "Long";
    }; }

    /** Notes where a window begins; branches when it is not there. */
    void look(int number, Label refused) {
        Window w = windows.all().get(number);
        if (number == 0) {
            revocations();
            c.istore(REVOCATIONS);
        }
        constant(w.low());
        if (w.root() != ZERO) {
            read(w.root());
            c.iadd();
        }
        constant(w.span());
        constant(bank);
        access(w.write() ? "windowToWrite" : "window", J, I, I, I);
        c.dup2().lstore(WINDOWS + 2 * number).loadConstant(Access.NO_WINDOW).lcmp().ifeq(refused);
    }

    /** Pushes how often rights to a page have been taken away. */
    void revocations() { c.getstatic(ACCESS, "TLB", TLB).getfield(TLB, "revocations", I); }

    /** Pushes the memory operand, zero-extended: an int, or for 64 bits a long. */
    void load(Insn i, int size) { load(Side.OPERAND, size, () -> address(i, false)); }

    /** Writes to the memory operand what another pushes, who must not touch memory. */
    void store(Insn i, int size, Runnable value) { store(Side.OPERAND, size, () -> address(i, true), value); }

    /** Pushes what is at the address in a register: the top of a stack. */
    void top(int register) { load(Side.STACK, 32, () -> read(register)); }

    /** Pushes a variable onto the guest's stack. */
    void push(int variable) {
        store(Side.STACK, 32, () -> {
            read(ESP);
            c.iconst_4().isub();
        }, () -> c.iload(variable));
        add(ESP, -4);
    }

    /** Pushes 32 bits some way from the memory operand, unless {@code away}, which adds it to an address, is null. */
    void load(Insn i, Runnable away) {
        load(Side.OPERAND, 32, () -> {
            address(i, false);
            if (away != null) away.run();
        });
    }

    /** Pushes the memory operand, zero-extended, and notes its place, where {@link #put} will write. */
    void take(Insn i, int size) { take(i, size, null); }

    /** The same some way from the operand, unless {@code away}, which adds it to an address, is null. */
    void take(Insn i, int size, Runnable away) {
        place(i, size, away);
        from(0, size);
    }

    /** Notes the place of the memory operand, which will be written. */
    void place(Insn i, int size) { place(i, size, null); }

    private void place(Insn i, int size, Runnable away) {
        note(size, true, () -> {
            address(i, true);
            if (away != null) away.run();
        });
    }

    /** Writes a variable to where {@link #take} has read. */
    void put(int variable, int size) {
        into(0, size, () -> c.iload(variable));
    }

    // --- vectors ------------------------------------------------------------------------------------------------------

    /** The vector unit has to be there. */
    void vectors() { attempt("vectors", V); }

    /** Pushes a half of an XMM register. */
    void half(String half, int r) { c.getstatic(ACCESS, half, J.arrayType()).bipush(r).laload(); }

    /** Writes a half of an XMM register. */
    void setHalf(String half, int r, Runnable value) {
        c.getstatic(ACCESS, half, J.arrayType()).bipush(r);
        value.run();
        c.lastore();
    }

    /** Notes the place of many bytes that will be written, or read, some way from the operand. */
    void place(Insn i, int away, int bytes, boolean aligned, boolean write) {
        address(i, write);
        constant(away);
        c.iadd();
        if (aligned) attempt("aligned", I, I);
        constant(bytes);
        constant(bank);
        attempt(write ? "toMany" : "fromMany", J, I, I, I);
        c.lstore(PLACE);
    }

    /** Notes the place of 16 bytes. */
    void place128(Insn i, boolean aligned, boolean write) {
        if (aligned) { // in a window as well
            address(i, write);
            attempt("aligned", I, I);
            c.pop();
        }
        note(128, write, () -> address(i, write));
    }

    /** Pushes the place that was noted, and some bytes more. */
    private void pushPlace(int at) {
        c.lload(PLACE);
        if (at != 0) c.loadConstant((long) at).ladd();
    }

    /** Pushes so many bits of what has been {@linkplain #place found}, some bytes from there: an int, or for 64 a long. */
    void from(int at, int size) {
        reach();
        pushPlace(at);
        get(size);
    }

    /** Writes so many bits there, which another pushes. */
    void into(int at, int size, Runnable value) {
        reach();
        pushPlace(at);
        value.run();
        set(size);
    }

    /** Calls a method of {@link Doubles}, which is told MXCSR as well, and may have the instruction be left. */
    void doubles(String name, ClassDesc answer, ClassDesc... operands) {
        attempts();
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
}
