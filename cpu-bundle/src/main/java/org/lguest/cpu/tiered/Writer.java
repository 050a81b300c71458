package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.cpu.tiered.Code.*;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Extent;
import org.lguest.cpu.interpreter.Leave;
import org.lguest.cpu.interpreter.Shape;

/**
 * M:230 From a plan to a class: one method, in which the guest's registers are local variables, its jumps are jumps, and its calls and
 * returns are jumps as well. HotSpot does the rest.
 *
 * <p>Ways out: to an address ({@code out}), at an instruction ({@link Leave} was thrown), and by the interpreter, when an instruction
 * that it executed does not go on behind itself. Attention is polled wherever a way leads back.
 */
final class Writer {
    /** Beyond this HotSpot leaves a method to its interpreter. */
    static final int HUGE = 8000;

    /** Without stack maps, which take a third of the time: the JVM does not ask for them in classes of this version. */
    private static final ClassFile CLASSES = ClassFile.of(ClassFile.StackMapsOption.DROP_STACK_MAPS);
    private static final int OLD = ClassFile.JAVA_5_VERSION;

    private static final ClassDesc THIS = ClassDesc.of("org.lguest.cpu.tiered.Generated");
    private static final ClassDesc SHAPE = ClassDesc.ofDescriptor(Shape.class.descriptorString()), LEAVE = ClassDesc.ofDescriptor(Leave.class.descriptorString());
    private static final ClassDesc I = ConstantDescs.CD_int, Z = ConstantDescs.CD_boolean, V = ConstantDescs.CD_void;
    private static final MethodTypeDesc MAKE = MethodTypeDesc.of(V, SHAPE), STEP = MethodTypeDesc.of(OP, MACHINES, I, I, I, I, I, I, I),
        UNIT = MethodTypeDesc.of(OP, MACHINES, I, I, I);

    private final Plan plan;
    private final Windows windows;
    private final CodeBuilder c;
    private final Code g;
    private final Map<Spot, Label> labels = new HashMap<>();
    private final Set<Spot> placed = new HashSet<>();
    /** The kind of the flags at spots, as far as all ways there agree; and what is found out about that. */
    private final Map<Spot, Integer> kinds;
    private Map<Spot, Integer> found = new HashMap<>();
    private final Label out, outBy, stop, begin, end;
    private int waysOut;

    private Writer(Plan plan, Windows windows, Map<Spot, Integer> kinds, CodeBuilder c) {
        this.plan = plan;
        this.windows = windows;
        this.kinds = kinds;
        this.c = c;
        g = new Code(c, plan.shape().bank(), windows, plan.shape().extent() == Extent.SHORT);
        out = c.newLabel();
        outBy = c.newLabel();
        stop = c.newLabel();
        begin = c.newLabel();
        end = c.newLabel();
        plan.blocks().keySet().forEach(s -> labels.put(s, c.newLabel()));
    }

    /** The bytes of a class that extends {@link org.lguest.cpu.interpreter.Region}. */
    static byte[] write(Plan plan) {
        Windows windows = Windows.in(plan);
        Map<Spot, Integer> kinds = kinds(plan);
        return CLASSES.build(name(plan), k -> {
            k.withVersion(OLD, 0);
            k.withSuperclass(REGION).withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            k.withMethodBody(ConstantDescs.INIT_NAME, MAKE, ClassFile.ACC_PUBLIC,
                c -> c.aload(0).aload(1).invokespecial(REGION, ConstantDescs.INIT_NAME, MAKE).return_());
            method(k, "run", c -> new Writer(plan, windows, kinds, c));
            if (windows.any()) method(k, "careful", c -> new Writer(plan, Windows.none(), kinds, c));
        });
    }

    /** With the entry's physical address, for profilers. */
    private static ClassDesc name(Plan plan) { return ClassDesc.of(THIS.packageName(), String.format("%s_%08x", THIS.displayName(), plan.head().page.frame << 12 | plan.head().offset)); }

    /** The kinds of flags that ways bring along are known when all have been written: so they are, once in vain. */
    private static Map<Spot, Integer> kinds(Plan plan) {
        Map<Spot, Integer> kinds = new HashMap<>();
        CLASSES.build(THIS, k -> method(k, "run", c -> {
            Writer w = new Writer(plan, Windows.none(), Map.of(), c);
            w.found = kinds;
            return w;
        }));
        return kinds;
    }

