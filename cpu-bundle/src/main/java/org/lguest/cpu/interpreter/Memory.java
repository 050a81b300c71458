package org.lguest.cpu.interpreter;

import static org.lguest.api.state.GuestMemory.I16;
import static org.lguest.api.state.GuestMemory.I32;
import static org.lguest.api.state.GuestMemory.I64;
import static org.lguest.api.state.GuestMemory.I8;

import java.lang.foreign.MemorySegment;
import org.lguest.api.Guest;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.SoftTlb;

/**
 * M:132 Memory as an instruction sees it: linear addresses through the SoftTlb (H:350), logical ones through a segment first.
 *
 * <p>Loads answer zero-extended, or {@link #FAULT} when a trap was left in {@code CpuState}. Stores answer true when the
 * next operation may run; false means either a trap, or that decoded code was overwritten and the loop must look again
 * ({@link #trapped} tells which). A read-modify-write is a {@code modify}, which checks for writing, and a
 * {@code storeBack}, which cannot fault: so nothing of the instruction has happened when it does.
 */
public abstract class Memory extends Registers {
    private static final int ALIGNMENT_CHECK = 17;
    /** Answer of a load that left a trap. */
    static final long FAULT = -1;
    private static final int PAGE_MASK = SoftTlb.PAGE_MASK;
    private static final int ENTRY_MASK = SoftTlb.ENTRIES - 1;

    final Guest guest;
    final MemorySegment ram;
    private final int[] readTag, writeTag, addend;
    /** Who answers misses; set at each run. */
    Mmu mmu;
    /** The bank of the SoftTlb in use; follows CPL and EFLAGS.AC. */
    int bank;
    private long backAt;
    private int backVa;

    Memory(Guest guest) {
        super(guest.cpu());
        this.guest = guest;
        ram = guest.memory().segment();
        readTag = guest.tlb().readTag;
        writeTag = guest.tlb().writeTag;
        addend = guest.tlb().addend;
    }

    /** Decoded code at [pa, pa + size) may be overwritten: forget it. True when something was forgotten. */
    abstract boolean overwritten(long pa, int size);

    final boolean trapped() { return cpu.trapnum >= 0; }

