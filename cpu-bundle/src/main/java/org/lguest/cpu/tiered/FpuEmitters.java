package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.cpu.tiered.Code.*;

import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.lguest.api.state.FpuState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.tiered.Emitters.Emitter;
import org.lguest.cpu.x87.Ordinary;

/**
 * M:247 What is generated for x87: calls of {@link Ordinary}, which inlined are a few dozen machine instructions, and behind each, for numbers that it
 * declines, one of {@link Unusual}. The unit's registers stay where they are, in the guest's state. Environments, decimals and conditional moves
 * are the interpreter's.
 */
final class FpuEmitters {
    private static final ClassDesc ACCESS = desc(Access.class), ORDINARY = desc(Ordinary.class), UNUSUAL = desc(Unusual.class), STATE = desc(FpuState.class);
    private static final ClassDesc I = Names.INT, J = Names.LONG, Z = ConstantDescs.CD_boolean, V = ConstantDescs.CD_void;
    private static final int SIGN = 0x8000, INFINITE = 0x7FFF, BIAS = 16383;

    /** What is in memory. */
    private enum Format {
        FLOAT(4), WHOLE32(4), DOUBLE(8), WHOLE16(2), WHOLE64(8), WORD(2), EXTENDED(10);

        /** As bits 1 and 2 of the opcode tell them. */
        private static final Format[] OPERANDS = {FLOAT, WHOLE32, DOUBLE, WHOLE16};

        private final int bytes;

        Format(int bytes) { this.bytes = bytes; }
    }

    private FpuEmitters() { }

    // --- which they are -------------------------------------------------------------------------------------------------

    /** What generates an instruction, or null: the interpreter does it. */
    static Emitter of(Insn i) {
        int esc = i.opcode & 7, reg = i.modrm >>> 3 & 7, r = i.modrm & 7;
        if (!i.memory()) return (esc & 1) == 0 ? arithmetic(esc, reg, r) : registers(esc, reg, r);
        return (esc & 1) == 0 ? (g, n) -> calculate(g, n, reg) : memory(esc, reg);
    }

    /** The bytes of the operand in memory. */
    static int bytes(Insn i) { return format(i).bytes; }

    /** Whether it writes the operand in memory. */
    static boolean stores(Insn i) {
        int reg = i.modrm >>> 3 & 7;
        return i.memory() && (i.opcode & 1) != 0 && (reg == 2 || reg == 3 || reg == 7);
    }

    /** FNSTSW AX. */
    static boolean writesAx(Insn i) { return opcode(i) == 0x7E0; }

    private static Format format(Insn i) {
        int esc = i.opcode & 7, reg = i.modrm >>> 3 & 7;
        if ((esc & 1) == 0 || reg < 4) return Format.OPERANDS[esc >>> 1];
        return esc == 3 ? Format.EXTENDED : esc == 7 ? Format.WHOLE64 : Format.WORD;
    }

    private static Emitter memory(int esc, int reg) {
        return switch (esc << 3 | reg) {
            case 1 << 3, 3 << 3, 5 << 3, 7 << 3, 7 << 3 | 5 -> FpuEmitters::load;
            case 1 << 3 | 2, 3 << 3 | 2, 5 << 3 | 2, 7 << 3 | 2 -> (g, i) -> store(g, i, 0);
            case 1 << 3 | 3, 3 << 3 | 3, 5 << 3 | 3, 7 << 3 | 3, 7 << 3 | 7 -> (g, i) -> store(g, i, 1);
            case 1 << 3 | 5 -> FpuEmitters::loadControl;
            case 1 << 3 | 7 -> (g, i) -> storeWord(g, i, "control");
            case 5 << 3 | 7 -> (g, i) -> storeWord(g, i, "status");
            case 3 << 3 | 5 -> FpuEmitters::loadExtended;
            case 3 << 3 | 7 -> FpuEmitters::storeExtended;
            default -> null;
        };
    }

