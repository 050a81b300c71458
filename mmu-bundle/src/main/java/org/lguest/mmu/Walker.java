package org.lguest.mmu;

import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.PageRoots;

/**
 * H:320 The walk through the guest's own tables, with the checks that lguest makes before it believes an entry.
 *
 * <p>Rights are those of all levels together, as the processor has it (Intel SDM volume 3, section 4.6); CR0.WP counts as
 * set. A and D are set in the last level only (ABI section 6.3). An entry that is not present is never looked at further;
 * one that is present and names what no guest may have, ends the guest (ABI section 6.2).
 */
final class Walker {
    /** Answers that are no entries; none has {@link Shadows#PRESENT}. */
    static final int ABSENT = 0, DENIED = 2, KILLED = 4;

    private static final int P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PSE = 0x80;
    /** P, RW, US, A, D: all that a directory entry may carry. */
    private static final int DIRECTORY_FLAGS = 0x67;
    private static final long FRAME64 = 0x000FFFFF_FFFFF000L;

    private Walker() { }

    /** An entry for {@link Shadows}, A and D set as the access demands; or one of the three answers above. */
    static int walk(Guest guest, int va, boolean write, boolean user) {
        PageRoots roots = guest.roots();
        if (Integer.compareUnsigned(va, roots.switcherAddress()) >= 0) return ABSENT;
        if (roots.linear) return linear(guest, va, user);
        return roots.pae ? three(guest, va, write, user) : two(guest, va, write, user);
    }

    /** Before there are tables: identity, writable, the kernel's (ABI section 6.8). */
    private static int linear(Guest guest, int va, boolean user) {
        if (user) return DENIED;
        if (!inside(guest.memory(), va & Shadows.FRAME)) return kill(guest, "bad page table entry");
        return va & Shadows.FRAME | Shadows.PRESENT | Shadows.WRITE;
    }

    private static int two(Guest guest, int va, boolean write, boolean user) {
        GuestMemory memory = guest.memory();
        int at = guest.roots().current + (va >>> 22) * 4;
        if (!memory.contains(Integer.toUnsignedLong(at), 4)) return kill(guest, KillText.badRead(at, 4));
        int pde = memory.load32(Integer.toUnsignedLong(at));
        if ((pde & P) == 0) return ABSENT;
        if ((pde & 0xFFF & ~DIRECTORY_FLAGS) != 0 || !inside(memory, pde & Shadows.FRAME)) return kill(guest, "bad page directory entry");
        long entry = Integer.toUnsignedLong(pde & Shadows.FRAME) + (va >>> 12 & 1023) * 4;
        int pte = memory.load32(entry);
        if ((pte & P) == 0) return ABSENT;
        return last(guest, entry, pte, Integer.toUnsignedLong(pte & Shadows.FRAME), pde & pte, write, user);
    }

    private static int three(Guest guest, int va, boolean write, boolean user) {
        GuestMemory memory = guest.memory();
        int at = guest.roots().current + (va >>> 30) * 8;
        if (!memory.contains(Integer.toUnsignedLong(at), 8)) return kill(guest, KillText.badRead(at, 8));
        long pdpte = memory.load64(Integer.toUnsignedLong(at));
        if ((pdpte & P) == 0) return ABSENT;
        if ((pdpte & ~FRAME64) != P || !inside(memory, pdpte & FRAME64)) return kill(guest, "bad page directory entry");
        long pmde = memory.load64((pdpte & FRAME64) + (va >>> 21 & 511) * 8);
        if ((pmde & P) == 0) return ABSENT;
        if ((pmde & ~FRAME64 & ~DIRECTORY_FLAGS) != 0 || !inside(memory, pmde & FRAME64)) return kill(guest, "bad page middle directory entry");
        long entry = (pmde & FRAME64) + (va >>> 12 & 511) * 8;
        long pte = memory.load64(entry);
        if ((pte & P) == 0) return ABSENT;
        return last(guest, entry, (int) pte, pte & FRAME64, (int) (pmde & pte), write, user);
    }

    /** The last level, the same for both formats: A, D and all that is checked are in the low word. */
    private static int last(Guest guest, long entry, int pte, long frame, int rights, boolean write, boolean user) {
        if (write && (rights & RW) == 0 || user && (rights & US) == 0) return DENIED;
        if (badPte(guest.memory(), pte, frame)) return kill(guest, "bad page table entry");
        int marked = pte | A | (write ? D : 0);
        if (marked != pte) guest.memory().store32(entry, marked);
        boolean writable = (rights & RW) != 0 && (marked & D) != 0;
        return (int) frame & Shadows.FRAME | Shadows.PRESENT | (writable ? Shadows.WRITE : 0) | ((rights & US) != 0 ? Shadows.USER : 0);
    }

    /** Whether a present entry of the last level is one that no guest may have. */
    static boolean badPte(GuestMemory memory, int pte, long frame) { return (pte & PSE) != 0 || !inside(memory, frame); }

    /** Whether SET_PTE's value is bad: looked at only when it has been used, A or D (ABI section 6.5). */
    static boolean badArgument(Guest guest, int low, int high) {
        if ((low & P) == 0 || (low & (A | D)) == 0) return false;
        long frame = guest.roots().pae ? ((long) high << 32 | Integer.toUnsignedLong(low)) & FRAME64 : Integer.toUnsignedLong(low & Shadows.FRAME);
        return badPte(guest.memory(), low, frame);
    }

    /** Where {@code va} is, whoever may use it; -1 when nowhere. Changes nothing (ABI section 6.4). */
    static long locate(Guest guest, int va) {
        PageRoots roots = guest.roots();
        GuestMemory memory = guest.memory();
        if (roots.linear) return inside(memory, va) ? Integer.toUnsignedLong(va) : -1;
        long table = Integer.toUnsignedLong(roots.current);
        long page;
        if (roots.pae) {
            table = next(memory, table + (va >>> 30) * 8, true);
            table = table < 0 ? -1 : next(memory, table + (va >>> 21 & 511) * 8, true);
            page = table < 0 ? -1 : next(memory, table + (va >>> 12 & 511) * 8, true);
        } else {
            table = next(memory, table + (va >>> 22) * 4, false);
            page = table < 0 ? -1 : next(memory, table + (va >>> 12 & 1023) * 4, false);
        }
        return page < 0 ? -1 : page | va & 0xFFF;
    }

    private static long next(GuestMemory memory, long at, boolean wide) {
        if (!memory.contains(at, wide ? 8 : 4)) return -1;
        long entry = wide ? memory.load64(at) : Integer.toUnsignedLong(memory.load32(at));
        long frame = entry & FRAME64;
        return (entry & P) != 0 && inside(memory, frame) ? frame : -1;
    }

    private static boolean inside(GuestMemory memory, int frame) { return inside(memory, Integer.toUnsignedLong(frame)); }

    private static boolean inside(GuestMemory memory, long frame) { return frame < memory.limit(); }

    private static int kill(Guest guest, String reason) {
        guest.kill(reason);
        return KILLED;
    }
}
