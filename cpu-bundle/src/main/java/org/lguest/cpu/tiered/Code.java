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

    private static final ClassDesc ACCESS = desc(Access.class), DOUBLES = desc(Doubles.class);
    private static final ClassDesc CPU = desc(CpuState.class), XMM = desc(XmmState.class), SEGMENT = desc(SegmentState.class), TLB = desc(SoftTlb.class);
    private static final ClassDesc I = ConstantDescs.CD_int, J = ConstantDescs.CD_long, Z = ConstantDescs.CD_boolean;
    private static final ClassDesc V = ConstantDescs.CD_void;

    private final int bank;
    private final Windows windows;
    /** What the methods of {@link Access} are called that ask the MMU, or nothing. */
    private final String asking;
    private int step = -1;
    private Step now;

    /**
     * @param bank    of the SoftTlb
     * @param windows that are there
     * @param asks    the MMU is asked for what the SoftTlb does not know; else the code is left
     */
    Code(CodeBuilder c, int bank, Windows windows, boolean asks) {
        super(c);
        this.bank = bank;
        this.windows = windows;
        asking = asks ? "Asking" : "";
    }

    // --- plain words --------------------------------------------------------------------------------------------------

    void access(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(ACCESS, name, MethodTypeDesc.of(answer, parameters)); }

    /** Whether somebody wants the guest to pause: branches when so. */
    void attention(Label yes) { c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "attention", I).ifne(yes); }

    /** What follows belongs to an instruction that may have to be left. */
    void at(Step s) {
        now = s;
        if (step == s.k()) return;
        step = s.k();
        constant(step);
        c.istore(K);
    }

    /** Pushes the offset of the instruction of {@link #at} in the code segment. */
    void eip() {
        c.iload(BASE);
        constant(now.at());
        c.iadd();
    }

    /** A label, and the kind of the flags there, or {@link #UNKNOWN}. */
    void meet(Label l, int flags) {
        c.labelBinding(l);
        known(flags);
        step = -1;
    }

    // --- registers ----------------------------------------------------------------------------------------------------

    /** Pushes a register. */
    void read(int r) { c.iload(REGISTERS + r); }

    /** Pops into a register. */
    void write(int r) { c.istore(REGISTERS + r); }

    /** Adds a small number to a register. */
    void add(int r, int n) { c.iinc(REGISTERS + r, n); }

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
        access("linear", I, I, I, Z);
    }

    /** Whether the operand's segment is one of those that are flat where code is generated. */
    static boolean flat(Insn i) { return i.segment == SegmentState.ES || i.segment == SegmentState.SS || i.segment == SegmentState.DS; }

    /** From the linear address of an access to what lies there, zero-extended. */
    private void load(Side side, int size) {
        if (toPlace(side, size)) {
            access("get" + size, I, I);
        } else {
            constant(bank);
            access("load" + size + asking, I, I, I);
        }
    }

    /** Pops the linear address of an access, and writes there. */
    private void store(Side side, int size, Runnable value) {
        boolean place = toPlace(side, size);
        value.run();
        if (place) {
            access("set" + size, V, I, I);
        } else {
            constant(bank);
            access("store" + size + asking, V, I, I, I);
        }
    }

    /** From the linear address of an access to its place, if that is in a window. */
    private boolean toPlace(Side side, int size) {
        int number = windows.number(step, side, size >>> 3);
        if (number >= 0) c.iload(WINDOWS + number).iadd();
        return number >= 0;
    }

    /** Notes what leads to the places in a window; branches when it is not there. */
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
        access(w.write() ? "windowToWrite" : "window", I, I, I, I);
        c.dup().istore(WINDOWS + number).loadConstant(Access.NO_WINDOW).if_icmpeq(refused);
    }

    /** Pushes how often rights to a page have been taken away. */
    void revocations() { c.getstatic(ACCESS, "TLB", TLB).getfield(TLB, "revocations", I); }

    /** Pushes the memory operand, zero-extended. */
    void load(Insn i, int size) {
        address(i, false);
        load(Side.OPERAND, size);
    }

    /** Writes to the memory operand what another pushes, who must not touch memory. */
    void store(Insn i, int size, Runnable value) {
        address(i, true);
        store(Side.OPERAND, size, value);
    }

    /** Pushes what is at the address in a register: the top of a stack. */
    void top(int register) {
        read(register);
        load(Side.STACK, 32);
    }

    /** Pushes a variable onto the guest's stack. */
    void push(int variable) {
        read(ESP);
        c.iconst_4().isub();
        store(Side.STACK, 32, () -> c.iload(variable));
        add(ESP, -4);
    }

    /** Pushes 32 bits some way from the memory operand, unless {@code away}, which adds it to an address, is null. */
    void load(Insn i, Runnable away) {
        address(i, false);
        if (away != null) away.run();
        load(Side.OPERAND, 32);
    }

    /** Pushes the memory operand, zero-extended, and notes its place, where {@link #put} will write. */
    void take(Insn i, int size) { take(i, size, null); }

    /** The same some way from the operand, unless {@code away}, which adds it to an address, is null. */
    void take(Insn i, int size, Runnable away) {
        place(i, size, away);
        c.iload(PLACE);
        access("get" + size, I, I);
    }

    /** Notes the place of the memory operand, which will be written. */
    void place(Insn i, int size) { place(i, size, null); }

    private void place(Insn i, int size, Runnable away) {
        address(i, true);
        if (away != null) away.run();
        if (!toPlace(Side.OPERAND, size)) {
            constant(bank);
            access("place" + size + asking, I, I, I);
        }
        c.istore(PLACE);
    }

    /** Writes a variable to where {@link #take} has read. */
    void put(int variable, int size) {
        c.iload(PLACE).iload(variable);
        access("set" + size, V, I, I);
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

    /** Notes the place of many bytes that will be written, or read, some way from the operand. */
    void place(Insn i, int away, int bytes, boolean aligned, boolean write) {
        address(i, write);
        constant(away);
        c.iadd();
        if (aligned) access("aligned", I, I);
        constant(bytes);
        constant(bank);
        access(write ? "toMany" : "fromMany", I, I, I, I);
        c.istore(PLACE);
    }

    /** Notes the place of 16 bytes. */
    void place128(Insn i, boolean aligned, boolean write) {
        address(i, write);
        if (aligned) access("aligned", I, I);
        if (!toPlace(Side.OPERAND, 128)) {
            constant(bank);
            access((write ? "to16" : "from16") + asking, I, I, I);
        }
        c.istore(PLACE);
    }

    /** Pushes 8 bytes of what {@link #place128} has found. */
    void get64(int at) {
        c.iload(PLACE).loadConstant(at).iadd();
        access("get64", J, I);
    }

    /** Writes 8 bytes there. */
    void set64(int at, Runnable value) {
        c.iload(PLACE).loadConstant(at).iadd();
        value.run();
        access("set64", V, I, J);
    }

    /** Pushes the 8 bytes of the memory operand. */
    void load64(Insn i) {
        address(i, false);
        if (toPlace(Side.OPERAND, 64)) {
            access("get64", J, I);
        } else {
            constant(bank);
            access("load64" + asking, J, I, I);
        }
    }

    /** Writes 8 bytes to the memory operand. */
    void store64(Insn i, Runnable value) {
        address(i, true);
        boolean place = toPlace(Side.OPERAND, 64);
        value.run();
        if (place) {
            access("set64", V, I, J);
        } else {
            constant(bank);
            access("store64" + asking, V, I, J, I);
        }
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
}
