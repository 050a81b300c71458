package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Arrays;
import org.lguest.api.Guest;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CodeFrames;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.SoftTlb;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.simd.SseUnit;
import org.lguest.cpu.x87.X87;

/**
 * M:130 The interpreter's view of one guest: the loop that runs decoded operations, and the decoded code itself.
 *
 * <p>Code is decoded once, a run at a time, and kept by physical page: two processes that share a program share its
 * decoded form, and a change of page tables costs nothing. Running is following references: each operation answers with
 * the next. The loop comes into play where that ends: at a jump to another page that has not been decoded, at a trap,
 * when attention is raised, or when the budget is used up. Attention is polled at every taken jump, so no guest can keep
 * its Host waiting.
 */
public final class Machine extends Memory {
    /** Mode bits: 32-bit code; DS, ES and SS are flat; the stack is 32-bit. */
    public static final int CODE32 = 1, FLAT = 2, STACK32 = 4;
    /** Mode bit: CS has a limit, so that every jump must be checked, or a base. */
    public static final int LIMITED = 8;
    /** Loads of SS in a row that single-stepping lets pass before it looks at attention; silicon lets any number pass. */
    private static final int MANY_SHADOWS = 16;
    /** Instructions after which the tier is asked for its threshold again. */
    private static final int OFTEN = 1 << 20;
    private static final int MODES = 16;
    /** Bytes of an instruction at most. */
    public static final int LONGEST = 15;

    /** Places of jumps out of generated code that are remembered: a power of two. */
    private static final int NEAR = 16384;
    /** Flags are in the two words of {@link Registers}. */
    static final int SETTLED = -1;

    private final CodePage[][] pages = new CodePage[MODES][];
    private final CodeFrames frames;
    private final Translator translator;
    private final int[] fetchTag, fetchAddend;
    /** Who sits where during this run. */
    Parts parts;
    /** x87, and the memory operand that it works on. */
    final X87 x87;
    final FpuOperand fpuOperand = new FpuOperand(this);
    /** Floating point of SSE. */
    final SseUnit sse;
    /** The source of the vector instruction that is being executed. */
    long low, high;
    /** Operations of the run that is being executed were decoded in this mode. */
    int mode;
    private CodePage[] current;
    /** EIP of the first byte of the page that is being executed: eip = codeBase + offset. */
    public int codeBase;
    /** Instructions retired before the current run: add {@link Op#sequence}. */
    long count;
    private long countLimit;
    private int codeSegmentBase;
    private boolean codeFlat;
    private boolean stackFlat, stack32;
    private boolean forgot;
    private final Region[] near = new Region[NEAR];
    /** What a region has named when it answered with another one. */
    Region then;
    /** Flags between two regions as {@link Flags} has them, or {@link #SETTLED}. */
    public int kind = SETTLED, a, b, r;
    /** {@link #count} when RF was loaded: it lasts for one instruction. */
    private long resumed;
    /** {@link #count} when SS was loaded: no interrupt comes between that and the next instruction, which loads ESP. */
    private long shadowed;

    /** What to do about hot code; null in the plain interpreter. */
    final Tier tier;
    /** Somebody wants to know where jumps lead. */
    final boolean learns;
    /** Half the jumps to an operation that make it hot: the second half is timed. */
    private int threshold;
    /** {@link #count} when it was asked for last. */
    private long asked;
    /** Entries of generated code after which it may be worth being larger. */
    final int busy;
    /** Where generated code notes its stores when it is being checked; else null. */
    final Journal journal;

    Machine(Guest guest) { this(guest, null); }

    /** @param tier told of hot code, on the vCPU thread; or null */
    public Machine(Guest guest, Tier tier) {
        super(guest);
        this.tier = tier;
        learns = tier != null;
        threshold = tier == null ? 0 : half(tier, 0);
        busy = tier == null ? 0 : tier.busy();
        journal = tier == null ? null : tier.journal();
        frames = guest.memory().code();
        fetchTag = guest.tlb().fetchTag;
        fetchAddend = guest.tlb().addend;
        translator = new Translator(this);
        x87 = new X87(cpu.fpu);
        sse = new SseUnit(cpu.xmm);
    }

