package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;
import static org.lguest.cpu.tiered.Code.*;

import java.lang.classfile.Label;
import java.util.HashMap;
import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Flags;

/**
 * M:240 What is generated for plain instructions, family by family as in the x86 table. What is not here, or refuses an instruction,
 * is done by the interpreter in the middle of generated code.
 *
 * <p>An instruction changes nothing before the last of its memory accesses that may fail.
 */
final class Emitters {
    /** Generates an instruction. */
    interface Emitter {
        void emit(Code g, Insn i);
    }

    /** As a register of 8 bits. */
    private static final int AH = 4;
    private static final Map<String, Emitter> FAMILIES = new HashMap<>();

    static {
        FAMILIES.put("alu", Emitters::alu);
        FAMILIES.put("unary", Emitters::unary);
        FAMILIES.put("shift", Emitters::shift);
        FAMILIES.put("shld", (g, i) -> doubleShift(g, i, true));
        FAMILIES.put("shrd", (g, i) -> doubleShift(g, i, false));
        FAMILIES.put("lea", (g, i) -> {
            g.offset(i);
            g.set(i.dst, i.size);
        });
        FAMILIES.put("movzx8", (g, i) -> extend(g, i, 8, false));
        FAMILIES.put("movzx16", (g, i) -> extend(g, i, 16, false));
        FAMILIES.put("movsx8", (g, i) -> extend(g, i, 8, true));
        FAMILIES.put("movsx16", (g, i) -> extend(g, i, 16, true));
        FAMILIES.put("cmov", Emitters::cmov);
        FAMILIES.put("set", Emitters::set);
        FAMILIES.put("push", Emitters::push);
        FAMILIES.put("pop", Emitters::pop);
        FAMILIES.put("leave", Emitters::leave);
        FAMILIES.put("imul2", (g, i) -> imul(g, i, false));
        FAMILIES.put("imul3", (g, i) -> imul(g, i, true));
        FAMILIES.put("mul", (g, i) -> multiply(g, i, false));
        FAMILIES.put("imul1", (g, i) -> multiply(g, i, true));
        FAMILIES.put("div", (g, i) -> divide(g, i, "div"));
        FAMILIES.put("idiv", (g, i) -> divide(g, i, "idiv"));
        FAMILIES.put("cbw", (g, i) -> {
            g.read(EAX);
            if (i.operandSize == 32) g.c.i2s();
            else g.c.i2b();
            g.set(EAX, i.operandSize);
        });
        FAMILIES.put("cwd", (g, i) -> {
            g.read(EAX);
            if (i.operandSize == 16) g.c.i2s();
            g.c.bipush(31).ishr();
            g.set(EDX, i.operandSize);
        });
        FAMILIES.put("bswap", (g, i) -> {
            g.get(i.dst, 32);
            g.c.invokestatic(Names.INTEGER, "reverseBytes", Names.INT_TO_INT);
            g.set(i.dst, 32);
        });
        FAMILIES.put("nop", (g, i) -> { });
        FAMILIES.put("cld", (g, i) -> g.direction(false));
        FAMILIES.put("std", (g, i) -> g.direction(true));
        FAMILIES.put("clc", (g, i) -> carry(g, 0));
        FAMILIES.put("stc", (g, i) -> carry(g, 1));
        FAMILIES.put("sahf", (g, i) -> {
            g.get(AH, 8);
            g.sahf();
        });
    }

    private Emitters() { }

    /** What generates an instruction, or null: the interpreter does it. */
    static Emitter of(Insn i) {
        if (!Exchanges.lockable(i) || i.memory() && i.addressSize == 16) return null;
        Emitter exchange = Exchanges.of(i);
        if (exchange != null) return Exchanges.barred(i, exchange);
        boolean fits = switch (i.row.family()) {
            case "shift" -> !i.row.variant().startsWith("rc");
            case "shld", "shrd" -> i.size == 32;
            case "push" -> i.operandSize == 32;
            case "pop" -> i.operandSize == 32 && i.row.variant().equals("r");
            case "leave", "bswap" -> i.operandSize == 32;
            case "mul", "imul1", "div", "idiv" -> i.size == 32;
            case "cwd", "cbw", "lea" -> true;
            default -> true;
        };
        Emitter e = fits ? FAMILIES.get(i.row.family()) : null;
        if (e != null) return Exchanges.barred(i, e);
        return i.row.family().equals("fpu") ? FpuEmitters.of(i) : VectorEmitters.of(i);
    }

