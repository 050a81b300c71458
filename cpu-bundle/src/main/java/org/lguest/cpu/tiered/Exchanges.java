package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;
import static org.lguest.cpu.tiered.Code.*;

import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Set;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Flags;
import org.lguest.cpu.tiered.Emitters.Emitter;

/**
 * M:242 Instructions that read an operand and write it in one step: what kernels and C libraries make their locks of, and sets of bits in
 * memory. There is one processor, so one step they are anyway; but the devices look on, hence a barrier behind whatever has a LOCK prefix, and behind XCHG
 * with memory, which needs none (Intel SDM volume 3, section 8.2.3.9).
 */
final class Exchanges {
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(Names.VOID);
    private static final ClassDesc VAR_HANDLE = Code.desc(VarHandle.class);
    private static final Map<String, Emitter> FAMILIES =
        Map.of("xchg", Exchanges::xchg, "xadd", Exchanges::xadd, "cmpxchg", Exchanges::cmpxchg, "cmpxchg8b", Exchanges::cmpxchg8b, "bt", Exchanges::bitTest,
            "mov", Exchanges::selector);
    /** What may have a LOCK prefix, and is generated without one elsewhere. */
    private static final Set<String> LOCKABLE = Set.of("alu", "unary");

    private Exchanges() { }

    /** What generates an instruction, or null when it is none of these. */
    static Emitter of(Insn i) {
        boolean fits = switch (i.row.family()) {
            case "bt" -> i.size == 32 && (!string(i) || Code.flat(i));
            case "mov" -> storesSelector(i);
            default -> true;
        };
        return fits ? FAMILIES.get(i.row.family()) : null;
    }

    /** Whether an instruction with a LOCK prefix can be generated, or one without. */
    static boolean lockable(Insn i) { return !i.lock || LOCKABLE.contains(i.row.family()) || of(i) != null; }

    /** The same, with the barrier that the instruction is. */
    static Emitter barred(Insn i, Emitter e) {
        boolean needed = i.lock || i.row.family().equals("xchg") && i.dstKind == Kind.MEMORY;
        return !needed ? e : (g, insn) -> {
            e.emit(g, insn);
            g.c.invokestatic(VAR_HANDLE, "fullFence", NOTHING);
        };
    }

    /** Whether the operand is one of many words in memory, by the bit's number. */
    static boolean string(Insn i) { return i.row.family().equals("bt") && i.dstKind == Kind.MEMORY && i.srcKind == Kind.REGISTER; }

    /** MOV from a segment register that there is. */
    static boolean storesSelector(Insn i) { return i.row.handler().equals("mov.es") && i.src <= SegmentState.GS; }

    private static void xchg(Code g, Insn i) {
        Emitters.first(g, i, true);
        g.c.istore(U);
        g.get(i.src, i.size);
        g.c.istore(T);
        Emitters.result(g, i, T);
        g.c.iload(U);
        g.set(i.src, i.size);
    }

    private static void xadd(Code g, Insn i) {
        Emitters.first(g, i, true);
        g.c.istore(A);
        g.get(i.src, i.size);
        g.c.istore(B).iload(A).iload(B).iadd().istore(R).iload(A);
        g.set(i.src, i.size);
        Emitters.result(g, i, R);
        g.flagsOf(Flags.ADD, i.size);
    }

    /** The operand is written in either case. */
    private static void cmpxchg(Code g, Insn i) {
        Label other = g.c.newLabel();
        Label done = g.c.newLabel();
        Emitters.first(g, i, true);
        g.c.istore(B);
        g.get(EAX, i.size);
        g.c.istore(A).iload(A).iload(B).if_icmpne(other);
        g.get(i.src, i.size);
        g.c.istore(T);
        Emitters.result(g, i, T);
        g.c.goto_(done).labelBinding(other);
        Emitters.result(g, i, B);
        g.c.iload(B);
        g.set(EAX, i.size);
        g.c.labelBinding(done);
        g.flagsOf(Flags.CMP, i.size);
    }

    /** The operand is written in either case; of the flags only ZF changes. */
    private static void cmpxchg8b(Code g, Insn i) {
        Label other = g.c.newLabel();
        Label done = g.c.newLabel();
        g.take(i, 64);
        g.c.lstore(WIDE).lload(WIDE);
        pair(g, EDX, EAX);
        g.c.lcmp().istore(T).iload(T).ifne(other);
        g.into(0, 64, () -> pair(g, ECX, EBX));
        g.c.goto_(done).labelBinding(other);
        g.into(0, 64, () -> g.c.lload(WIDE));
        g.c.lload(WIDE).l2i();
        g.write(EAX);
        g.c.lload(WIDE).bipush(32).lushr().l2i();
        g.write(EDX);
        g.c.labelBinding(done).iload(T);
        g.setZf();
    }

    /** Pushes two registers as one number of 64 bits. */
    private static void pair(Code g, int high, int low) {
        g.read(high);
        g.c.i2l().bipush(32).lshl();
        g.read(low);
        g.c.i2l().loadConstant(0xFFFFFFFFL).land().lor();
    }

    /** BT, BTS, BTR, BTC. */
    private static void bitTest(Code g, Insn i) {
        int change = Integer.parseInt(i.row.variant());
        Runnable away = string(i) ? () -> {
            g.get(i.src, 32);
            g.c.iconst_5().ishr().iconst_2().ishl().iadd();
        } : null;
        if (i.dstKind != Kind.MEMORY) g.get(i.dst, 32);
        else if (change == 0) g.load(i, away);
        else g.take(i, 32, away);
        g.c.istore(T);
        g.second(i, 32);
        g.c.bipush(31).iand().istore(U);
        if (change != 0) {
            g.c.iload(T).iconst_1().iload(U).ishl();
            switch (change) {
                case 1 -> g.c.ior();
                case 2 -> g.c.iconst_m1().ixor().iand();
                default -> g.c.ixor();
            }
            g.c.istore(X);
            Emitters.result(g, i, X);
        }
        g.c.iload(T).iload(U).iushr().iconst_1().iand();
        g.setCf();
    }

    /** MOV from a segment register: memory gets 16 bits, a register what it has room for. */
    private static void selector(Code g, Insn i) {
        if (i.dstKind == Kind.MEMORY) {
            g.store(i, 16, () -> g.selector(i.src));
        } else {
            g.selector(i.src);
            g.set(i.dst, i.operandSize);
        }
    }
}