    /** {@link org.lguest.api.part.CpuEngine#run}. */
    public void run(Parts parts, int budget) {
        this.parts = parts;
        mmu = parts.mmu();
        cpu.trapnum = NO_TRAP;
        cpu.software = false;
        count = cpu.retired;
        countLimit = count + budget;
        if (tier != null && count - asked > OFTEN) askThreshold();
        resumed = count;
        shadowed = -1;
        arithmeticFlags(cpu.eflags);
        segmentsChanged();
        do step();
        while (cpu.trapnum < 0 && (count == shadowed || count < countLimit && (cpu.attention & ~STALE_CODE) == 0 && !guest.dead()));
        cpu.retired = count;
        cpu.eflags = eflags() & ~RF | resumeFlag();
    }

    private void askThreshold() {
        asked = count;
        threshold = half(tier, count);
    }

    private static int half(Tier tier, long age) { return Math.max(1, tier.threshold(age) / 2); }

    /** RF as the handler of a trap finds it: set for faults (Intel SDM volume 3, section 17.3.1.1), else what IRET has just loaded. */
    private int resumeFlag() {
        int trap = cpu.trapnum;
        if (trap >= 0) return cpu.software || trap == 1 || trap == 3 || trap == 4 ? 0 : RF;
        return count == resumed ? cpu.eflags & RF : 0;
    }

    /** An instruction has loaded SS and is complete. Of several in a row only the first is protected, or a guest could lock everybody out. */
    void shadowed(Op op) {
        long now = count + op.sequence;
        if (now != shadowed) shadowed = now + 1;
    }

    /** IRET has loaded RF and is complete. */
    void resumed(Op op) { resumed = count + op.sequence + 1; }

    /** From {@code cpu.eip} until an operation ends the chain. */
    private void step() {
        if ((cpu.attention & STALE_CODE) != 0) forgetStale();
        if (translator.made > Translator.MOST) forgetAll();
        bank = cpu.tlbBank();
        boolean last = countLimit - count == 1;
        Op op = enter(cpu.eip);
        if (op == null) return;
        if ((cpu.eflags & TF) != 0) singleStep(op);
        else if (!codeFlat || last) one(op.plain());
        else while (op != null) op = op.exec(this);
    }

    private void singleStep(Op first) {
        int inRow = 0;
        for (Op op = first; op != null; op = op.shadow() && ++inRow < MANY_SHADOWS ? enter(cpu.eip) : null) {
            one(op.plain());
            if (cpu.trapnum >= 0) return;
            if (!op.shadow()) trap(1, 0);
        }
    }

    /** One instruction out of a chain. */
    private void one(Op op) {
        Op then = op.exec(this);
        if (then != null) leaveAt(codeBase + then.offset, count + then.sequence);
    }

    // --- how operations end a chain ---------------------------------------------------------------------------------

    /** The operation left a trap and nothing of it has happened: {@code eip} is its own. */
    Op fault(Op op) { return leaveAt(codeBase + op.offset, count + op.sequence); }

    /** After a store that answered false: a fault, or code was overwritten and the instruction is complete. */
    Op leave(Op op) { return trapped() ? fault(op) : done(op); }

    /** The operation is complete, but something changed that the chain depends on: go on through the loop. */
    Op done(Op op) { return leaveAt(codeBase + op.after(), count + op.sequence + 1); }

    /** The operation is complete, and {@code eip} is known. */
    Op doneAt(Op op, int eip) { return leaveAt(eip, count + op.sequence + 1); }

    /** The operation has done a part of its work and wants to be run again, after a look at attention. */
    Op again(Op op) { return leaveAt(codeBase + op.offset, count + op.sequence); }

    private Op leaveAt(int eip, long retired) {
        cpu.eip = eip;
        count = retired;
        return null;
    }

    /** A trap whose instruction is complete (INT n). */
    Op software(Op op, int number) {
        trap(number, 0);
        cpu.software = true;
        cpu.softwareEip = codeBase + op.offset;
        return done(op);
    }

    /** A fault with an error code. */
    Op fault(Op op, int number, int error) {
        trap(number, error);
        return fault(op);
    }

    // --- jumps ------------------------------------------------------------------------------------------------------

    /** Whether a chain may go on behind a taken jump. Retired instructions are {@code retired} then. */
    boolean mayGoOn(long retired) { return retired < countLimit && cpu.attention == 0; }

    /** A taken jump inside the page, from {@code op} to a decoded target. */
    Op jumpTo(Op op, Op target) {
        long retired = count + op.sequence + 1;
        if (!mayGoOn(retired)) return leaveAt(codeBase + target.offset, retired);
        count = retired - target.sequence;
        return learns ? landed(target) : target;
    }