    // --- arithmetic and logic -----------------------------------------------------------------------------------------

    private static void alu(Code g, Insn i) {
        String name = i.row.variant();
        if (name.equals("mov")) {
            move(g, i);
            return;
        }
        boolean writes = !name.equals("cmp") && !name.equals("test");
        boolean carries = name.equals("adc") || name.equals("sbb");
        if (carries) {
            g.cf();
            g.c.istore(U);
        }
        operands(g, i, writes);
        compute(g, name);
        if (writes) result(g, i, R);
        g.flagsOf(switch (name) {
            case "add" -> Flags.ADD;
            case "adc" -> Flags.ADC;
            case "sub" -> Flags.SUB;
            case "sbb" -> Flags.SBB;
            case "cmp" -> Flags.CMP;
            default -> Flags.LOGIC;
        }, i.size);
    }

    /** Into A and B; what may fail comes first. */
    private static void operands(Code g, Insn i, boolean writes) {
        if (i.dstKind == Kind.MEMORY) {
            first(g, i, writes);
            g.c.istore(A);
            g.second(i, i.size);
            g.c.istore(B);
        } else {
            g.second(i, i.size);
            g.c.istore(B);
            g.get(i.dst, i.size);
            g.c.istore(A);
        }
    }

    /** Pushes the first operand, to be overwritten by {@link #result} or not. */
    static void first(Code g, Insn i, boolean writes) {
        if (i.dstKind != Kind.MEMORY) g.get(i.dst, i.size);
        else if (writes) g.take(i, i.size);
        else g.load(i, i.size);
    }

    /** Writes a variable to the first operand. */
    static void result(Code g, Insn i, int variable) {
        if (i.dstKind == Kind.MEMORY) {
            g.put(variable, i.size);
        } else {
            g.c.iload(variable);
            g.set(i.dst, i.size);
        }
    }

    private static void compute(Code g, String name) {
        g.c.iload(A).iload(B);
        switch (name) {
            case "add" -> g.c.iadd();
            case "adc" -> g.c.iadd().iload(U).iadd();
            case "sub", "cmp" -> g.c.isub();
            case "sbb" -> g.c.isub().iload(U).isub();
            case "and", "test" -> g.c.iand();
            case "or" -> g.c.ior();
            default -> g.c.ixor();
        }
        g.c.istore(R);
    }

    private static void move(Code g, Insn i) {
        if (i.dstKind == Kind.MEMORY) {
            g.store(i, i.size, () -> g.second(i, i.size));
        } else {
            g.second(i, i.size);
            g.set(i.dst, i.size);
        }
    }

    private static void unary(Code g, Insn i) {
        switch (i.row.variant()) {
            case "inc" -> step(g, i, Flags.INC, 1);
            case "dec" -> step(g, i, Flags.DEC, -1);
            case "neg" -> {
                first(g, i, true);
                g.c.istore(B).iload(B).ineg().istore(R);
                result(g, i, R);
                g.flagsOf(Flags.SUB, i.size);
            }
            default -> {
                first(g, i, true);
                g.c.iconst_m1().ixor().istore(T);
                result(g, i, T);
            }
        }
    }

    private static void step(Code g, Insn i, int kind, int by) {
        if (!g.unseen()) {
            g.cf();
            g.c.istore(U);
        }
        first(g, i, true);
        g.constant(by);
        g.c.iadd().istore(R);
        if (!g.unseen()) g.c.iload(U).istore(B);
        result(g, i, R);
        g.flagsOf(kind, i.size);
    }

    /** Shifts and rotates. */
    private static void shift(Code g, Insn i) {
        counted(g, i, i.srcKind == Kind.CL, () -> {
            if (i.row.variant().startsWith("r")) rotated(g, i);
            else shifted(g, i);
        });
    }

