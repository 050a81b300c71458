package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.CpuState;
import org.osgi.service.component.annotations.Component;

/**
 * S:100 The loop that runs a Guest, one turn at a time.
 *
 * <p>Whoever knows lguest finds every step where it was: first what the Guest asked for, then what the world wants of it,
 * then, if it is awake, the Guest itself, and last the reason why it stopped. The order matters. A hypercall comes before
 * interrupts because the Guest is still inside it; interrupts come right before the Guest so that none waits for longer
 * than one stretch of its code. What is gone is the switch of worlds in the middle, a page of assembly mapped at the top
 * of every address space: here it is a method call.
 */
@Component
public final class RunLoop implements Switcher {
    @Override
    public void adopt(Guest guest) {
        String wrong = guest.ring().check();
        if (wrong != null) guest.kill(wrong);
    }

    @Override
    public Next turn(Guest guest, Parts parts) {
        CpuState cpu = guest.cpu();
        guest.counters().turns++;

        // What it has sent to its launcher waits to be taken, and so does all that comes behind.
        if (guest.dma().pending()) return Next.RUN;

        // The Guest trapped to ask for something: the ring of requests it saved up first, then this one.
        if (guest.ring().pending || guest.data().known() && guest.data().generation().drainsEveryTurn()) HypercallGate.perform(guest, parts);
        if (guest.dead() || guest.dma().pending()) return Next.RUN;

        // Interrupt lines: a handler is entered by making it look as if the processor had done it.
        int budget = Interrupts.deliver(guest, parts);
        if (guest.dead()) return Next.RUN;

        // Asked to sleep, and nothing woke it up.
        if (guest.halted) {
            guest.counters().halts++;
            return Next.SLEEP;
        }

        // The Guest, until it traps or somebody wants attention.
        cpu.trapnum = CpuState.NO_TRAP;
        cpu.directGate = Traps.direct(guest);
        parts.cpu().run(guest, parts, Watched.instruction(guest, parts) ? 1 : Math.min(budget, guest.stretch));

        // Why it stopped.
        if (cpu.trapnum != CpuState.NO_TRAP && !guest.dead() && !Interrupts.precede(guest)) Traps.handle(guest, parts);
        return Next.RUN;
    }

    @Override
    public boolean reflect(Guest guest, Parts parts, int trap, int errorCode) { return Frames.reflect(guest, parts, trap, errorCode); }
}
