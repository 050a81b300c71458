package org.lguest.hypercalls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.LguestData;
import org.lguest.api.state.PageRoots;
import org.lguest.api.state.SegmentState;

/**
 * H:410 The first call: the Guest tells where {@code struct lguest_data} is, and Host and Guest get to know each other.
 *
 * <p>Nothing says which ABI the Guest speaks, but its first call gives it away (ABI section 1.5). The system call vector
 * 0x80 sits at a place of its own in each layout of the structure, and the register that points to the structure tells
 * apart those that share a layout. What is left, releases that differ in nothing but their devices, the Launcher has seen in
 * the kernel's image.
 */
final class Init {
    private static final int SYSCALL_VECTOR = 0x80;
    private static final int MOV_EDX = 0xBA;
    /** mov eax, 4 (NEW_PGTABLE) -- mov ebx, imm32: what 3.1 and later do right after the trap. */
    private static final int MOV_EAX = 0xB8, NEW_PGTABLE = 4, MOV_EBX = 0xBB;

    private Init() { }

    static void perform(Guest guest, Parts parts) {
        LguestData data = guest.data();
        if (data.known()) {
            guest.kill("already have lguest_data");
            return;
        }
        Generation generation = recognise(guest);
        if (generation == null) return;
        data.locate(generation, address(guest, generation));
        greet(guest, parts, generation);
    }

    private static long address(Guest guest, Generation generation) {
        return Integer.toUnsignedLong(guest.cpu().gpr[generation.argumentRegister(1)]);
    }

    /** The generation, or null when the guest was killed because it fits none. */
    private static Generation recognise(Guest guest) {
        boolean byEdx = before(guest) == MOV_EDX;
        List<Generation> fitting = new ArrayList<>(Arrays.stream(Generation.values()).filter(g -> likely(guest, g) && fits(guest, g)).toList());
        // where both registers point to the structure, the code before the trap decides which of them was meant
        if (fitting.stream().anyMatch(g -> usesEdx(g) == byEdx)) fitting.removeIf(g -> usesEdx(g) != byEdx);
        if (fitting.contains(guest.expected())) return guest.expected();
        if (!fitting.isEmpty()) return fitting.getLast();
        boolean classic = guest.expected().bus().classic();
        Generation nearest = classic ? guest.expected() : byEdx ? Generation.LINUX_2_6_27 : Generation.LINUX_3_1;
        long at = address(guest, nearest);
        if (classic || !guest.memory().contains(at, nearest.layout().size())) guest.kill("bad guest page " + KillText.hex((int) at));
        else guest.kill("bad syscall vector " + Integer.toUnsignedString(guest.memory().load32(at + nearest.layout().syscallVec())));
        return null;
    }

    /** A guest that began in the middle of its kernel is one of the first generation, and no other is (ABI section 1.5). */
    private static boolean likely(Guest guest, Generation g) { return g.bus().classic() == guest.expected().bus().classic(); }

    private static boolean usesEdx(Generation g) { return g.argumentRegister(1) == CpuState.EDX; }

    private static boolean fits(Guest guest, Generation g) {
        long at = address(guest, g);
        Generation.Layout l = g.layout();
        GuestMemory memory = guest.memory();
        return memory.contains(at, l.size()) && (l.syscallVec() < 0 || memory.load32(at + l.syscallVec()) == SYSCALL_VECTOR)
            && memory.load8(at + l.hcallStatus() + 63) == 0xFF && memory.load8(at + l.hcallStatus()) == 0xFF;
    }

    /** The opcode of the five-byte instruction before the trap, or -1. */
    private static int before(Guest guest) { return code(guest, -(guest.ring().byVmcall ? 3 : 2) - 5, 1); }

    /** A little-endian value of 1 or 4 bytes at an offset from eip; -1 when it is out of reach. The guest runs on identity now. */
    private static int code(Guest guest, int offset, int bytes) {
        CpuState cpu = guest.cpu();
        long at = Integer.toUnsignedLong(cpu.seg[SegmentState.CS].base + cpu.eip + offset);
        if (!guest.memory().contains(at, bytes)) return -1;
        return bytes == 1 ? guest.memory().load8(at) : guest.memory().load32(at);
    }

    /** Reads what the guest says about itself, and writes what it wants to know (ABI section 3.4, in its order). */
    private static void greet(Guest guest, Parts parts, Generation generation) {
        LguestData data = guest.data();
        Generation.Layout l = generation.layout();
        PageRoots roots = guest.roots();
        data.set(l.tscKhz(), guest.clock().tscKhz);
        data.noirqStart = data.get(l.noirqStart());
        data.noirqEnd = data.get(l.noirqEnd());
        data.time(parts.clock().wallNanos(guest));
        choosePae(guest, generation);
        int kernel = l.kernelAddress() < 0 ? roots.kernelAddress : data.get(l.kernelAddress());
        data.set(l.reserveMem(), -roots.switcherAddress());
        data.set16(l.guestId(), guest.control().guestId());
        if (Integer.compareUnsigned(kernel, roots.switcherAddress()) >= 0) {
            guest.kill("bad kernel address " + KillText.hex(kernel));
            return;
        }
        roots.kernelAddress = kernel;
        if (generation.firstPageTable()) {
            data.set(l.pgdir(), roots.first);
            if (roots.linear && roots.first != 0) parts.mmu().newPageTable(guest, roots.first);
        }
        parts.mmu().flushAll(guest);
        if (generation.bus().tagged() != guest.expected().bus().tagged())
            guest.log().add("devices are described as for " + guest.expected() + ", and the kernel will not find them");
        guest.log().add("LGUEST_INIT by a kernel of generation " + generation + (roots.pae ? ", PAE" : "") + ", kernel at " + KillText.hex(kernel));
    }

    /** PAE must be known now, because the size of the reserved area follows from it. */
    private static void choosePae(Guest guest, Generation generation) {
        PageRoots roots = guest.roots();
        if (!roots.linear) return;
        if (guest.spec().pae() != null) roots.pae = guest.spec().pae();
        else if (!generation.pae()) roots.pae = false;
        else if (generation.firstPageTable()) roots.pae = PageRoots.looksPae(guest.memory(), roots.first);
        else if (code(guest, 0, 1) == MOV_EAX && code(guest, 1, 4) == NEW_PGTABLE && code(guest, 5, 1) == MOV_EBX)
            roots.pae = PageRoots.looksPae(guest.memory(), code(guest, 6, 4));
    }
}