    /** What shifts the first operand, in T, by a count that is not zero, in U; a count of zero changes nothing. */
    private static void counted(Code g, Insn i, boolean byCl, Runnable shift) {
        first(g, i, true);
        g.c.istore(T);
        if (!byCl && (i.imm & 31) == 0) return;
        if (byCl) {
            g.read(ECX);
            g.c.bipush(31).iand();
        } else {
            g.constant(i.imm & 31);
        }
        g.c.istore(U);
        Label nothing = g.c.newLabel();
        if (byCl) g.c.iload(U).ifeq(nothing);
        shift.run();
        if (byCl) {
            g.c.labelBinding(nothing);
            g.forgetFlags();
        }
    }

    /** SHLD and SHRD of 32 bits: bits of a register enter the first operand. */
    private static void doubleShift(Code g, Insn i, boolean left) {
        counted(g, i, i.row.operands().getLast().equals("CL"), () -> {
            shiftedInto(g, i, left);
            g.c.istore(X);
            result(g, i, X);
            if (g.unseen()) return;
            g.c.iload(T).iload(X).iload(U);
            g.shifts(left ? "shldCarries" : "shrdCarries");
            g.wordsOf(X);
        });
    }

    private static void shiftedInto(Code g, Insn i, boolean left) {
        g.c.iload(T).iload(U);
        if (left) g.c.ishl();
        else g.c.iushr();
        g.get(i.src, 32);
        g.c.iload(U).ineg();
        if (left) g.c.iushr();
        else g.c.ishl();
        g.c.ior();
    }

    private static void shifted(Code g, Insn i) {
        String name = i.row.variant();
        g.c.iload(T).istore(A).iload(U).istore(B);
        by(g, name, i.size);
        g.c.istore(R);
        result(g, i, R);
        g.flagsOf(name.equals("shl") ? Flags.SHL : name.equals("shr") ? Flags.SHR : Flags.SAR, i.size);
    }

    /** Rotates change CF and OF only. */
    private static void rotated(Code g, Insn i) {
        String name = i.row.variant();
        by(g, name, i.size);
        g.c.istore(X);
        result(g, i, X);
        if (g.unseen()) return;
        rotatedCarries(g, name, i.size);
        g.carries();
        g.c.bipush(8).iand().ior();
        g.setCarries();
    }

    private static void by(Code g, String method, int size) {
        g.c.iload(T).iload(U);
        if (size == 32) {
            inPlace(g, method);
            return;
        }
        g.constant(size);
        g.shifts(method);
    }

    /** What {@link Shifts} has for all sizes, for 32 bits, where HotSpot cannot decide against it. */
    private static void inPlace(Code g, String method) {
        switch (method) {
            case "shl" -> g.c.ishl();
            case "shr" -> g.c.iushr();
            case "sar" -> g.c.ishr();
            case "rol" -> g.c.ishl().iload(T).iload(U).ineg().iushr().ior();
            default -> g.c.iushr().iload(T).iload(U).ineg().ishl().ior();
        }
    }

    /** CF and OF of a rotate as carries; the result is in X. */
    private static void rotatedCarries(Code g, String name, int size) {
        g.c.iload(X);
        if (name.equals("rol")) g.c.bipush(31).ishl().iload(X).bipush(size - 1).iushr().bipush(30).ishl().ior();
        else g.c.bipush(32 - size).ishl().loadConstant(0xC0000000).iand();
    }

    // --- multiplication -----------------------------------------------------------------------------------------------

    private static void imul(Code g, Insn i, boolean immediate) {
        if (g.unseen()) {
            g.operand(i, i.srcKind, i.src, i.size);
            if (immediate) g.constant(i.imm);
            else g.get(i.dst, i.size);
            g.c.imul();
            g.set(i.dst, i.size);
        } else product(g, i, immediate);
    }

