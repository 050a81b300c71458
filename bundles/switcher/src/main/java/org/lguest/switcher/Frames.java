package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.LguestData;
import org.lguest.api.state.SegmentState;

/**
 * S:130 Making a trap happen in the Guest: the frame on its stack that its handler expects (ABI section 5.2).
 *
 * <p>The picture of the flags in the frame shows the Guest's own interrupt flag, not the processor's, and an interrupt
 * gate clears that one. So the handler's iret puts back what was before, without knowing that none of it was real.
 */
final class Frames {
    /** Vectors that come with an error code. */
    private static final int WITH_ERROR = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17;
    private static final int CLEARED = CpuState.TF | CpuState.VM | CpuState.RF | CpuState.NT;
    /** What the real lguest calls a selector that faults on the way into the guest. */
    private static final int SWITCH_FAULT = 256;

    private Frames() { }

    /** Reflects a trap. False when the guest has no handler, or when it died because its stack or segments cannot take the frame. */
    static boolean reflect(Guest guest, Parts parts, int trap, int error) {
        if (!guest.traps().present(trap)) return false;
        return push(guest, parts, trap, trap < 32 && (WITH_ERROR >>> trap & 1) != 0, error);
    }

    /** Pushes the frame and jumps to the gate of a vector that is present. */
    static boolean push(Guest guest, Parts parts, int vector, boolean withError, int error) {
        CpuState cpu = guest.cpu();
        LguestData data = guest.data();
        SegmentState ss = cpu.seg[SegmentState.SS];
        int oldSs = ss.selector;
        int oldEsp = cpu.gpr[CpuState.ESP];
        boolean inner = (oldSs & 3) == 1;
        boolean enabled = data.known() && data.interruptsEnabled();
        int flags = enabled ? cpu.eflags | CpuState.IF : cpu.eflags & ~CpuState.IF;

        int words = (inner ? 3 : 5) + (withError ? 1 : 0);
        int esp = (inner ? oldEsp : cpu.esp1) - 4 * words;
        int at = esp + (withError ? 4 : 0);
        boolean stored = !withError || store(guest, parts.mmu(), esp, error);
        stored = stored && store(guest, parts.mmu(), at, cpu.eip, cpu.seg[SegmentState.CS].selector, flags);
        if (!inner) stored = stored && store(guest, parts.mmu(), at + 12, oldEsp, oldSs);
        if (!stored) {
            guest.kill("Bad address " + KillText.hex(esp));
            return false;
        }

        if (!enterRing1(guest, inner)) return false;
        cpu.gpr[CpuState.ESP] = esp;
        cpu.eip = guest.traps().offset(vector);
        cpu.eflags &= ~CLEARED;
        if (data.known() && guest.traps().interruptGate(vector)) data.enableInterrupts(false);
        return true;
    }

    /** CS becomes the kernel's; SS, when the trap came from outside the kernel, that of SET_STACK. */
    private static boolean enterRing1(Guest guest, boolean inner) {
        CpuState cpu = guest.cpu();
        SegmentState cs = cpu.seg[SegmentState.CS];
        SegmentState ss = cpu.seg[SegmentState.SS];
        boolean good = load(guest.descriptors(), cs, DescriptorTable.KERNEL_CS);
        good &= cs.usable() && cs.code() && ((cs.access & 4) != 0 ? cs.dpl() <= 1 : cs.dpl() == 1);
        if (!inner) {
            good &= load(guest.descriptors(), ss, cpu.ss1);
            good &= ss.writable() && ss.dpl() == 1;
        }
        cpu.cpl = 1;
        if (!good) guest.kill("unhandled trap " + SWITCH_FAULT + " at " + KillText.hex(cpu.eip) + " (" + KillText.hex(cpu.errcode) + ")");
        return good;
    }

    private static boolean load(DescriptorTable table, SegmentState register, int selector) {
        int index = selector >>> 3;
        if (index == 0 || index >= DescriptorTable.ENTRIES || (selector & 4) != 0) {
            register.clear(selector);
            return false;
        }
        register.load(selector, table.low(index), table.high(index));
        return true;
    }

    /** Stores words from a virtual address on, on the host's authority. False where there is no memory. */
    private static boolean store(Guest guest, Mmu mmu, int va, int... words) {
        GuestMemory memory = guest.memory();
        if ((va & 0xFFF) > 0x1000 - 4 * words.length) return storeBytes(guest, mmu, va, words);
        long pa = mmu.translate(guest, va);
        if (pa < 0) return false;
        for (int i = 0; i < words.length; i++) memory.store32(pa + 4 * i, words[i]);
        return true;
    }

    /** The same where they may lie in two pages. */
    private static boolean storeBytes(Guest guest, Mmu mmu, int va, int... words) {
        for (int i = 0; i < 4 * words.length; i++) {
            long pa = mmu.translate(guest, va + i);
            if (pa < 0) return false;
            guest.memory().store8(pa, words[i / 4] >>> 8 * (i % 4));
        }
        return true;
    }
}
