package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.GuestMemory;
import org.osgi.service.component.annotations.Component;

/**
 * H:440 The processor's tables (ABI sections 2.4 to 2.6, 4.5): what segments there are, where the handler of each trap is, which stack a trap
 * from ring 3 is to use, and whether floating point instructions shall trap.
 *
 * <p>A kernel on a real machine writes these tables in memory and tells the processor where they are. A Guest's are copied instead, entry by
 * entry, and looked at on the way: whoever could write descriptors could give himself ring 0. So a segment of privilege 0 becomes one of
 * privilege 1, and a gate keeps nothing but the address of its handler, its kind, and who may call it.
 */
@Component
public final class DescriptorCalls implements HypercallFamily {
    private static final int TLS_ENTRIES = 3;

    @Override
    public Hypercall.Family family() { return Hypercall.Family.DESCRIPTORS; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        switch (call) {
            case LOAD_GDT -> loadGdt(guest, a1, a2);
            case LOAD_GDT_ENTRY -> loadGdtEntry(guest, a1, a2, a3);
            case LOAD_TLS -> load(guest, a1, DescriptorTable.TLS_FIRST, TLS_ENTRIES);
            case LOAD_IDT_ENTRY -> loadGate(guest, a1, a2, a3);
            case SET_STACK -> setStack(guest, parts, a1, a2, a3);
            case TS -> setTs(guest.cpu(), a1 != 0);
            default -> Misdirected.kill(guest, this, call);
        }
    }

    private static void loadGdt(Guest guest, int table, int count) {
        if (Integer.compareUnsigned(count, DescriptorTable.ENTRIES) > 0) guest.kill("too many gdt entries " + count);
        else load(guest, table, 0, count);
    }

    private static void loadGdtEntry(Guest guest, int index, int low, int high) {
        if (Integer.compareUnsigned(index, DescriptorTable.ENTRIES) >= 0) guest.kill("too many gdt entries " + index);
        else guest.descriptors().set(index, low, high);
    }

    private static void load(Guest guest, int from, int first, int count) {
        GuestMemory memory = guest.memory();
        long at = Integer.toUnsignedLong(from);
        if (!memory.contains(at, 8L * count)) {
            guest.kill(KillText.badRead(from, 8 * count));
            return;
        }
        for (int i = 0; i < count; i++) guest.descriptors().set(first + i, memory.load32(at + 8L * i), memory.load32(at + 8L * i + 4));
    }

    private static void loadGate(Guest guest, int number, int low, int high) {
        switch (guest.traps().set(number, low, high)) {
            case YES, IGNORED -> { }
            case BAD_NUMBER -> {
                if (!guest.generation().bus().classic()) guest.kill("Setting idt entry " + number); // the first Host dropped it without a word
            }
            case BAD_TYPE -> guest.kill("bad IDT type " + (high >>> 8 & 0xF));
        }
    }

    private static void setStack(Guest guest, Parts parts, int selector, int esp, int pages) {
        if ((selector & 3) != 1) {
            guest.kill("bad stack segment " + selector);
            return;
        }
        if (Integer.compareUnsigned(pages, 2) > 0) {
            guest.kill("bad stack pages " + Integer.toUnsignedString(pages));
            return;
        }
        CpuState cpu = guest.cpu();
        cpu.ss1 = selector & 0xFFFF;
        cpu.esp1 = esp;
        cpu.stackPages = pages;
        parts.mmu().pinStack(guest);
    }

    private static void setTs(CpuState cpu, boolean on) { cpu.cr0 = on ? cpu.cr0 | CpuState.CR0_TS : cpu.cr0 & ~CpuState.CR0_TS; }
}
