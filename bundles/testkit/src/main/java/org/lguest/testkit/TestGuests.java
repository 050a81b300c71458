package org.lguest.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.Host;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.SegmentState;

/**
 * Guests of a few MiB with nothing in them. Registers are those of ABI section 2.2, paging is linear. Close the memory
 * when done: {@code guest.memory().close()}.
 */
public final class TestGuests {
    private TestGuests() { }

    /** A guest that leaves open whether it is PAE. */
    public static Guest of(int mib) { return of(mib, null); }

    /** A guest whose spec says whether it is PAE. */
    public static Guest of(int mib, Boolean pae) {
        try {
            var memory = org.lguest.api.state.GuestMemory.create((long) mib << 20);
            var g = new Guest(new GuestSpec("test", mib, null, null, "", List.of(), pae), memory);
            if (pae != null) g.roots().pae = pae;
            ring(g, 1);
            return g;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Loads flat segments of ring 1 or ring 3; the GDT gets user entries 14 and 15. */
    public static void ring(Guest g, int ring) {
        g.descriptors().set(14, 0xFFFF, 0x00CFFB00);
        g.descriptors().set(15, 0xFFFF, 0x00CFF300);
        CpuState cpu = g.cpu();
        cpu.cpl = ring;
        int code = ring == 1 ? 12 : 14;
        for (int i = 0; i < 6; i++) {
            int index = i == SegmentState.CS ? code : code + 1;
            if (i >= SegmentState.FS) cpu.seg[i].clear(0);
            else cpu.seg[i].load(index << 3 | ring, g.descriptors().low(index), g.descriptors().high(index));
        }
        cpu.eflags = 0x202;
        if (ring == 1 && cpu.ss1 == 0) cpu.ss1 = DescriptorTable.KERNEL_DS;
    }

    /**
     * Lays {@code struct lguest_data} out as the image of a kernel of this generation has it before LGUEST_INIT.
     *
     * @param at guest-physical address
     */
    public static void layOutData(Guest g, Generation generation, int at) {
        Generation.Layout l = generation.layout();
        g.memory().zero(at, l.size());
        for (int i = 0; i < 64; i++) g.memory().store8(at + l.hcallStatus() + i, 0xFF);
        g.memory().store32(at + Generation.Layout.BLOCKED_INTERRUPTS, 1);
        g.memory().store32(at + l.noirqStart(), 0xC0001000);
        g.memory().store32(at + l.noirqEnd(), 0xC0001010);
        if (l.kernelAddress() >= 0) g.memory().store32(at + l.kernelAddress(), 0xC0000000);
        if (l.syscallVec() >= 0) g.memory().store32(at + l.syscallVec(), 0x80);
    }

    /** As {@link #layOutData}, and known to the host as after LGUEST_INIT; no line is blocked, interrupts are on. */
    public static void introduce(Guest g, Generation generation, int at) {
        layOutData(g, generation, at);
        g.memory().store32(at + Generation.Layout.BLOCKED_INTERRUPTS, 0);
        g.data().locate(generation, at);
        g.data().noirqStart = 0xC0001000;
        g.data().noirqEnd = 0xC0001010;
        g.data().enableInterrupts(true);
    }

    /** A gate of the IDT: present, its handler at {@code offset}. */
    public static void gate(Guest g, int vector, int offset, int type, int dpl) {
        g.traps().set(vector, 0x61 << 16 | offset & 0xFFFF, offset & 0xFFFF0000 | 0x8000 | dpl << 13 | type << 8);
    }

    /** The parts of a machine; what a test does not need is null. */
    public static Parts parts(CpuEngine cpu, Mmu mmu, Switcher switcher, GuestClock clock, List<? extends HypercallFamily> families, Host host) {
        var map = new java.util.EnumMap<org.lguest.api.abi.Hypercall.Family, HypercallFamily>(org.lguest.api.abi.Hypercall.Family.class);
        for (HypercallFamily f : families) map.put(f.family(), f);
        return new Parts(cpu, mmu, switcher, clock, Map.copyOf(map), host);
    }
}