    /** A taken jump to anywhere; {@code op} is complete. */
    Op jump(Op op, int eip) { return land(eip, count + op.sequence + 1); }

    /** Falls from the end of a page or run into what follows; {@code op} is no instruction. */
    Op fallTo(Op op, int eip) { return land(eip, count + op.sequence); }

    private Op land(int eip, long retired) {
        if (!mayGoOn(retired) || !codeFlat) return leaveAt(eip, retired);
        int va = eip + codeSegmentBase;
        int i = bank + (va >>> 12 & SoftTlb.ENTRIES - 1);
        if (fetchTag[i] != (va & SoftTlb.PAGE_MASK)) return leaveAt(eip, retired);
        int pa = va + fetchAddend[i];
        CodePage page = current[pa >>> 12];
        Op op = page == null ? null : page.at(pa & 0xFFF);
        if (op == null) return leaveAt(eip, retired);
        codeBase = eip - (pa & 0xFFF);
        count = retired - op.sequence;
        return learns ? landed(op) : op;
    }

    /** The decoded operation at an offset of the page that {@code op} is in, decoding it first; for links inside a page. */
    Op inPage(CodePage page, int offset) { return translator.operation(page, offset); }

    /** What runs where a jump has led: there heat is measured, and generated code is entered. */
    private Op landed(Op op) {
        Entry e = op.entry;
        if (e != null) return e;
        return ++op.heat < threshold ? op : hot(op);
    }

    private Op hot(Op op) {
        int heat = op.heat;
        op.heat = 0;
        int now = (int) count | 1;
        int passed = now - op.since;
        boolean half = op.since == 0 && threshold > 1;
        op.since = now;
        if (half) return op;
        CodePage page = mapped(codeLinear(codeBase));
        if (page == null || page.at(op.offset) != op || !tier.takes(page.mode)) return op;
        Head head = new Head(page, op);
        if (!tier.hot(head, (passed & 0xFFFFFFFFL) / heat)) return op;
        op.entry = head;
        return head;
    }

    /** See {@link Translator#straddling}. */
    Op straddling(CodePage page, int offset, long rest) { return translator.straddling(page, offset, rest); }

    /** Finds or decodes the operation at {@code eip}; null with a trap left. */
    private Op enter(int eip) {
        if (outside(eip)) return null;
        int va = eip + codeSegmentBase;
        long pa = fetchAddress(va);
        if (pa < 0) return null;
        codeBase = eip - ((int) pa & 0xFFF);
        CodePage page = page((int) (pa >>> 12));
        Op op = translator.operation(page, (int) pa & 0xFFF);
        if (outside(eip + op.length - 1)) return null;
        count -= op.sequence;
        return learns ? landed(op) : op;
    }

    /** Whether an EIP is beyond the limit of CS; leaves the trap then. */
    boolean outside(int eip) {
        if (codeFlat || Integer.compareUnsigned(eip, cpu.seg[SegmentState.CS].limit) <= 0) return false;
        trap(13, 0);
        return true;
    }

    /** Guest-physical address of a byte of code, or {@link #FAULT}. */
    long fetchAddress(int va) {
        int i = bank + (va >>> 12 & SoftTlb.ENTRIES - 1);
        if (fetchTag[i] != (va & SoftTlb.PAGE_MASK)) {
            if (!mmu.fill(guest, va, Mmu.FETCH, cpu.cpl == 3)) return FAULT;
            return mmu.physical(guest, va) & 0xFFFFFFFFL;
        }
        return va + fetchAddend[i] & 0xFFFFFFFFL;
    }

    /** Linear address of an EIP. */
    int codeLinear(int eip) { return eip + codeSegmentBase; }

    // --- modes ------------------------------------------------------------------------------------------------------

    /** A segment register or CPL changed: true when code decoded before is of no use for what follows. */
    boolean segmentsChanged() {
        SegmentState[] s = cpu.seg;
        bank = cpu.tlbBank();
        SegmentState cs = s[SegmentState.CS];
        codeSegmentBase = cs.base;
        codeFlat = cs.limit == -1;
        int now = (codeFlat && cs.base == 0 ? 0 : LIMITED) | (cs.big() ? CODE32 : 0) | (s[SegmentState.SS].big() ? STACK32 : 0)
            | (s[SegmentState.DS].flatData() && s[SegmentState.ES].flatData() && s[SegmentState.SS].flatData() ? FLAT : 0);
        stack32 = (now & STACK32) != 0;
        stackFlat = (now & (FLAT | STACK32)) == (FLAT | STACK32);
        boolean changed = now != mode;
        mode = now;
        if (pages[now] == null) pages[now] = new CodePage[(int) (ram.byteSize() / GuestMemory.PAGE)];
        current = pages[now];
        return changed;
    }

