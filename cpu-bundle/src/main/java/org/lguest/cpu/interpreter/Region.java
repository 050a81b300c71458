package org.lguest.cpu.interpreter;

import java.util.Arrays;

/**
 * Generated code: a part of the guest's program, entered at one place, that runs until it leads somewhere it does not know.
 * A subclass is generated for each; what it inherits is how it leaves, and how it has the interpreter do single instructions.
 *
 * <p>While it runs, registers and flags are in its own variables, and {@code Machine.count} and {@code codeBase} are those of
 * the entry. In what follows {@code k} is the ordinal of an instruction (see {@link Shape}), {@code base} is EIP of the first
 * byte of the entry's page, and {@code n} counts the instructions that were completed since the entry: up to the block that
 * is being executed where there is a {@code k}, else all of them.
 */
public abstract class Region extends Entry {
    /** Refusals in a row that say nothing; and how many entries (a power of two) that were not refused make up for one. */
    private static final int FEW = 64, OFTEN = 3;
    /** So many instructions (a power of two) count as an entry, when it is asked whether code is busy. */
    private static final int WORK = 6;

    private final Shape shape;
    private final int bank, longest;
    /** Physical address of the entry. */
    final int physical;
    /** {@link Shape#stale}, at hand: of a region that is changed to little else is looked at, since each look may miss the processor's cache. */
    volatile boolean dead;
    private long entries, instructions, stops;
    /** Entries, and refusals as so many entries, that the interpreter may still have; the entry that was refused last. */
    private long credit = FEW << OFTEN, refusedAt;
    /** The same, which relies on nothing, for memory that lies unluckily: when there is one, and whether it was asked for. */
    private volatile Region careful;
    private boolean carefulIsDue;
    /** Entries, and instructions as such, at which it is asked whether it should be larger. */
    private long review;
    /** Where ways out lead that stay in the page of the entry, by their number, once they have been gone. */
    private Region[] links = {};

    /** For generated subclasses. */
    protected Region(Shape shape) {
        super(shape.head.plain);
        this.shape = shape;
        bank = shape.bank;
        longest = shape.longest;
        physical = shape.head.page.frame << 12 | offset;
        review = shape.busy;
        shape.became(this);
    }

    @Override
    final Op exec(Machine m) {
        for (Region r = this;;) {
            if (r.dead) return r.forsaken(m);
            if (m.bank != r.bank || !m.room(r, r.longest)) {
                m.settle();
                return r.plain.exec(m);
            }
            if (++r.entries + (r.instructions >>> WORK) > r.review) r.review(m);
            m.hold();
            Op next = m.journal == null ? r.run(m) : LockStep.run(m, r, m.journal);
            if (next == null || next != m.then) return next;
            r = m.then;
        }
    }

    private void review(Machine m) {
        review = m.tier.busy(this) ? Long.MAX_VALUE : review + m.busy;
    }

    /** Calls the code, which does nothing, so that HotSpot takes notice of it; before it is installed, any thread. */
    public final void present(int times) {
        for (int i = 0; i < times; i++) run(null);
    }

    /** The code has changed, or was evicted: it has to become hot anew. */
    private Op forsaken(Machine m) {
        if (plain.entry == this) plain.entry = shape.head.prefers(this) ? shape.head : null;
        m.settle();
        return plain.exec(m);
    }

    @Override
    final boolean begun() { return !dead; }

    /** Times that the code was entered; the vCPU thread counts. */
    public final long entries() { return entries; }

    /** Instructions that were completed in it. */
    public final long instructions() { return instructions; }

    /** Times that it gave up at an instruction. */
    public final long stops() { return stops; }

    /**
     * Memory that the code relies on is not where it could use it, and it has done nothing: the interpreter runs instead, and brings pages in. If that happens
     * again and again memory lies unluckily in this program, and may for as long as it runs.
     */
    public final Op refused(Machine m) {
        credit = Math.min(FEW << OFTEN, credit + entries - refusedAt - 1);
        refusedAt = entries;
        if (m.journal != null) return carefully(m);
        if (credit >= 1 << OFTEN) {
            credit -= 1 << OFTEN;
        } else {
            if (careful != null) return carefully(m);
            if (!carefulIsDue) m.tier.unlucky(this);
            carefulIsDue = true;
        }
        m.settle();
        return plain.exec(m);
    }

