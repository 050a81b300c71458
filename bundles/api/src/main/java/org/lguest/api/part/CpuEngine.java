package org.lguest.api.part;

import org.lguest.api.Guest;

/**
 * Executes guest code: an i686 as the architecture manuals have it, which knows nothing of lguest.
 *
 * <p>Reads and writes {@link org.lguest.api.state.CpuState}, reaches memory through {@link org.lguest.api.state.SoftTlb} and
 * {@link Mmu#fill}, takes descriptors from {@link org.lguest.api.state.DescriptorTable}.
 */
public interface CpuEngine extends Part {
    /**
     * Runs until a trap, until attention is raised (other than for stale code), or until about {@code budget}
     * instructions are done, whichever comes first. Called on the vCPU thread, attention possibly raised already:
     * the engine then still makes progress of at least one instruction.
     *
     * <p>On return {@code CpuState} is precise. {@code trapnum} is {@code NO_TRAP}, or the vector that the guest's
     * handler is owed. For faults {@code eip} is that of the instruction and nothing of it has happened (a string
     * instruction has completed some of its steps); for traps ({@code INT n}, single step) it is behind it.
     */
    void run(Guest guest, Parts parts, int budget);
}