    /** D8, DA, DC and DE. */
    private static Emitter arithmetic(int esc, int reg, int r) {
        boolean compares = reg == 2 || reg == 3;
        return switch (esc) {
            case 0 -> compares ? (g, i) -> compare(g, i, r, reg - 2) : (g, i) -> calculate(g, i, reg, r, 0, 0);
            case 2 -> reg == 5 && r == 1 ? (g, i) -> compare(g, i, 1, 2) : null;
            case 4 -> compares ? null : (g, i) -> calculate(g, i, reg, r, r, 0);
            default -> !compares ? (g, i) -> calculate(g, i, reg, r, r, 1) : reg == 3 && r == 1 ? (g, i) -> compare(g, i, 1, 2) : null;
        };
    }

    /** D9, DB, DD and DF. FCMOV wants flags, and FNINIT and its like do not mind what is pending. */
    private static Emitter registers(int esc, int reg, int r) {
        return switch (esc << 3 | reg) {
            case 1 << 3 -> (g, i) -> loadRegister(g, i, r);
            case 1 << 3 | 1 -> (g, i) -> move(g, i, 0, "exchange", r);
            case 1 << 3 | 4 -> r == 0 ? (g, i) -> move(g, i, 0, "sign", 0xFFFF, SIGN) : r == 1 ? (g, i) -> move(g, i, 0, "sign", INFINITE, 0) : FpuEmitters::whole;
            case 1 << 3 | 5 -> r == 0 ? (g, i) -> constant(g, i, BIAS, 1L << 63) : r == 6 ? (g, i) -> constant(g, i, 0, 0) : FpuEmitters::whole;
            case 1 << 3 | 2, 1 << 3 | 3, 1 << 3 | 6, 1 << 3 | 7, 5 << 3, 5 << 3 | 1, 7 << 3, 7 << 3 | 1, 7 << 3 | 2, 7 << 3 | 3 -> FpuEmitters::whole;
            case 3 << 3 | 5, 3 << 3 | 6 -> (g, i) -> compareToFlags(g, i, r, 0);
            case 5 << 3 | 2 -> (g, i) -> move(g, i, 0, "copy", r);
            case 5 << 3 | 3 -> (g, i) -> move(g, i, 1, "copy", r);
            case 5 << 3 | 4 -> (g, i) -> compare(g, i, r, 0);
            case 5 << 3 | 5 -> (g, i) -> compare(g, i, r, 1);
            case 7 << 3 | 4 -> r == 0 ? FpuEmitters::statusToAx : null;
            case 7 << 3 | 5, 7 << 3 | 6 -> (g, i) -> compareToFlags(g, i, r, 1);
            default -> null;
        };
    }

    // --- words of theirs ------------------------------------------------------------------------------------------------

    private static int opcode(Insn i) { return (i.opcode & 7) << 8 | i.modrm; }

    private static void state(Code g) { g.c.getstatic(ACCESS, "FPU", STATE); }

    private static void ordinary(Code g, String name, ClassDesc answer, ClassDesc... parameters) {
        g.c.invokestatic(ORDINARY, name, MethodTypeDesc.of(answer, parameters));
    }

    /** The unit has to be there, and nothing pending. */
    private static void begin(Code g) { g.attempt("ready", V); }

    /** The unit notes which instruction this is, as soon as nothing can hinder it any more: what is left undone was not the last one. */
    private static void note(Code g, Insn i) {
        g.eip();
        g.constant(opcode(i));
        if (i.memory()) {
            g.selector(i.segment);
            g.offset(i);
            g.access("x87", V, I, I, I, I);
        } else g.access("x87", V, I, I);
    }

    /** Pushes ST(i), in two pieces. */
    private static void register(Code g, int i) {
        state(g);
        g.constant(i);
        ordinary(g, "exponent", I, STATE, I);
        state(g);
        g.constant(i);
        ordinary(g, "significand", J, STATE, I);
    }

    /** Reads the operand into WIDE. */
    private static void read(Code g, Insn i) {
        Format f = format(i);
        if (f.bytes == 8) g.load(i, 64);
        else {
            g.load(i, f.bytes << 3);
            if (f == Format.WHOLE16) g.c.i2s();
            g.c.i2l();
        }
        g.c.lstore(WIDE);
    }

