package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.InterruptLines;
import org.lguest.api.state.LguestData;
import org.lguest.api.state.TrapTable;

/**
 * S:120 Interrupts: which one, and whether now (ABI section 5.1).
 *
 * <p>The Guest has no interrupt flag that the processor would know. It keeps one in its own memory, and another word with
 * a bit for each line that it does not want to hear of. That makes {@code cli} and {@code sti} a plain store, a thousand
 * times cheaper than a trap, and leaves it to us to look before each stretch of code. A Guest that enables interrupts does
 * not always tell, though; so while one is waiting the stretches are short.
 */
final class Interrupts {
    /** Instructions in a stretch when nothing waits. Attention ends it early, so this bounds nothing but a counter's age. */
    static final int LONG = 1_000_000;
    /** While an interrupt waits for the guest to enable or unmask it. */
    static final int SHORT = 2_000;
    /** Short stretches that an interrupt waits for before they become uneven, see {@link #stretch}. */
    private static final int PATIENCE = 32;
    /** In the few instructions between "enable interrupts" and iret, where nothing may come in between. */
    static final int WINDOW = 8;

    private static final int DEBUG = 1;

    private Interrupts() { }

    /** Enters the handler of the lowest line that may interrupt. Returns how many instructions the guest may run before we look again. */
    static int deliver(Guest guest, Parts parts) {
        CpuState cpu = guest.cpu();
        cpu.lower(CpuState.INTERRUPT); // first this, then the lines: what is raised in between is seen now or raises it again
        int pending = guest.lines().pending();
        LguestData data = guest.data();
        if (pending == 0 || !data.known()) return LONG;
        int candidates = pending & ~data.blockedInterrupts();
        if (candidates == 0) return stretch(guest.lines()); // masked: unmasking is a plain store, and nobody tells
        if (inWindow(cpu.eip, data)) return WINDOW;

        if (guest.halted) {
            data.enableInterrupts(true);
            guest.halted = false;
        } else if (!data.interruptsEnabled()) {
            data.interruptPending(true);
            return stretch(guest.lines());
        }
        guest.lines().waited = 0;
        int irq = Integer.numberOfTrailingZeros(candidates);
        boolean entered = enter(guest, parts, irq);
        data.time(parts.clock().wallNanos(guest));
        if (entered) candidates &= ~(1 << irq);
        data.interruptPending(candidates != 0);
        return candidates != 0 ? SHORT : LONG;
    }

    /**
     * How long the next stretch is while an interrupt waits. A guest may go round in a circle, two threads that yield to each other say,
     * in which it enables interrupts for a while but makes all its hypercalls with interrupts off; if the circle is shorter than the
     * stretch, each stretch ends there, and we never see interrupts enabled, as a real timer would. Stretches of uneven length end
     * somewhere in the circle. The sequence is always the same, and 1 to 2,048 long.
     */
    private static int stretch(InterruptLines lines) {
        int n = ++lines.waited;
        return n <= PATIENCE ? SHORT : 1 + (n * 0x9E3779B1 >>> 21);
    }

    /** A line whose handler is missing stays pending. */
    private static boolean enter(Guest guest, Parts parts, int irq) {
        int vector = TrapTable.FIRST_IRQ + irq;
        if (!guest.traps().present(vector)) return false;
        guest.lines().clear(irq);
        guest.counters().interrupts[irq]++;
        Watched.interrupt(guest, irq);
        Frames.push(guest, parts, vector, false, 0);
        return true;
    }

    /**
     * Whether a waiting interrupt comes before the instruction that has just trapped. On a processor it would: interrupts are
     * looked at before each instruction, we look at them between two stretches. A guest whose stretches all end in a trap
     * that disables interrupts, one system call after another, would otherwise never be interrupted. The instruction is
     * repeated when the handler returns; it is put off once, so that it happens however fast interrupts come.
     */
    static boolean precede(Guest guest) {
        CpuState cpu = guest.cpu();
        InterruptLines lines = guest.lines();
        boolean repeatable = cpu.trapnum != DEBUG && !(cpu.software && cpu.trapnum == TrapTable.HYPERCALL);
        if (lines.pending() == 0 || lines.putOff || !repeatable) {
            lines.putOff = false;
            return false;
        }
        LguestData data = guest.data();
        int eip = cpu.software ? cpu.softwareEip : cpu.eip;
        boolean now = data.known() && (lines.pending() & ~data.blockedInterrupts()) != 0 && data.interruptsEnabled() && !inWindow(eip, data);
        if (now) cpu.eip = eip;
        lines.putOff = now;
        return now;
    }

    private static boolean inWindow(int eip, LguestData data) {
        return Integer.compareUnsigned(eip, data.noirqStart) >= 0 && Integer.compareUnsigned(eip, data.noirqEnd) < 0;
    }
}