    private static void method(ClassBuilder k, String name, Function<CodeBuilder, Writer> writer) {
        k.withMethodBody(name, MethodTypeDesc.of(OP, MACHINES), ClassFile.ACC_PROTECTED | ClassFile.ACC_FINAL, c -> writer.apply(c).method());
    }

    /** Bytes of the longest method in a class of {@link #write}. */
    static int length(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream().mapToInt(m -> m.findAttribute(Attributes.code()).orElseThrow().codeLength()).max().orElseThrow();
    }

    private void method() {
        enter();
        c.labelBinding(begin);
        plan.blocks().values().forEach(this::block);
        c.labelBinding(end);
        leave();
        leaveBy();
        stop();
        c.exceptionCatch(begin, end, stop, LEAVE);
    }

    /** Without a machine it is called to be noticed only. */
    private void enter() {
        Label on = c.newLabel();
        c.aload(MACHINE).ifnonnull(on).aconst_null().areturn().labelBinding(on).aload(MACHINE);
        g.region("base", I, MACHINES);
        c.istore(BASE).iconst_0().istore(SEEN).iconst_0().istore(N).iconst_0().istore(K);
        c.aload(0).aload(MACHINE).invokevirtual(REGION, "room", MethodTypeDesc.of(I, MACHINES)).istore(ROOM);
        g.fetch(0xFF);
        look();
        g.takeFlags();
        reached(plan.entry());
    }

    /** Looks for the windows; where one is not, the region is not entered so. */
    private void look() {
        if (!windows.any()) return;
        Label refused = c.newLabel(), there = c.newLabel();
        for (int i = 0; i < windows.all().size(); i++) g.look(i, refused);
        c.goto_(there).labelBinding(refused).aload(0).aload(MACHINE).invokevirtual(REGION, "refused", MethodTypeDesc.of(OP, MACHINES)).areturn();
        c.labelBinding(there);
    }

    /** For an address that is in K. */
    private void leave() {
        g.meet(out, Code.UNKNOWN);
        g.spill();
        c.aload(0).aload(MACHINE).iload(K).iload(N);
        g.pushFlags();
        c.invokevirtual(REGION, "leave", MethodTypeDesc.of(OP, MACHINES, I, I, I, I, I, I)).areturn();
    }

    /** The same, by the way whose number is in X. */
    private void leaveBy() {
        if (waysOut == 0) return;
        g.meet(outBy, Code.UNKNOWN);
        g.spill();
        c.aload(0).aload(MACHINE).iload(X).iload(K).iload(N);
        g.pushFlags();
        c.invokevirtual(REGION, "leaveBy", MethodTypeDesc.of(OP, MACHINES, I, I, I, I, I, I, I)).areturn();
    }

    /** At instruction K. */
    private void stop() {
        g.meet(stop, Code.UNKNOWN);
        c.pop();
        g.spill();
        c.aload(0).aload(MACHINE).iload(BASE).iload(K).iload(N);
        g.pushFlags();
        c.invokevirtual(REGION, "stop", STEP).areturn();
    }

    private void block(Block b) {
        g.meet(labels.get(b.spot), kinds.getOrDefault(b.spot, plan.ways(b.spot) == 1 ? found.getOrDefault(b.spot, Code.UNKNOWN) : Code.UNKNOWN));
        placed.add(b.spot);
        boolean[] unseen = UnseenFlags.in(b.steps, windows);
        for (int i = 0; i < b.steps.size(); i++) {
            Step s = b.steps.get(i);
            StoreRun run = StoreRun.at(b.steps, i);
            if (run != null && run.steps().stream().noneMatch(Step::straddles)) {
                g.at(s);
                run.emit(g);
                i += run.steps().size() - 1;
                continue;
            }
            if (s.straddles()) straddle(s);
            g.unseen(unseen[i]);
            switch (s.kind()) {
                case PLAIN -> plain(s);
                case BRANCH -> branch(b, s);
                case JUMP -> go(b, b.spot.to(s.target()));
                case CALL -> call(b, s);
                case RETURN -> back(b, s);
                case INDIRECT -> indirect(b, s);
                case STOP -> last(s);
            }
        }
        Step last = b.last();
        if (last.kind() == Kind.PLAIN) go(b, b.spot.to(last.after()));
    }

