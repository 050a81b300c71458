package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.LguestData;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.SoftTlb;

/**
 * M:136 The way of a system call. When lguest runs on a real processor the guest's own gate is in its IDT, and a program's INT 0x80 enters the
 * guest's kernel without anybody else being asked: "direct" in ABI section 4.1. It is so here, for the one gate that the switcher names, since the way through it
 * costs as much as the rest of a short system call; and so is the way back, IRET with a frame as it is nearly always. All that is unusual takes the long way:
 * INT becomes what the switcher makes of it, IRET is done step by step as the manual has it.
 */
final class Gate {
    /** Bytes of a frame: EIP, CS, EFLAGS, ESP, SS. */
    private static final int FRAME = 20;
    /** Of a descriptor's high word: present, no system segment, code that is not conforming, and the DPL at its place; for data writable, and either way to grow. */
    private static final int CODE_RIGHTS = 0xFC00, CODE = 0x9800, DATA_RIGHTS = 0xFA00, DATA = 0x9200, DPL = 13;
    /** The same: a limit of 4 GiB, with the low word's 0xFFFF; and a 32-bit segment. */
    private static final int EVERYTHING = 0x8F0000, BIG = 0x400000;

    private Gate() { }

    /** Enters ring 1 from ring 3 and pushes the frame. False when that is not plain; then nothing has happened. */
    static boolean enter(Machine m, Op op, int vector) {
        CpuState cpu = m.cpu;
        if (cpu.cpl != 3 || cpu.attention != 0 || (cpu.eflags & TF) != 0 || !code(m, DescriptorTable.KERNEL_CS, 1) || !stack(m, cpu.ss1, 1)) return false;
        int esp = cpu.esp1 - FRAME;
        long at = m.known(SoftTlb.SUPERVISOR, esp, FRAME);
        if (at < 0) return false;
        push(m, at, m.codeBase + op.after());
        Segments.setCode(m, DescriptorTable.KERNEL_CS, 1);
        Segments.set(m, SegmentState.SS, cpu.ss1);
        cpu.gpr[ESP] = esp;
        cpu.eflags &= ~(TF | VM | RF | NT);
        m.guest.counters().traps[vector]++;
        m.segmentsChanged();
        return true;
    }

    /** Where the frame is, in guest-physical memory, that IRET in ring 1 finds on the stack; {@link Machine#FAULT}, and no trap, when it takes more to say so. */
    static long frame(Machine m) {
        CpuState cpu = m.cpu;
        return cpu.cpl == 1 && (cpu.eflags & NT) == 0 && m.stackIsFlat() ? m.known(m.bank, cpu.gpr[ESP], FRAME) : Machine.FAULT;
    }

    /**
     * Goes to ring 3 with what was read from a frame, once, since devices write to memory at any time. EIP and the flags are left to the caller. False when
     * that is not plain; then nothing has happened.
     */
    static boolean leave(Machine m, int cs, int esp, int ss) {
        boolean plain = (cs & ss & 3) == 3 && code(m, cs, 3) && everywhere(m, cs) && stack(m, ss, 3) && (Segments.high(m, ss) & BIG) != 0;
        if (!plain) return false;
        Segments.set(m, SegmentState.SS, ss);
        Segments.setCode(m, cs, 3);
        Segments.dropPrivilegedData(m);
        m.gpr[ESP] = esp;
        return true;
    }

    private static boolean code(Machine m, int selector, int dpl) { return (Segments.high(m, selector) & CODE_RIGHTS) == (CODE | dpl << DPL); }

    private static boolean stack(Machine m, int selector, int dpl) { return (Segments.high(m, selector) & DATA_RIGHTS) == (DATA | dpl << DPL); }

    private static boolean everywhere(Machine m, int selector) {
        return (Segments.high(m, selector) & EVERYTHING) == EVERYTHING && (m.guest.descriptors().low(Segments.index(selector)) & 0xFFFF) == 0xFFFF;
    }

    private static void push(Machine m, long at, int eip) {
        CpuState cpu = m.cpu;
        LguestData data = m.guest.data();
        boolean enabled = data.known() && data.interruptsEnabled();
        int flags = m.eflags() & ~(RF | IF);
        m.word(at, eip);
        m.word(at + 4, cpu.seg[SegmentState.CS].selector);
        m.word(at + 8, enabled ? flags | IF : flags);
        m.word(at + 12, cpu.gpr[ESP]);
        m.word(at + 16, cpu.seg[SegmentState.SS].selector);
    }
}
