package org.lguest.testkit;

import java.util.ArrayList;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.PageRoots;
import org.lguest.api.state.SoftTlb;

/**
 * The slowest MMU that is right: remembers nothing, walks at every question, drops the whole SoftTlb at every change. It
 * is the oracle that others are compared with, and serves tests of other parts. Takes notes of the calls it gets.
 */
public final class PlainMmu implements Mmu {
    /** The calls since the beginning, such as {@code setPte 1000 c0000000 3 0}, numbers in hexadecimal. */
    public final List<String> calls = new ArrayList<>();

    /** What a walk found: all levels' rights together, the last entry's place and value. */
    private record Found(boolean present, boolean writable, boolean user, long entryAt, long entry) {
        static final Found NOTHING = new Found(false, false, false, -1, 0);
    }

    private static final long FRAME = 0x000FFFFFFFFFF000L;

    @Override
    public void adopt(Guest guest) {
        String wrong = guest.roots().check(guest.memory());
        if (wrong != null) guest.kill(wrong);
        guest.tlb().flush();
    }

    @Override
    public void release(Guest guest) { guest.tlb().flush(); }

    @Override
    public boolean fill(Guest guest, int va, int access, boolean user) {
        boolean write = access == WRITE;
        int error = (write ? 2 : 0) | (user ? 4 : 0);
        Found f = walk(guest, va, true);
        boolean allowed = f.present && (f.writable || !write) && (f.user || !user);
        if (allowed && f.entryAt >= 0 && ((f.entry & 0x80) != 0 || beyond(guest, f.entry))) {
            guest.kill("bad page table entry");
            allowed = false;
        }
        if (allowed && f.entryAt < 0 && beyond(guest, f.entry)) {
            guest.kill("bad page table entry");
            allowed = false;
        }
        if (!allowed) {
            guest.cpu().trap(14, error | (f.present ? 1 : 0));
            guest.cpu().faultAddress = va;
            return false;
        }
        long now = f.entry | 0x20 | (write ? 0x40 : 0);
        if (f.entryAt >= 0 && now != f.entry) guest.memory().store32(f.entryAt, (int) now);
        boolean clean = f.entryAt >= 0 && (now & 0x40) == 0;
        int pa = (int) (f.entry & 0xFFFFF000L);
        boolean storable = f.writable && !clean && !guest.memory().code().has(pa >>> 12);
        guest.tlb().fill(user ? SoftTlb.USER : SoftTlb.SUPERVISOR, va, pa, true, storable, true);
        return true;
    }

    private static boolean beyond(Guest guest, long entry) { return (entry & FRAME) >= guest.memory().limit(); }

    /** Walks, and ends the guest for a bad directory if told so. */
    private static Found walk(Guest guest, int va, boolean kill) {
        PageRoots roots = guest.roots();
        GuestMemory m = guest.memory();
        if (Integer.toUnsignedLong(va) >= (roots.pae ? 0xFFE00000L : 0xFFC00000L)) return Found.NOTHING;
        if (roots.linear) return new Found(true, true, false, -1, Integer.toUnsignedLong(va) & FRAME);
        int[] shifts = roots.pae ? new int[] {30, 21, 12} : new int[] {22, 12};
        int bytes = roots.pae ? 8 : 4;
        long table = Integer.toUnsignedLong(roots.current);
        boolean writable = true;
        boolean user = true;
        for (int level = 0; ; level++) {
            int mask = roots.pae && level == 0 ? 3 : roots.pae ? 511 : 1023;
            long at = table + (long) (va >>> shifts[level] & mask) * bytes;
            if (!m.contains(at, bytes)) {
                if (kill) guest.kill("bad read address");
                return Found.NOTHING;
            }
            long e = bytes == 8 ? m.load64(at) : Integer.toUnsignedLong(m.load32(at));
            if ((e & 1) == 0) return Found.NOTHING;
            boolean top = roots.pae && level == 0;
            writable &= top || (e & 2) != 0;
            user &= top || (e & 4) != 0;
            if (level == shifts.length - 1) return new Found(true, writable, user, at, e);
            long allowed = top ? 1 : 0x67;
            if ((e & ~FRAME & ~allowed) != 0 || beyond(guest, e)) {
                if (kill) guest.kill(roots.pae && level == 1 ? "bad page middle directory entry" : "bad page directory entry");
                return Found.NOTHING;
            }
            table = e & FRAME;
        }
    }

    @Override
    public int physical(Guest guest, int va) { return (int) translate(guest, va); }

    @Override
    public long translate(Guest guest, int va) {
        Found f = walk(guest, va, false);
        return !f.present || beyond(guest, f.entry) ? -1 : f.entry & 0xFFFFF000L | va & 0xFFF;
    }

    @Override
    public void newPageTable(Guest guest, int root) {
        note("newPageTable", root);
        PageRoots roots = guest.roots();
        if (roots.linear && guest.spec().pae() == null) roots.pae = PageRoots.looksPae(guest.memory(), root);
        if (!guest.memory().contains(Integer.toUnsignedLong(root), roots.pae ? 32 : 4096)) {
            guest.kill(org.lguest.api.abi.KillText.badRead(root, 4));
            return;
        }
        roots.linear = false;
        roots.current = root;
        guest.tlb().flush();
    }

    @Override
    public void flushUser(Guest guest) {
        note("flushUser");
        guest.tlb().flush();
    }

    @Override
    public void flushAll(Guest guest) {
        note("flushAll");
        guest.tlb().flush();
    }

    @Override
    public void setPte(Guest guest, int root, int va, int low, int high) {
        note("setPte", root, va, low, high);
        if (Integer.toUnsignedLong(va) >= (guest.roots().pae ? 0xFFE00000L : 0xFFC00000L)) {
            boolean late = guest.generation().strictTables();
            guest.kill(late ? "attempt to set pte into Switcher pages" : "attempt to access switcher pages");
        }
        guest.tlb().flush();
    }

    @Override
    public void setTopLevel(Guest guest, int root, int index) {
        note("setTopLevel", root, index);
        int entries = guest.roots().pae ? 4 : 1024;
        if (Integer.compareUnsigned(index, entries) > 0 && guest.generation().strictTables())
            guest.kill("Attempt to set pgd " + Integer.toUnsignedString(index) + "/" + entries);
        guest.tlb().flush();
    }

    @Override
    public void setMiddle(Guest guest, int table, int index) {
        note("setMiddle", table, index);
        guest.tlb().flush();
    }

    @Override
    public void pinStack(Guest guest) {
        note("pinStack");
        int trap = guest.cpu().trapnum, error = guest.cpu().errcode, at = guest.cpu().faultAddress;
        for (int i = 0; i < guest.cpu().stackPages && i < 2; i++) {
            int va = guest.cpu().esp1 - 1 - i * 4096;
            if (!fill(guest, va, WRITE, false)) guest.kill("bad stack page " + org.lguest.api.abi.KillText.hex(va));
        }
        guest.cpu().trap(trap, error);
        guest.cpu().faultAddress = at;
    }

    private void note(String call, int... arguments) {
        var s = new StringBuilder(call);
        for (int a : arguments) s.append(' ').append(Integer.toHexString(a));
        calls.add(s.toString());
    }
}