    private void plain(Step s) {
        Insn i = s.insn();
        Emitters.Emitter e = Emitters.of(i);
        if (e == null) {
            if (Kind.loadsSegment(i)) segment(s);
            else interpret(s);
            return;
        }
        if (i.memory() || !i.row.operands().isEmpty()) g.at(s);
        e.emit(g, i);
    }

    /** Everything is written back, and read again. */
    private void interpret(Step s) {
        if (Changes.none(s.insn())) {
            interpretUnit(s);
            return;
        }
        g.spill();
        interpreted("interpret", s, true);
        Label on = c.newLabel();
        c.if_acmpeq(on).areturn().labelBinding(on).pop();
        g.fetch(0xFF);
        g.fetchFlags();
        unchanged(s);
    }

    /** The rest of the instruction has to be where it was; else the interpreter sees to it. */
    private void straddle(Step s) {
        Spot rest = new Spot((s.at() >> 12) + 1 << 12, null);
        if (rest.page() == 0) return;
        Label on = c.newLabel();
        Label no = c.newLabel();
        guard(rest, no);
        c.goto_(on).labelBinding(no);
        last(s);
        c.labelBinding(on);
    }

    /** The interpreter executes it, and goes on itself. */
    private void last(Step s) {
        g.spill();
        c.aload(0).aload(MACHINE).iload(BASE);
        g.constant(s.k());
        c.iload(N);
        g.pushFlags();
        c.invokevirtual(REGION, "last", STEP).areturn();
    }

    /** The floating-point and vector units: only what the address needs is written back, unless it goes on elsewhere. */
    private void interpretUnit(Step s) {
        g.spill(s.insn().base);
        g.spill(s.insn().index);
        interpreted("interpretUnit", s, false);
        Label on = c.newLabel();
        c.if_acmpeq(on);
        g.spill();
        elsewhere();
        c.labelBinding(on).pop();
        unchanged(s);
    }

    /** What the interpreter executes may take rights to a page away: it decodes. Then it goes on itself, behind the instruction. */
    private void unchanged(Step s) {
        if (!windows.any()) return;
        Label yes = c.newLabel();
        g.revocations();
        c.iload(REVOCATIONS).if_icmpeq(yes);
        c.iinc(N, s.sequence() + 1);
        c.iload(BASE);
        g.constant(s.after());
        c.iadd().istore(K).goto_w(out).labelBinding(yes);
    }

    /** The interpreter goes on, with the flags, at the operation on the stack. */
    private void elsewhere() {
        c.aload(MACHINE);
        g.pushFlags();
        g.region("flags", V, MACHINES, I, I, I, I);
        c.areturn();
    }

    /** A load of a segment register, which mostly brings what is there; else the interpreter sees to it. Flags stay as they are. */
    private void segment(Step s) {
        Insn i = s.insn();
        boolean pop = i.row.family().equals("pop");
        Label on = c.newLabel(), done = c.newLabel(), same = c.newLabel();
        g.at(s);
        g.constant(i.dst);
        if (pop) g.top(ESP);
        else g.operand(i, i.srcKind, i.src, 16);
        g.access("holds", Z, I, I);
        c.ifne(same);
        g.spill();
        interpreted("interpretUnit", s, false);
        c.if_acmpeq(on);
        elsewhere();
        c.labelBinding(on).pop();
        g.fetch(1 << ESP);
        unchanged(s);
        c.goto_(done).labelBinding(same);
        if (pop) g.add(ESP, i.operandSize >>> 3);
        c.labelBinding(done);
    }

    private void interpreted(String method, Step s, boolean flags) {
        c.aload(0).aload(MACHINE).iload(BASE);
        g.constant(s.k());
        c.iload(N);
        if (flags) g.pushFlags();
        c.invokevirtual(REGION, method, flags ? STEP : UNIT).dup().aload(0);
    }

    // --- ways ---------------------------------------------------------------------------------------------------------

