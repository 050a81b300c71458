package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;

/**
 * S:150 The handful of instructions that a paravirtualised kernel should not have executed (ABI section 4.4).
 *
 * <p>There is nothing behind any I/O port: reading gives ones, writing goes nowhere, and a driver that probes finds no
 * hardware. {@code cli} is skipped, because the flag it would clear is not the one that counts. Programs in ring 3 get no
 * such help.
 */
final class Emulation {
    private Emulation() { }

    /** Does the instruction at eip if it is one of those. */
    static boolean tryOne(Guest guest, Parts parts) {
        CpuState cpu = guest.cpu();
        if (cpu.cpl != 1) return false;
        int opcode = code(guest, parts, 0);
        int length = 1;
        boolean word = opcode == 0x66;
        if (word) opcode = code(guest, parts, length++);
        switch (opcode) {
            case 0xFA -> {
                if (word) return false;
            }
            case 0xE4, 0xE5 -> {
                length++;
                in(cpu, (opcode & 1) == 0, word);
            }
            case 0xEC, 0xED -> in(cpu, (opcode & 1) == 0, word);
            case 0xE6, 0xE7 -> length++;
            case 0xEE, 0xEF -> { }
            default -> {
                return opcode == 0x0F && vmcall(guest, parts);
            }
        }
        cpu.eip += length;
        guest.counters().emulatedPorts++;
        return true;
    }

    private static void in(CpuState cpu, boolean octet, boolean word) { cpu.gpr[CpuState.EAX] |= octet ? 0xFF : word ? 0xFFFF : -1; }

    /** {@code 0F 01 C1} in ring 1 is a hypercall, whichever trap it raised here. */
    static boolean vmcall(Guest guest, Parts parts) {
        CpuState cpu = guest.cpu();
        if (cpu.cpl != 1 || code(guest, parts, 0) != 0x0F || code(guest, parts, 1) != 0x01 || code(guest, parts, 2) != 0xC1) return false;
        cpu.eip += 3;
        guest.ring().byVmcall = true;
        guest.ring().pending = true;
        return true;
    }

    /** A byte of code at an offset from eip; -1 where nothing is mapped. */
    private static int code(Guest guest, Parts parts, int offset) {
        CpuState cpu = guest.cpu();
        long pa = parts.mmu().translate(guest, cpu.seg[SegmentState.CS].base + cpu.eip + offset);
        return pa < 0 ? -1 : guest.memory().load8(pa);
    }
}
