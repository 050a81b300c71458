package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.TrapTable;

/**
 * S:140 Why the Guest stopped, and who deals with it (ABI sections 4.1 to 4.4).
 *
 * <p>Most traps are the Guest's own affair: a program's system call, a page that its kernel has yet to fetch. They are
 * reflected: the Guest's handler runs as if the processor had called it. A few are ours. Vector 0x1F is the way to ask us
 * for something. And a kernel that was not told everything about its new home will still reach for ports and flags that
 * are not there; those instructions we quietly do for it.
 */
final class Traps {
    private static final int INVALID_OPCODE = 6, GENERAL_PROTECTION = 13, PAGE_FAULT = 14, SYSCALL = 0x80;
    /** Exceptions that only the Host takes first: their gates cannot be named by an INT instruction. */
    private static final int HOST_FIRST = 1 << 2 | 1 << 7 | 1 << 8 | 1 << GENERAL_PROTECTION | 1 << PAGE_FAULT | 1 << 15;

    private Traps() { }

    /** The gate that the processor may take without us: that of system calls, if it leaves interrupts alone, and nobody watches. */
    static int direct(Guest guest) {
        TrapTable gates = guest.traps();
        boolean plain = gates.present(SYSCALL) && !gates.interruptGate(SYSCALL) && gates.dpl(SYSCALL) == 3;
        return plain && !Watched.traps(guest) ? SYSCALL : CpuState.NO_GATE;
    }

    static void handle(Guest guest, Parts parts) {
        CpuState cpu = guest.cpu();
        int trap = cpu.trapnum;
        guest.counters().traps[trap]++;
        Watched.trap(guest);
        if (cpu.software) {
            software(guest, parts, trap);
            return;
        }
        switch (trap) {
            case GENERAL_PROTECTION -> {
                if (cpu.errcode == 0 && Emulation.tryOne(guest, parts)) return;
            }
            case INVALID_OPCODE -> {
                if (Emulation.vmcall(guest, parts)) return;
            }
            case PAGE_FAULT -> {
                if (guest.data().known()) guest.data().cr2(cpu.faultAddress);
            }
            default -> { }
        }
        reflect(guest, parts, trap, cpu.errcode);
    }

    /** INT n, INT3, INTO: the gate's privilege decides. A refused one is a fault of the instruction itself. */
    private static void software(Guest guest, Parts parts, int vector) {
        CpuState cpu = guest.cpu();
        if (cpu.cpl > privilege(guest.traps(), vector)) {
            cpu.eip = cpu.softwareEip;
            cpu.errcode = vector * 8 + 2;
            reflect(guest, parts, GENERAL_PROTECTION, cpu.errcode);
        } else if (vector == TrapTable.HYPERCALL) {
            guest.ring().byVmcall = false;
            guest.ring().pending = true;
        } else reflect(guest, parts, vector, 0);
    }

    /** The lowest privilege that may name a gate, as the Host's own IDT has it (ABI section 4.2). */
    private static int privilege(TrapTable gates, int vector) {
        if (vector == TrapTable.HYPERCALL) return 1;
        if (vector >= TrapTable.FIRST_IRQ) return vector == SYSCALL && gates.present(vector) ? gates.dpl(vector) : 0;
        return (HOST_FIRST >>> vector & 1) == 0 && gates.present(vector) ? gates.dpl(vector) : 0;
    }

    private static void reflect(Guest guest, Parts parts, int trap, int error) {
        CpuState cpu = guest.cpu();
        if (Frames.reflect(guest, parts, trap, error)) return;
        int about = trap == PAGE_FAULT ? cpu.faultAddress : error;
        guest.kill("unhandled trap " + trap + " at " + KillText.hex(cpu.eip) + " (" + KillText.hex(about) + ")");
    }
}