    /** Whether a data segment register holds what a load of a selector would bring, so that the load changes nothing. */
    public boolean holds(int register, int selector) {
        SegmentState s = cpu.seg[register];
        if (s.selector != selector) return false;
        if (Segments.isNull(selector)) return s.access == 0;
        int n = Segments.index(selector);
        return n > 0 && s.holds(guest.descriptors().low(n), guest.descriptors().high(n)) && cpu.cpl <= s.dpl();
    }

    // --- stack ------------------------------------------------------------------------------------------------------

    /** SS covers everything, with 32 bits. */
    boolean stackIsFlat() { return stackFlat; }

    /** Offset of the stack's top in SS. */
    int stackPointer() { return stack32 ? gpr[ESP] : gpr[ESP] & 0xFFFF; }

    /** Moves the stack's top. */
    void stackPointer(int sp) {
        if (stack32) gpr[ESP] = sp;
        else set16(ESP, sp);
    }

    /** Reads {@code bytes} at {@code above} the stack's top; a negative answer is a fault. */
    long stackAt(int above, int bytes) {
        int sp = gpr[ESP] + above;
        if (stackFlat) return load(sp, bytes);
        long va = linear(SegmentState.SS, stack32 ? sp : sp & 0xFFFF, bytes, false);
        return va < 0 ? FAULT : load((int) va, bytes);
    }

    /** Pushes 2 or 4 bytes; answers like a store. ESP has moved unless a trap was left. */
    boolean push(int v, int bytes) {
        int sp = gpr[ESP] - bytes;
        boolean ok = stackFlat ? store(sp, v, bytes) : segmentStore(SegmentState.SS, stack32 ? sp : sp & 0xFFFF, v, bytes);
        if (!ok && trapped()) return false;
        stackPointer(sp);
        return ok;
    }

    /** A write of {@code bytes} to the stack at {@code sp} would be allowed; leaves the trap when not (ENTER does that to its new frame). */
    void probeStack(int sp, int bytes) {
        long va = stackFlat ? sp & 0xFFFFFFFFL : linear(SegmentState.SS, stack32 ? sp : sp & 0xFFFF, bytes, true);
        if (va < 0 || misaligned((int) va, bytes) || physical((int) va, Mmu.WRITE) < 0) return;
        int last = (int) va + bytes - 1;
        if (((int) va ^ last) >>> 12 != 0) physical(last & SoftTlb.PAGE_MASK, Mmu.WRITE);
    }

    /** Pops 2 or 4 bytes; a negative answer is a fault, and ESP has not moved. */
    long pop(int bytes) {
        long v = stackAt(0, bytes);
        if (v >= 0) stackPointer(gpr[ESP] + bytes);
        return v;
    }

    // --- for generated code, and for who generates it ---------------------------------------------------------------

    /** Whether generated code of the given length may be entered now; its length is in instructions. */
    boolean room(Op entry, int length) { return countLimit - count - entry.sequence >= length; }

    /** Instructions that may be executed from {@code entry} on before the run ends. */
    int room(Op entry) { return (int) Math.min(countLimit - count - entry.sequence, Integer.MAX_VALUE - 0x10000); }

    /** The operation at {@code cpu.eip}, after a chain has ended without a trap; null with a trap left. */
    Op resume() { return enter(cpu.eip); }

    /** Leaves generated code for more of it, at a place that was gone to before; null when it is none. */
    Region near(int eip, long retired) {
        Region r = near[slot(eip)];
        int i = bank + (eip >>> 12 & SoftTlb.ENTRIES - 1);
        if (r == null || fetchTag[i] != (eip & SoftTlb.PAGE_MASK) || eip + fetchAddend[i] != r.physical || r.dead || !mayGoOn(retired)) return null;
        codeBase = eip - r.offset;
        count = retired - r.sequence;
        return r;
    }

    /** Leaves generated code for what follows. */
    Op landAt(int eip, long retired) {
        Op op = land(eip, retired);
        if (op instanceof Region found) near[slot(eip)] = found;
        return op;
    }

    private static int slot(int eip) { return (eip ^ eip >>> 10) & NEAR - 1; }