    /** What is done so counts as done here: a region that works is looked at again, however it works. */
    private Op carefully(Machine m) {
        Region c = careful;
        Op next = c.run(m);
        instructions += c.instructions;
        stops += c.stops;
        c.instructions = c.stops = 0;
        return next;
    }

    /** From now on what was made from the same, and relies on nothing, runs where this one {@linkplain #refused refuses}; any thread. */
    public final void relieve(Region careful) { this.careful = careful; }

    /** What it was made from. */
    public final Shape shape() { return shape; }

    /** The generated code. Without a machine it does nothing, and answers null. */
    protected abstract Op run(Machine m);

    // --- entering ---------------------------------------------------------------------------------------------------

    /** The low half of {@code Registers.result}. */
    public static int resultLow(Machine m) { return (int) m.result; }

    /** Its high half. */
    public static int resultHigh(Machine m) { return (int) (m.result >>> 32); }

    /** See {@code Registers.carries}. */
    public static int carries(Machine m) { return m.carries; }

    /** Instructions that may be executed before the run ends. */
    public final int room(Machine m) { return m.room(this); }

    // --- leaving; what has changed, of registers and flags, was given to the machine before ---------------------------

    /** For what is elsewhere. */
    public final Op leave(Machine m, int eip, int n) {
        instructions += n;
        long retired = m.count + sequence + n;
        Region next = m.near(eip, retired);
        if (next == null) {
            Op op = m.landAt(eip, retired);
            if (!(op instanceof Region found)) {
                m.settle();
                return op;
            }
            next = found;
        }
        return m.then = next;
    }

    /** For what is elsewhere in the page of the entry, by a way with a number: that it leads to the same place each time goes without asking. */
    public final Op leaveBy(Machine m, int number, int eip, int n) {
        Region to = number < links.length ? links[number] : null;
        long retired = m.count + sequence + n;
        if (to == null || to.dead || !m.mayGoOn(retired)) return link(number, leave(m, eip, n));
        instructions += n;
        m.count = retired - to.sequence;
        return m.then = to;
    }

    private Op link(int number, Op next) {
        boolean here = next instanceof Region to && to.physical >>> 12 == physical >>> 12;
        if (number >= links.length) links = Arrays.copyOf(links, number + 1);
        links[number] = here ? (Region) next : null;
        return next;
    }

    /** Forgets where its ways have led, so that what is not entered any more can go. */
    public final void unlink() {
        links = new Region[0];
        if (careful != null) careful.unlink();
    }

    /** At an instruction of which nothing has happened: the interpreter does it, and goes on from there. */
    public final Op stop(Machine m, int base, int k, int n) {
        instructions += n + shape.sequence[k];
        stops++;
        m.tier.sideExit(physical, base + shape.at[k]);
        return left(m, base, k, n);
    }

    /** Flags as the interpreter has them, of what is held. */
    public static void settle(Machine m) { m.settle(); }

    private Op goTo(Machine m, int base, int k, int n) {
        Op op = shape.ops[k];
        m.codeBase = base + shape.at[k] - op.offset;
        m.count += sequence + n + shape.sequence[k] - op.sequence;
        return op;
    }

    /** Has the interpreter execute an instruction. The answer is this region when it may go on behind it, else where the chain goes on. */
    public final Op interpret(Machine m, int base, int k, int n) {
        m.settle();
        return interpretUnit(m, base, k, n);
    }

    /** Has the interpreter execute an instruction behind which this code does not go on. */
    public final Op last(Machine m, int base, int k, int n) {
        instructions += n + shape.sequence[k];
        return left(m, base, k, n);
    }

    /** {@link LockStep} has it executed itself. */
    private Op left(Machine m, int base, int k, int n) {
        m.settle();
        Op op = goTo(m, base, k, n);
        return m.journal == null ? m.through(op) : op;
    }

    /** The same for an instruction that has nothing to do with flags; {@link #settle} is called when the chain goes on elsewhere. */
    public final Op interpretUnit(Machine m, int base, int k, int n) {
        long count = m.count;
        Op op = goTo(m, base, k, n);
        Op then = op.exec(m);
        if (then == null || then != op.next) return then;
        m.codeBase = base;
        m.count = count;
        return this;
    }
}
