package org.lguest.api.part;

import java.util.HexFormat;
import java.util.List;
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
     * the engine then still makes progress of at least one instruction. A budget of 1 is one instruction; the one behind a load of SS
     * comes with it.
     *
     * <p>On return {@code CpuState} is precise. {@code trapnum} is {@code NO_TRAP}, or the vector that the guest's
     * handler is owed. For faults {@code eip} is that of the instruction and nothing of it has happened (a string
     * instruction has completed some of its steps); for traps ({@code INT n}, single step) it is behind it.
     *
     * <p>An INT n of {@code CpuState.directGate} in ring 3 need not end the run: the engine may do what the switcher would, push the frame of
     * ABI section 5.2, count the trap in the guest's counters, and go on at the handler. It reports a trap as ever where that is not plain:
     * attention is raised, TF is set, the frame or the kernel's segments cannot be had.
     */
    void run(Guest guest, Parts parts, int budget);

    /**
     * An instruction in words, for people who look on. Any thread.
     *
     * @param code    bytes from the instruction's first on, 15 where there are as many
     * @param address of the instruction in its segment, to which jumps are relative
     * @param code32  the D flag of the code segment
     * @return by default its bytes in hexadecimal
     */
    default String disassemble(byte[] code, int address, boolean code32) { return HexFormat.ofDelimiter(" ").formatHex(code); }

    /**
     * Code that was generated for a guest and is in use. Any thread.
     *
     * @return by default none
     */
    default List<GeneratedCode> generated(Guest guest) { return List.of(); }
}