    /** Pushes what {@link #read} has read, in two pieces. */
    private static void operand(Code g, Insn i) {
        operand(g, format(i), "exponent", I);
        operand(g, format(i), "significand", J);
    }

    private static void operand(Code g, Format f, String piece, ClassDesc answer) {
        g.c.lload(WIDE);
        switch (f) {
            case FLOAT -> {
                g.c.l2i();
                ordinary(g, piece, answer, I);
            }
            case DOUBLE -> ordinary(g, piece, answer, J);
            default -> ordinary(g, piece + "OfWhole", answer, J);
        }
    }

    /** Pops whether it was done; if not, the whole unit does it. That is the end of the instruction. */
    private static void orElse(Code g, Insn i, int pops) {
        Label ordinary = g.c.newLabel(), done = g.c.newLabel();
        g.c.ifne(ordinary).getstatic(ACCESS, "UNUSUAL", UNUSUAL);
        g.constant(opcode(i));
        if (i.memory()) g.c.lload(WIDE).invokevirtual(UNUSUAL, "memory", MethodTypeDesc.of(V, I, J));
        else g.c.invokevirtual(UNUSUAL, "register", MethodTypeDesc.of(V, I));
        g.c.goto_(done).labelBinding(ordinary);
        pop(g, pops);
        g.c.labelBinding(done);
        note(g, i);
    }

    /** Functions and rarities among registers, for which there is no short way. */
    private static void whole(Code g, Insn i) {
        begin(g);
        g.c.getstatic(ACCESS, "UNUSUAL", UNUSUAL);
        g.constant(opcode(i));
        g.c.invokevirtual(UNUSUAL, "register", MethodTypeDesc.of(V, I));
        note(g, i);
    }

    private static void pop(Code g, int times) {
        for (int n = 0; n < times; n++) {
            state(g);
            ordinary(g, "pop", V, STATE);
        }
    }

    // --- arithmetic -----------------------------------------------------------------------------------------------------

    /** With an operand in memory. */
    private static void calculate(Code g, Insn i, int reg) {
        begin(g);
        read(g, i);
        state(g);
        boolean compares = reg == 2 || reg == 3;
        if (!compares) g.c.loadConstant(reg).iconst_0();
        operand(g, i);
        if (compares) ordinary(g, "compare", Z, STATE, I, J);
        else ordinary(g, "calculate", Z, STATE, I, I, I, J);
        orElse(g, i, compares ? reg - 2 : 0);
    }

    /** The operation of bits 3 to 5 of the ModRM byte, on ST(0) and ST(r). */
    private static void calculate(Code g, Insn i, int reg, int r, int to, int pops) {
        begin(g);
        state(g);
        g.c.loadConstant(reg).loadConstant(to).loadConstant(r);
        ordinary(g, "calculate", Z, STATE, I, I, I);
        orElse(g, i, pops);
    }

    // --- comparisons ----------------------------------------------------------------------------------------------------

    private static void compare(Code g, Insn i, int r, int pops) {
        begin(g);
        state(g);
        register(g, r);
        ordinary(g, "compare", Z, STATE, I, J);
        orElse(g, i, pops);
    }

    private static void compareToFlags(Code g, Insn i, int r, int pops) {
        begin(g);
        state(g);
        g.constant(r);
        ordinary(g, "compare", I, STATE, I);
        g.c.dup().istore(T);
        g.constant(Ordinary.UNKNOWN);
        g.c.ixor();
        g.attempt("certainly", V, I);
        pop(g, pops);
        note(g, i);
        VectorEmitters.ordered(g);
    }

    // --- the stack ------------------------------------------------------------------------------------------------------

    private static void load(Code g, Insn i) {
        begin(g);
        read(g, i);
        state(g);
        operand(g, i);
        ordinary(g, "push", Z, STATE, I, J);
        orElse(g, i, 0);
    }

