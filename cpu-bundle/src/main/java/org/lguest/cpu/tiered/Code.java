package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.XmmState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/**
 * The vocabulary of generated code: guest registers, operands and memory as JVM instructions, and flags by {@link FlagCode}. Methods that say so leave their
 * value on the JVM's stack.
 */
final class Code extends FlagCode {
    /** Halves of the XMM registers: fields of {@link Access}. */
    static final String LOW = "LOW", HIGH = "HIGH";

    private static final ClassDesc ACCESS = desc(Access.class), DOUBLES = desc(Doubles.class);
    private static final ClassDesc CPU = desc(CpuState.class), XMM = desc(XmmState.class), SEGMENT = desc(SegmentState.class);
    private static final ClassDesc I = ConstantDescs.CD_int, J = ConstantDescs.CD_long, Z = ConstantDescs.CD_boolean;
    private static final ClassDesc V = ConstantDescs.CD_void;

    private final int bank;
    private int step = -1;

    /** @param bank of the SoftTlb */
    Code(CodeBuilder c, int bank) {
        super(c);
        this.bank = bank;
    }

    // --- plain words --------------------------------------------------------------------------------------------------

    void access(String name, ClassDesc answer, ClassDesc... parameters) { c.invokestatic(ACCESS, name, MethodTypeDesc.of(answer, parameters)); }

    /** Whether somebody wants the guest to pause: branches when so. */
    void attention(Label yes) { c.getstatic(ACCESS, "CPU", CPU).getfield(CPU, "attention", I).ifne(yes); }

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
        known(flags);
        step = -1;
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
        access("place" + size, I, I, I);
        c.dup().istore(PLACE);
        access("get" + size, I, I);
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

    /** Notes the place of many bytes that will be written, some way from the operand. */
    void place(Insn i, int away, int bytes, boolean aligned) {
        address(i, true);
        constant(away);
        c.iadd();
        if (aligned) access("aligned", I, I);
        constant(bytes);
        constant(bank);
        access("toMany", I, I, I, I);
        c.istore(PLACE);
    }

    /** Notes the place of 16 bytes. */
    void place128(Insn i, boolean aligned, boolean write) {
        address(i, write);
        if (aligned) access("aligned", I, I);
        constant(bank);
        access(write ? "to16" : "from16", I, I, I);
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
}
