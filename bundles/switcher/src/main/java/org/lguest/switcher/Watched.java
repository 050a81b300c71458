package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.Trace;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.TrapTable;

/** What the run loop tells those who watch a guest. */
final class Watched {
    private static final int LONGEST = 15;
    private static final int PAGE_FAULT = 14;

    private Watched() { }

    static void call(Guest guest, Hypercall call, int a1, int a2, int a3, int a4) {
        Trace t = guest.tracing(Trace.Category.HYPERCALLS);
        if (t != null) t.step(guest, Trace.Category.HYPERCALLS, call + "(" + hex(a1) + ", " + hex(a2) + ", " + hex(a3) + ", " + hex(a4) + ")");
    }

    /** Whether anybody wants to know of traps. */
    static boolean traps(Guest guest) { return guest.tracing(Trace.Category.TRAPS) != null; }

    /** The trap that the processor has just left; one that carries a hypercall is none of its own. */
    static void trap(Guest guest) {
        Trace t = guest.tracing(Trace.Category.TRAPS);
        CpuState cpu = guest.cpu();
        if (t == null || cpu.software && cpu.trapnum == TrapTable.HYPERCALL) return;
        String what = cpu.software ? "int 0x" + hex(cpu.trapnum) + " with eax " + hex(cpu.gpr[CpuState.EAX]) + " at " + hex(cpu.softwareEip)
            : "trap " + cpu.trapnum + ", error " + hex(cpu.errcode) + (cpu.trapnum == PAGE_FAULT ? ", address " + hex(cpu.faultAddress) : "")
            + " at " + hex(cpu.eip);
        t.step(guest, Trace.Category.TRAPS, what + ", ring " + cpu.cpl);
    }

    static void interrupt(Guest guest, int irq) {
        Trace t = guest.tracing(Trace.Category.INTERRUPTS);
        if (t != null) t.step(guest, Trace.Category.INTERRUPTS, "irq " + irq + " before " + hex(guest.cpu().eip) + ", ring " + guest.cpu().cpl);
    }

    /** The instruction that comes next; whether anybody wanted to know, so that only one may run. */
    static boolean instruction(Guest guest, Parts parts) {
        Trace t = guest.tracing(Trace.Category.INSTRUCTIONS);
        if (t == null) return false;
        CpuState cpu = guest.cpu();
        SegmentState cs = cpu.seg[SegmentState.CS];
        byte[] code = code(guest, parts, cs.base + cpu.eip);
        String what = code.length == 0 ? "(no page)" : parts.cpu().disassemble(code, cpu.eip, cs.big());
        t.step(guest, Trace.Category.INSTRUCTIONS, String.format("%08x", cpu.eip) + "  " + what);
        return true;
    }

    /** As much of the longest instruction as is mapped. */
    private static byte[] code(Guest guest, Parts parts, int va) {
        byte[] code = new byte[LONGEST];
        int page = Math.min(LONGEST, GuestMemory.PAGE - (va & GuestMemory.PAGE - 1));
        int n = read(guest, parts, va, code, 0, page);
        if (n == page && n < LONGEST) n += read(guest, parts, va + n, code, n, LONGEST - n);
        return java.util.Arrays.copyOf(code, n);
    }

    private static int read(Guest guest, Parts parts, int va, byte[] to, int offset, int length) {
        long pa = parts.mmu().translate(guest, va);
        if (pa < 0 || !guest.memory().contains(pa, length)) return 0;
        guest.memory().read(pa, to, offset, length);
        return length;
    }

    private static String hex(int v) { return Integer.toHexString(v); }
}
