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
import java.util.List;
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
    private static final MethodTypeDesc MAKE = MethodTypeDesc.of(V, SHAPE), STEP = MethodTypeDesc.of(OP, MACHINES, I, I, I);

    private final Plan plan;
    private final Windows windows;
    private final CodeBuilder c;
    private final Code g;
    private final Map<Spot, Label> labels = new HashMap<>();
    private final Set<Spot> placed = new HashSet<>();
    /** What is known about spots, or null, and what is found out about them. */
    private final Arrivals known, found = new Arrivals();
    private final Label out, outBy, stop;
    /** Each way out saves what has changed, itself, which is more bytes and half the work for HotSpot; else those do so together that save the same. */
    private final boolean roomy;
    private final Map<Exit, Label> exits = new HashMap<>();
    /** See {@link Code}: there is little to save, so that blocks can share where what is thrown leads, by what that is. */
    private final boolean brief;
    private final Map<Integer, Label> handlers = new HashMap<>();
    /** What comes behind all blocks. */
    private final List<Runnable> rest = new ArrayList<>();
    private int waysOut;
    /** Of the block that is being written, or null; and where its further rounds begin. */
    private Recurrence recurrence;
    private Label again;

    /** Where what is to be saved is, and then how it is left. */
    private record Exit(int unsaved, Label how) { }

    private Writer(Plan plan, Windows windows, Arrivals known, boolean roomy, boolean direct, CodeBuilder c) {
        this.plan = plan;
        this.windows = windows;
        this.known = known;
        this.roomy = roomy;
        this.c = c;
        brief = brief(plan);
        g = new Code(c, plan.shape().bank(), windows, brief, direct);
        out = c.newLabel();
        outBy = c.newLabel();
        stop = c.newLabel();
        plan.blocks().keySet().forEach(s -> labels.put(s, c.newLabel()));
    }

    /**
     * The bytes of a class that extends {@link org.lguest.cpu.interpreter.Region}.
     *
     * @param windows that it relies on
     * @param direct  see {@link GuestCode#direct}
     */
    static byte[] write(Plan plan, Windows windows, boolean direct) {
        Arrivals known = brief(plan) ? null : arrivals(plan);
        byte[] roomy = write(plan, windows, known, true, direct);
        return length(roomy) < HUGE ? roomy : write(plan, windows, known, false, direct);
    }

    private static byte[] write(Plan plan, Windows windows, Arrivals known, boolean roomy, boolean direct) {
        return CLASSES.build(name(plan), k -> {
            k.withVersion(OLD, 0);
            k.withSuperclass(REGION).withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
            k.withMethodBody(ConstantDescs.INIT_NAME, MAKE, ClassFile.ACC_PUBLIC,
                c -> c.aload(0).aload(1).invokespecial(REGION, ConstantDescs.INIT_NAME, MAKE).return_());
            method(k, "run", c -> new Writer(plan, windows, known, roomy, direct, c));
        });
    }

    /** With the entry's physical address, for profilers. */
    private static ClassDesc name(Plan plan) { return ClassDesc.of(THIS.packageName(), String.format("%s_%08x", THIS.displayName(), plan.head().page.frame << 12 | plan.head().offset)); }

    private static boolean brief(Plan plan) { return plan.shape().extent() == Extent.SHORT; }

    /** What ways bring along is known when all have been written: so they are, once in vain. Of brief code there is much, and little to know. */
    private static Arrivals arrivals(Plan plan) {
        Arrivals[] found = new Arrivals[1];
        CLASSES.build(THIS, k -> method(k, "run", c -> {
            Writer w = new Writer(plan, Windows.none(), null, true, false, c);
            found[0] = w.found;
            return w;
        }));
        return found[0].spread();
    }

    private static void method(ClassBuilder k, String name, Function<CodeBuilder, Writer> writer) {
        k.withMethodBody(name, MethodTypeDesc.of(OP, MACHINES), ClassFile.ACC_PROTECTED | ClassFile.ACC_FINAL, c -> writer.apply(c).method());
    }

    /** Bytes of the method in a class of {@link #write}. */
    static int length(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream().mapToInt(m -> m.findAttribute(Attributes.code()).orElseThrow().codeLength()).max().orElseThrow();
    }

    private void method() {
        enter();
        plan.blocks().values().forEach(this::block);
        for (int i = 0; i < rest.size(); i++) rest.get(i).run(); // which may add to it
        leave();
        leaveBy();
        stop();
    }

    /** Without a machine it is called to be noticed only. */
    private void enter() {
        Label on = c.newLabel();
        c.aload(MACHINE).ifnonnull(on).aconst_null().areturn().labelBinding(on);
        c.aload(MACHINE).getfield(MACHINES, "codeBase", I).istore(BASE).iconst_0().istore(SEEN).iconst_0().istore(N).iconst_0().istore(K);
        if (loops()) c.aload(0).aload(MACHINE).invokevirtual(REGION, "room", MethodTypeDesc.of(I, MACHINES)).istore(ROOM);
        g.fetch(0xFF);
        look();
        g.takeFlags();
        g.saved();
        reached(null, plan.entry());
    }

    /** Whether any way leads back. */
    private boolean loops() {
        Set<Spot> before = new HashSet<>();
        return plan.blocks().values().stream().anyMatch(b -> {
            before.add(b.spot);
            return b.leadsTo.stream().anyMatch(before::contains);
        });
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
        c.labelBinding(out).aload(0).aload(MACHINE).iload(K).iload(N).invokevirtual(REGION, "leave", MethodTypeDesc.of(OP, MACHINES, I, I)).areturn();
    }

    /** The same, by the way whose number is in X. */
    private void leaveBy() {
        if (waysOut == 0) return;
        c.labelBinding(outBy).aload(0).aload(MACHINE).iload(X).iload(K).iload(N).invokevirtual(REGION, "leaveBy", STEP).areturn();
    }

    /** At instruction K. */
    private void stop() {
        c.labelBinding(stop).aload(0).aload(MACHINE).iload(BASE).iload(K).iload(N).invokevirtual(REGION, "stop", STEP).areturn();
    }

    /** Saves what has changed, and leaves. */
    private void exit(Label how) {
        if (roomy) {
            g.save();
            c.goto_w(how);
        } else {
            c.goto_w(exits.computeIfAbsent(new Exit(g.unsaved(), how), this::shared));
        }
    }

    private Label shared(Exit e) {
        Label here = c.newLabel();
        rest.add(() -> {
            g.meet(here, Code.UNKNOWN, e.unsaved);
            g.save();
            c.goto_w(e.how);
        });
        return here;
    }

    /** What is thrown leads here. */
    private Label handler(int unsaved) {
        Label here = c.newLabel();
        rest.add(() -> {
            g.meet(here, Code.UNKNOWN, unsaved);
            c.pop();
            exit(stop);
        });
        return here;
    }

    /** Where a block begins. What the only way to it brings along is known as soon as that has been written. */
    private void begin(Block b) {
        Label here = labels.get(b.spot);
        boolean only = plan.ways(b.spot) == 1;
        if (known != null) g.meet(here, known.kind(b.spot), known.unsaved(b.spot));
        else g.meet(here, only ? found.kind(b.spot) : Code.UNKNOWN, !brief ? 0 : only ? found.latest(b.spot) : Code.FLAGS_BIT);
    }

    private void block(Block b) {
        begin(b);
        placed.add(b.spot);
        boolean[] unseen = UnseenFlags.in(b.steps, windows);
        recurrence = Recurrence.in(b, unseen);
        if (recurrence != null) {
            recurrence.enter(g);
            again = c.newBoundLabel();
        }
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
            step(b, s);
        }
        Step last = b.last();
        if (last.kind() == Kind.PLAIN) go(b, b.spot.to(last.after()));
        if (!g.attempted()) return;
        int unsaved = g.everUnsaved();
        Label handler = brief ? handlers.computeIfAbsent(unsaved, this::handler) : handler(unsaved);
        c.exceptionCatch(labels.get(b.spot), c.newBoundLabel(), handler, LEAVE);
    }

    private void step(Block b, Step s) {
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

    private void plain(Step s) {
        Insn i = s.insn();
        Emitters.Emitter e = Emitters.of(i);
        if (e == null) {
            if (Kind.loadsSegment(i)) segment(s);
            else interpret(s);
            return;
        }
        if (recurrence != null && s == recurrence.product()) {
            recurrence.multiply(g);
            return;
        }
        g.at(s);
        e.emit(g, i);
        if (recurrence != null && s == recurrence.sum()) recurrence.added(g);
    }

    /** Everything is written back, and read again. */
    private void interpret(Step s) {
        if (Changes.none(s.insn())) {
            interpretUnit(s);
            return;
        }
        g.save();
        boolean keepsFlags = Changes.keepsFlags(s.insn());
        interpreted(keepsFlags ? "interpretUnit" : "interpret", s);
        Label on = c.newLabel();
        c.if_acmpeq(on);
        if (keepsFlags) elsewhere();
        else c.areturn();
        c.labelBinding(on).pop();
        g.fetch(Changes.registers(s.insn()));
        if (!keepsFlags) g.fetchFlags();
        g.saved();
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
        g.save();
        c.aload(0).aload(MACHINE).iload(BASE);
        g.constant(s.k());
        c.iload(N).invokevirtual(REGION, "last", STEP).areturn();
    }

    /** The floating-point and vector units: only what the address needs is written back, unless it goes on elsewhere. */
    private void interpretUnit(Step s) {
        g.spill(s.insn());
        interpreted("interpretUnit", s);
        Label on = c.newLabel();
        c.if_acmpeq(on);
        g.save();
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
        c.iadd().istore(K);
        exit(out);
        c.labelBinding(yes);
    }

    /** The interpreter goes on, with the flags, at the operation on the stack. */
    private void elsewhere() {
        c.aload(MACHINE);
        g.region("settle", V, MACHINES);
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
        g.save();
        interpreted("interpretUnit", s);
        c.if_acmpeq(on);
        elsewhere();
        c.labelBinding(on).pop();
        g.fetch(1 << ESP);
        unchanged(s);
        c.goto_(done).labelBinding(same);
        if (pop) g.add(ESP, i.operandSize >>> 3);
        c.labelBinding(done);
    }

    private void interpreted(String method, Step s) {
        c.aload(0).aload(MACHINE).iload(BASE);
        g.constant(s.k());
        c.iload(N).invokevirtual(REGION, method, STEP).dup().aload(0);
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
        g.give();
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
        exit(out);
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

    private void count(Block b) {
        g.give();
        c.iinc(N, b.steps.size());
    }

    private void way(Block from, Spot to) {
        reached(from, to);
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
        c.goto_w(recurrence != null && to.equals(from.spot) ? again : labels.get(to));
        if (guarded || back) {
            c.labelBinding(no);
            out(to);
        }
    }

    /** A way leads there. */
    private void reached(Block from, Spot to) { found.add(from == null ? null : from.spot, to, g); }

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
        if (to.page() == 0) {
            g.constant(waysOut++);
            c.istore(X);
        }
        exit(to.page() == 0 ? outBy : out);
    }
}
