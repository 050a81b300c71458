package org.lguest.cpu.proof;

import org.lguest.api.Guest;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SoftTlb;
import org.lguest.cpu.proof.World.Area;

/**
 * Address translation by a small table: the areas of {@link World}, at frames that are nobody's neighbours. What is not
 * there raises #PF with the error codes of a processor that has NX.
 */
final class FlatMmu implements Mmu {
    /** Frames of the pages, in the order of {@link World#AREAS}. */
    private static final int[] FRAMES = {3, 1, 7, 5, 2, 6, 4};

    /** Pages of memory that the frames need. */
    static final int PAGES = 8;

    /** The frame of a mapped page. */
    static int frame(int va) {
        int n = 0;
        for (Area a : World.AREAS) {
            if (a.contains(va)) return FRAMES[n + (va - a.address() >>> 12)];
            n += a.pages();
        }
        return -1;
    }

    @Override
    public boolean fill(Guest guest, int va, int access, boolean user) {
        Area a = World.area(va);
        boolean allowed = a != null && (access == READ || access == WRITE && a.writable() || access == FETCH && a.executable());
        if (!allowed) {
            guest.cpu().faultAddress = va;
            guest.cpu().trap(14, (a != null ? 1 : 0) | (access == WRITE ? 2 : 0) | (user ? 4 : 0) | (access == FETCH ? 0x10 : 0));
            return false;
        }
        int frame = frame(va);
        boolean writable = a.writable() && !guest.memory().code().has(frame);
        guest.tlb().fill(user ? SoftTlb.USER : SoftTlb.SUPERVISOR, va, frame << 12, true, writable, a.executable());
        return true;
    }

    @Override
    public int physical(Guest guest, int va) { return frame(va) << 12 | va & 0xFFF; }

    @Override
    public long translate(Guest guest, int va) { return World.area(va) == null ? -1 : physical(guest, va); }

    @Override
    public void adopt(Guest guest) { guest.cpu().faultAddress = 0; }

    @Override
    public void release(Guest guest) { guest.tlb().flush(); }

    @Override
    public void newPageTable(Guest guest, int root) { throw new UnsupportedOperationException(); }

    @Override
    public void flushUser(Guest guest) { throw new UnsupportedOperationException(); }

    @Override
    public void flushAll(Guest guest) { throw new UnsupportedOperationException(); }

    @Override
    public void setPte(Guest guest, int root, int va, int low, int high) { throw new UnsupportedOperationException(); }

    @Override
    public void setTopLevel(Guest guest, int root, int index) { throw new UnsupportedOperationException(); }

    @Override
    public void setMiddle(Guest guest, int table, int index) { throw new UnsupportedOperationException(); }

    @Override
    public void pinStack(Guest guest) { throw new UnsupportedOperationException(); }
}