    /** Executes an instruction that generated code has been left at. What is behind it counts as a place that a jump leads to. */
    Op through(Op op) {
        Op then = op.exec(this);
        return then != null && then == op.next && then.length != 0 ? landed(then) : then;
    }

    /** Generated code takes flags over as they are held, or were settled. */
    void hold() { if (kind == SETTLED) hold(Flags.WORDS, carries, (int) (result >>> 32), (int) result); }

    /** Flags between one region and the next: see {@link Flags}. */
    void hold(int kind, int a, int b, int r) {
        this.kind = kind;
        this.a = a;
        this.b = b;
        this.r = r;
    }

    /** Flags are in their two words from now on. */
    void settle() {
        if (kind == SETTLED) return;
        result = Flags.result(kind, a, b, r);
        carries = Flags.carries(kind, a, b, r);
        kind = SETTLED;
    }

    /** Asks the MMU for a page that generated code needs. When it is a fault, the interpreter will meet it once more, and see to it. */
    public void ask(int va, int access) {
        if (!mmu.fill(guest, va, access, cpu.cpl == 3)) cpu.trapnum = NO_TRAP;
    }

    /** Forgets where jumps out of generated code have led. */
    public void forgetNear() {
        Arrays.fill(near, null);
        then = null;
    }

    /** The page of a linear address as it is mapped for execution now, or null when the SoftTlb does not know; vCPU thread. */
    public CodePage mapped(int va) {
        int i = bank + (va >>> 12 & SoftTlb.ENTRIES - 1);
        return fetchTag[i] != (va & SoftTlb.PAGE_MASK) ? null : page(va + fetchAddend[i] >>> 12);
    }

    /** The decoded operation at an offset of a page; vCPU thread. */
    public Op operation(CodePage page, int offset) { return translator.operation(page, offset); }

    /** Decodes the instruction at an offset of a page; false when it is none, or not wholly in the page. */
    public boolean decode(CodePage page, int offset, Insn into) { return translator.decode(page, offset, into); }

    /** The same for one that runs into a second page: its bytes there become code. */
    public boolean decode(CodePage page, CodePage second, int offset, Insn into) { return translator.decode(page, second, offset, into); }

    // --- decoded code -----------------------------------------------------------------------------------------------

    private CodePage page(int frame) {
        CodePage p = current[frame];
        if (p == null) {
            p = new CodePage(frame, mode);
            current[frame] = p;
            if (!frames.has(frame)) {
                frames.mark(frame);
                guest.tlb().protectFrame(frame);
            }
        }
        return p;
    }

    /** The page of a frame in the current mode, as code that {@code first} runs into. */
    CodePage second(CodePage first, int frame) {
        CodePage p = page(frame);
        p.enteredFrom(first);
        return p;
    }

    @Override
    boolean overwritten(long pa, int size) {
        int frame = (int) (pa >>> 12);
        if (!frames.has(frame)) return false;
        boolean hit = false;
        for (CodePage[] p : pages) hit |= p != null && p[frame] != null && p[frame].covers((int) pa & 0xFFF, size);
        if (hit) forget(frame);
        return hit;
    }

    /** A string instruction wrote [pa, pa + size), inside a page. */
    void wrote(long pa, int size) {
        if (overwritten(pa, size)) forgot = true;
    }

    /** A store inside a larger instruction has overwritten code. */
    void dropped() { forgot = true; }

    /** Whether {@link #wrote} has overwritten code since this was last asked: then the chain must end. */
    boolean forgot() {
        boolean was = forgot;
        forgot = false;
        return was;
    }

    /** Drops the decoded code of a frame in all modes. */
    private void forget(int frame) {
        frames.clear(frame);
        for (CodePage[] p : pages) {
            CodePage gone = p == null ? null : p[frame];
            if (gone == null) continue;
            p[frame] = null;
            gone.drop();
            for (CodePage first : gone.straddlers()) if (!first.dropped) forget(first.frame);
        }
    }

    private void forgetStale() {
        cpu.lower(STALE_CODE);
        frames.drainStale(this::forget);
    }

    /** Operations that are remembered, those of overwritten code included. */
    int remembered() { return translator.made; }

    /** Forgets everything: the guest leaves this engine, or has filled it with code. */
    public void forgetAll() {
        translator.made = 0;
        forgetNear();
        for (CodePage[] p : pages)
            if (p != null) for (CodePage page : p) if (page != null) forget(page.frame);
    }
}