    private void branch(Block b, Step s) {
        count(b);
        Label yes = c.newLabel();
        if (s.insn().row.family().equals("jcc")) {
            g.branch(Integer.parseInt(s.insn().row.variant()), yes);
        } else {
            loop(s.insn(), yes);
        }
        way(b, b.spot.to(s.after()));
        c.labelBinding(yes);
        way(b, b.spot.to(s.target()));
    }

    /** LOOPNE, LOOPE, LOOP, JCXZ. */
    private void loop(Insn i, Label yes) {
        int kind = Integer.parseInt(i.row.variant());
        if (kind == 3) {
            g.read(ECX);
            c.ifeq(yes);
            return;
        }
        g.add(ECX, -1);
        g.read(ECX);
        if (kind == 2) {
            c.ifne(yes);
            return;
        }
        Label no = c.newLabel();
        c.ifeq(no);
        g.branch(kind == 1 ? 4 : 5, yes);
        c.labelBinding(no);
    }

    private void call(Block b, Step s) {
        g.at(s);
        c.iload(BASE);
        g.constant(s.after());
        c.iadd();
        Emitters.pushed(g);
        go(b, b.leadsTo.getFirst());
    }

    private void back(Block b, Step s) {
        g.at(s);
        g.top(ESP);
        c.istore(K);
        g.constant(4 + s.releases());
        g.read(ESP);
        c.iadd();
        g.write(ESP);
        count(b);
        dispatch(b);
    }

    /** To the address in K, which may be one of those that are known. */
    private void dispatch(Block b) {
        for (Spot to : b.leadsTo) {
            if (!plan.blocks().containsKey(to)) continue;
            Label elsewhere = c.newLabel();
            c.iload(K).iload(BASE);
            g.constant(to.at());
            c.iadd().if_icmpne(elsewhere);
            way(b, to);
            c.labelBinding(elsewhere);
        }
        c.goto_w(out);
    }

    private void indirect(Block b, Step s) {
        Insn i = s.insn();
        g.at(s);
        g.operand(i, i.dstKind, i.dst, 32);
        if (i.row.family().equals("call")) {
            c.istore(X).iload(BASE);
            g.constant(s.after());
            c.iadd();
            Emitters.pushed(g);
            c.iload(X);
        }
        c.istore(K);
        count(b);
        dispatch(b);
    }

    /** The block is over, and leads to a spot. */
    private void go(Block b, Spot to) {
        count(b);
        way(b, to);
    }

    private void count(Block b) { c.iinc(N, b.steps.size()); }

    private void way(Block from, Spot to) {
        reached(to);
        Block block = plan.blocks().get(to);
        if (block == null) {
            out(to);
            return;
        }
        Label no = c.newLabel();
        boolean guarded = to.page() != from.spot.page() && to.page() != 0;
        boolean back = placed.contains(to);
        if (guarded) guard(to, no);
        if (back) {
            c.iload(N).iload(ROOM).if_icmpge(no);
            g.attention(no);
        }
        c.goto_w(labels.get(to));
        if (guarded || back) {
            c.labelBinding(no);
            out(to);
        }
    }

    /** A way leads there. */
    private void reached(Spot to) { found.merge(to, g.flags(), (a, b) -> a.equals(b) ? a : Code.UNKNOWN); }

    /**
     * Goes on only if the page of a spot is still where it was. It is asked once on each way through the code: a guest changes mappings by
     * hypercalls, and these are not among it.
     */
    private void guard(Spot to, Label no) {
        int number = new ArrayList<>(plan.pages().keySet()).indexOf(to.page());
        int bit = number < Integer.SIZE ? 1 << number : 0;
        Label known = c.newLabel();
        c.iload(SEEN).loadConstant(bit).iand().ifne(known).iload(BASE);
        g.constant(to.page() << 12);
        c.iadd();
        g.constant(plan.pages().get(to.page()).frame << 12);
        g.constant(plan.shape().bank());
        g.access("mapped", Z, I, I, I);
        c.ifeq(no).iload(SEEN).loadConstant(bit).ior().istore(SEEN).labelBinding(known);
    }

    private void out(Spot to) {
        c.iload(BASE);
        g.constant(to.at());
        c.iadd().istore(K);
        if (to.page() != 0) {
            c.goto_w(out);
            return;
        }
        g.constant(waysOut++);
        c.istore(X).goto_w(outBy);
    }
}