    private static void product(Code g, Insn i, boolean immediate) {
        int up = 32 - i.size;
        g.operand(i, i.srcKind, i.src, i.size);
        signed(g, up);
        g.c.i2l();
        if (immediate) g.constant(i.imm);
        else g.get(i.dst, i.size);
        signed(g, up);
        g.c.i2l().lmul().lstore(PLACE).lload(PLACE).l2i();
        signed(g, up);
        g.c.istore(R).lload(PLACE).iload(R);
        g.overflow();
        g.c.iload(R);
        g.set(i.dst, i.size);
    }

    private static void signed(Code g, int up) {
        if (up != 0) g.c.bipush(up).ishl().bipush(up).ishr();
    }

    private static void multiply(Code g, Insn i, boolean signed) {
        g.operand(i, i.dstKind, i.dst, 32);
        wide(g, signed);
        g.read(EAX);
        wide(g, signed);
        g.c.lmul().lstore(PLACE).lload(PLACE).l2i().istore(R);
        g.c.iload(R);
        g.write(EAX);
        g.c.lload(PLACE).bipush(32).lushr().l2i();
        g.write(EDX);
        g.read(EDX);
        if (signed) g.c.iload(R).bipush(31).ishr().isub();
        g.nonzero();
    }

    /** Flags stay what they were: they are undefined. */
    private static void divide(Code g, Insn i, String name) {
        g.operand(i, i.dstKind, i.dst, 32);
        g.c.istore(T);
        g.read(EDX);
        g.read(EAX);
        g.c.iload(T);
        g.attempt(name, Names.LONG, Names.INT, Names.INT, Names.INT);
        g.c.lstore(PLACE).lload(PLACE).l2i();
        g.write(EAX);
        g.c.lload(PLACE).bipush(32).lushr().l2i();
        g.write(EDX);
    }

    private static void wide(Code g, boolean signed) {
        g.c.i2l();
        if (!signed) g.c.loadConstant(0xFFFFFFFFL).land();
    }

    // --- moves --------------------------------------------------------------------------------------------------------

    private static void extend(Code g, Insn i, int from, boolean signed) {
        g.operand(i, i.srcKind, i.src, from);
        if (signed && from == 8) g.c.i2b();
        else if (signed) g.c.i2s();
        g.set(i.dst, i.size);
    }

    private static void cmov(Code g, Insn i) {
        g.operand(i, i.srcKind, i.src, i.size);
        g.c.istore(T);
        Label yes = g.c.newLabel();
        Label no = g.c.newLabel();
        g.branch(Integer.parseInt(i.row.variant()), yes);
        g.c.goto_(no).labelBinding(yes).iload(T);
        g.set(i.dst, i.size);
        g.c.labelBinding(no);
    }

    private static void set(Code g, Insn i) {
        Label yes = g.c.newLabel();
        Label done = g.c.newLabel();
        g.branch(Integer.parseInt(i.row.variant()), yes);
        g.c.iconst_0().goto_(done).labelBinding(yes).iconst_1().labelBinding(done).istore(T);
        if (i.dstKind == Kind.MEMORY) {
            g.store(i, 8, () -> g.c.iload(T));
        } else {
            g.c.iload(T);
            g.set(i.dst, 8);
        }
    }

    private static void carry(Code g, int cf) {
        g.constant(cf);
        g.setCf();
    }

    // --- stack --------------------------------------------------------------------------------------------------------

    private static void push(Code g, Insn i) {
        switch (i.row.variant()) {
            case "r" -> g.get(i.dst, 32);
            case "i" -> g.constant(i.imm);
            case "s" -> g.selector(i.dst);
            default -> g.operand(i, i.dstKind, i.dst, 32);
        }
        pushed(g);
    }

    /** Pushes what is on the JVM's stack. */
    static void pushed(Code g) {
        g.c.istore(T);
        g.push(T);
    }

    private static void pop(Code g, Insn i) {
        g.top(ESP);
        g.add(ESP, 4);
        g.set(i.dst, 32);
    }

    private static void leave(Code g, Insn i) {
        g.top(EBP);
        g.read(EBP);
        g.c.iconst_4().iadd();
        g.write(ESP);
        g.write(EBP);
    }
}