    final long load8(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va & PAGE_MASK) == readTag[i]) return ram.get(I8, va + addend[i] & 0xFFFFFFFFL) & 0xFFL;
        return slowLoad(va, 1);
    }

    final long load16(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 1 & PAGE_MASK) == readTag[i]) return ram.get(I16, va + addend[i] & 0xFFFFFFFFL) & 0xFFFFL;
        return slowLoad(va, 2);
    }

    final long load32(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 3 & PAGE_MASK) == readTag[i]) return ram.get(I32, va + addend[i] & 0xFFFFFFFFL) & 0xFFFFFFFFL;
        return slowLoad(va, 4);
    }

    /** Eight bytes. Any value may be right: -1 is a fault when {@link #trapped} says so. */
    final long load64(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 7 & PAGE_MASK) == readTag[i]) return ram.get(I64, va + addend[i] & 0xFFFFFFFFL);
        return slowLoad(va, 8);
    }

    final boolean store64(int va, long v) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 7 & PAGE_MASK) != writeTag[i]) return slowStore(va, v, 8);
        ram.set(I64, va + addend[i] & 0xFFFFFFFFL, v);
        return true;
    }

    /** Sixteen bytes, all or nothing. */
    final boolean store128(int va, long low, long high) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 15 & PAGE_MASK) == writeTag[i]) {
            long at = va + addend[i] & 0xFFFFFFFFL;
            ram.set(I64, at, low);
            ram.set(I64, at + 8, high);
            return true;
        }
        if (misaligned(va, 16) || !writable(va, 16)) return false;
        return store64(va, low) & store64(va + 8, high);
    }

    /** Whether a store of 2 to 4096 bytes would go through; leaves the fault when not. */
    final boolean writable(int va, int bytes) {
        return physical(va, Mmu.WRITE) >= 0 && (!crosses(va, bytes) || physical((va | 0xFFF) + 1, Mmu.WRITE) >= 0);
    }

    final boolean store8(int va, int v) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va & PAGE_MASK) != writeTag[i]) return slowStore(va, v, 1);
        ram.set(I8, va + addend[i] & 0xFFFFFFFFL, (byte) v);
        return true;
    }

    final boolean store16(int va, int v) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 1 & PAGE_MASK) != writeTag[i]) return slowStore(va, v, 2);
        ram.set(I16, va + addend[i] & 0xFFFFFFFFL, (short) v);
        return true;
    }

    final boolean store32(int va, int v) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 3 & PAGE_MASK) != writeTag[i]) return slowStore(va, v, 4);
        ram.set(I32, va + addend[i] & 0xFFFFFFFFL, v);
        return true;
    }

    final long modify8(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va & PAGE_MASK) != writeTag[i]) return slowModify(va, 1);
        backAt = va + addend[i] & 0xFFFFFFFFL;
        return ram.get(I8, backAt) & 0xFFL;
    }

    final long modify16(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 1 & PAGE_MASK) != writeTag[i]) return slowModify(va, 2);
        backAt = va + addend[i] & 0xFFFFFFFFL;
        return ram.get(I16, backAt) & 0xFFFFL;
    }

    final long modify32(int va) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        if ((va + 3 & PAGE_MASK) != writeTag[i]) return slowModify(va, 4);
        backAt = va + addend[i] & 0xFFFFFFFFL;
        return ram.get(I32, backAt) & 0xFFFFFFFFL;
    }

    final boolean storeBack8(int v) {
        if (backAt < 0) return slowStore(backVa, v, 1);
        ram.set(I8, backAt, (byte) v);
        return true;
    }

    final boolean storeBack16(int v) {
        if (backAt < 0) return slowStore(backVa, v, 2);
        ram.set(I16, backAt, (short) v);
        return true;
    }

    final boolean storeBack32(int v) {
        if (backAt < 0) return slowStore(backVa, v, 4);
        ram.set(I32, backAt, v);
        return true;
    }

    /** Load of 1, 2 or 4 bytes. */
    final long load(int va, int bytes) { return bytes == 4 ? load32(va) : bytes == 2 ? load16(va) : load8(va); }

    /** Store of 1, 2 or 4 bytes. */
    final boolean store(int va, int v, int bytes) { return bytes == 4 ? store32(va, v) : bytes == 2 ? store16(va, v) : store8(va, v); }

    /** {@code modify} of 1, 2 or 4 bytes. */
    final long modify(int va, int bytes) { return bytes == 4 ? modify32(va) : bytes == 2 ? modify16(va) : modify8(va); }

    /** {@code storeBack} of 1, 2 or 4 bytes. */
    final boolean storeBack(int v, int bytes) { return bytes == 4 ? storeBack32(v) : bytes == 2 ? storeBack16(v) : storeBack8(v); }

    /**
     * Guest-physical address for an access inside one page, by the SoftTlb or the MMU; {@link #FAULT} when refused.
     */
    final long physical(int va, int access) {
        int i = bank + (va >>> 12 & ENTRY_MASK);
        int tag = access == Mmu.WRITE ? writeTag[i] : readTag[i];
        if ((va & PAGE_MASK) == tag) return va + addend[i] & 0xFFFFFFFFL;
        if (!mmu.fill(guest, va, access, cpu.cpl == 3)) return FAULT;
        return mmu.physical(guest, va) & 0xFFFFFFFFL;
    }

    /** Guest-physical address of bytes in one page that a bank of the SoftTlb knows to be writable, without code; else {@link #FAULT}, and no trap. */
    final long known(int inBank, int va, int bytes) {
        int i = SoftTlb.index(inBank, va);
        return (va & PAGE_MASK) == writeTag[i] && !crosses(va, bytes) ? va + addend[i] & 0xFFFFFFFFL : FAULT;
    }

    /** Four bytes at a guest-physical address of {@link #known}. */
    final int word(long pa) { return ram.get(I32, pa); }

    /** Writes them. */
    final void word(long pa, int v) { ram.set(I32, pa, v); }

    /** Whether alignment is checked (Intel SDM volume 3, section 6.15, #AC): then every access comes here, as the bank in use is empty. */
    final boolean checksAlignment() { return bank == SoftTlb.CHECKED; }

    /** Leaves #AC if alignment is checked and the address is not a multiple of {@code bytes}, a power of two. It comes before what pages have to say. */
    final boolean misaligned(int va, int bytes) {
        if (!checksAlignment() || (va & bytes - 1) == 0) return false;
        cpu.trap(ALIGNMENT_CHECK, 0);
        return true;
    }

    private static boolean crosses(int va, int bytes) { return (va & 0xFFF) + bytes > 0x1000; }

    private long slowLoad(int va, int bytes) {
        if (misaligned(va, bytes)) return FAULT;
        if (crosses(va, bytes)) return crossingLoad(va, bytes, Mmu.READ);
        long pa = physical(va, Mmu.READ);
        return pa < 0 ? FAULT : fetch(pa, bytes);
    }

    private long fetch(long pa, int bytes) {
        return switch (bytes) {
            case 1 -> ram.get(I8, pa) & 0xFFL;
            case 2 -> ram.get(I16, pa) & 0xFFFFL;
            case 4 -> ram.get(I32, pa) & 0xFFFFFFFFL;
            default -> ram.get(I64, pa);
        };
    }

    private long crossingLoad(int va, int bytes, int access) {
        int second = (va | 0xFFF) + 1;
        long low = physical(va, access);
        if (low < 0) return FAULT;
        long high = physical(second, access);
        if (high < 0) return FAULT;
        int inFirst = second - va;
        long v = 0;
        for (int n = 0; n < bytes; n++)
            v |= (ram.get(I8, n < inFirst ? low + n : high + n - inFirst) & 0xFFL) << 8 * n;
        return v;
    }

    private boolean slowStore(int va, long v, int bytes) {
        if (misaligned(va, bytes)) return false;
        if (crosses(va, bytes)) return crossingStore(va, v, bytes);
        long pa = physical(va, Mmu.WRITE);
        if (pa < 0) return false;
        switch (bytes) {
            case 1 -> ram.set(I8, pa, (byte) v);
            case 2 -> ram.set(I16, pa, (short) v);
            case 4 -> ram.set(I32, pa, (int) v);
            default -> ram.set(I64, pa, v);
        }
        return !overwritten(pa, bytes);
    }

    private boolean crossingStore(int va, long v, int bytes) {
        int second = (va | 0xFFF) + 1;
        long low = physical(va, Mmu.WRITE);
        if (low < 0) return false;
        long high = physical(second, Mmu.WRITE);
        if (high < 0) return false;
        int inFirst = second - va;
        for (int n = 0; n < bytes; n++)
            ram.set(I8, n < inFirst ? low + n : high + n - inFirst, (byte) (v >>> 8 * n));
        return !(overwritten(low, inFirst) | overwritten(high, bytes - inFirst));
    }

    private long slowModify(int va, int bytes) {
        backAt = -1;
        backVa = va;
        if (misaligned(va, bytes)) return FAULT;
        if (crosses(va, bytes)) return crossingLoad(va, bytes, Mmu.WRITE);
        long pa = physical(va, Mmu.WRITE);
        return pa < 0 ? FAULT : fetch(pa, bytes);
    }

    /**
     * The linear address of an offset in a segment, checked for limit and rights (Intel SDM volume 3, section 5.3);
     * {@link #FAULT} with #GP(0), or #SS(0) for the stack segment.
     */
    final long linear(int segment, int offset, int bytes, boolean write) {
        SegmentState s = cpu.seg[segment];
        long first = offset & 0xFFFFFFFFL;
        long last = first + bytes - 1;
        long limit = s.limit & 0xFFFFFFFFL;
        boolean inside = s.expandDown() ? first > limit && last <= (s.big() ? 0xFFFFFFFFL : 0xFFFFL) : last <= limit || limit == 0xFFFFFFFFL;
        if (inside && (write ? s.writable() : s.readable())) return s.base + offset & 0xFFFFFFFFL;
        cpu.trap(segment == SegmentState.SS ? 12 : 13, 0);
        return FAULT;
    }

    final long segmentLoad8(int segment, int offset) {
        long va = linear(segment, offset, 1, false);
        return va < 0 ? FAULT : load8((int) va);
    }

    final long segmentLoad16(int segment, int offset) {
        long va = linear(segment, offset, 2, false);
        return va < 0 ? FAULT : load16((int) va);
    }

    final long segmentLoad32(int segment, int offset) {
        long va = linear(segment, offset, 4, false);
        return va < 0 ? FAULT : load32((int) va);
    }

    final long segmentModify(int segment, int offset, int bytes) {
        long va = linear(segment, offset, bytes, true);
        return va < 0 ? FAULT : modify((int) va, bytes);
    }

    final boolean segmentStore(int segment, int offset, int v, int bytes) {
        long va = linear(segment, offset, bytes, true);
        return va >= 0 && store((int) va, v, bytes);
    }

    /** Leaves a trap; answers as a failed store does. */
    final boolean trap(int number, int error) {
        cpu.trap(number, error);
        return false;
    }

}