    private static void loadRegister(Code g, Insn i, int r) {
        begin(g);
        state(g);
        register(g, r);
        ordinary(g, "push", Z, STATE, I, J);
        orElse(g, i, 0);
    }

    private static void constant(Code g, Insn i, int exponent, long significand) {
        begin(g);
        state(g);
        g.constant(exponent);
        g.c.loadConstant(significand);
        ordinary(g, "push", Z, STATE, I, J);
        orElse(g, i, 0);
    }

    /** A method of {@link Ordinary} with one number or two. */
    private static void move(Code g, Insn i, int pops, String name, int... numbers) {
        begin(g);
        state(g);
        for (int n : numbers) g.constant(n);
        if (numbers.length == 1) ordinary(g, name, Z, STATE, I);
        else ordinary(g, name, Z, STATE, I, I);
        orElse(g, i, pops);
    }

    // --- memory ---------------------------------------------------------------------------------------------------------

    /** Where it will be written has to be known first: behind that nothing fails. */
    private static void store(Code g, Insn i, int pops) {
        Format f = format(i);
        Label unusual = g.c.newLabel(), write = g.c.newLabel();
        begin(g);
        g.place(i, f.bytes << 3);
        narrow(g, f, unusual);
        pop(g, pops);
        g.c.goto_(write).labelBinding(unusual).getstatic(ACCESS, "UNUSUAL", UNUSUAL);
        g.constant(opcode(i));
        g.c.invokevirtual(UNUSUAL, "store", MethodTypeDesc.of(J, I)).lstore(WIDE).labelBinding(write);
        note(g, i);
        g.into(0, f.bytes << 3, () -> {
            g.c.lload(WIDE);
            if (f.bytes < 8) g.c.l2i();
        });
    }

    /** ST(0) becomes the bits in WIDE. */
    private static void narrow(Code g, Format f, Label unusual) {
        String to = f == Format.FLOAT ? "Float" : f == Format.DOUBLE ? "Double" : "Whole";
        state(g);
        if (to.equals("Whole")) {
            g.constant(f.bytes << 3);
            ordinary(g, "isWhole", Z, STATE, I);
        } else ordinary(g, "is" + to, Z, STATE);
        g.c.ifeq(unusual);
        state(g);
        if (f == Format.FLOAT) {
            ordinary(g, "toFloat", I, STATE);
            g.c.i2l();
        } else ordinary(g, "to" + to, J, STATE);
        g.c.lstore(WIDE);
    }

    private static void loadExtended(Code g, Insn i) {
        begin(g);
        g.place(i, 0, Format.EXTENDED.bytes, false, false);
        state(g);
        g.from(8, 16);
        g.from(0, 64);
        ordinary(g, "push", Z, STATE, I, J);
        g.attempt("certainly", V, I);
        note(g, i);
    }

    private static void storeExtended(Code g, Insn i) {
        begin(g);
        g.place(i, 0, Format.EXTENDED.bytes, false, true);
        state(g);
        g.c.iconst_0();
        ordinary(g, "copy", Z, STATE, I); // which says whether there is one
        g.attempt("certainly", V, I);
        note(g, i);
        g.into(8, 16, () -> {
            state(g);
            g.c.iconst_0();
            ordinary(g, "exponent", I, STATE, I);
        });
        g.into(0, 64, () -> {
            state(g);
            g.c.iconst_0();
            ordinary(g, "significand", J, STATE, I);
        });
        pop(g, 1);
    }

    private static void loadControl(Code g, Insn i) {
        begin(g);
        state(g);
        g.load(i, 16);
        ordinary(g, "control", Z, STATE, I);
        g.attempt("certainly", V, I);
    }

    /** FNSTCW and FNSTSW, which do not mind what is pending. */
    private static void storeWord(Code g, Insn i, String word) {
        g.vectors();
        g.store(i, 16, () -> {
            state(g);
            g.c.getfield(STATE, word, I);
        });
    }

    private static void statusToAx(Code g, Insn i) {
        g.vectors();
        state(g);
        g.c.getfield(STATE, "status", I);
        g.set(EAX, 16);
    }
}
