package org.lguest.testkit;

import org.lguest.api.state.GuestMemory;

/**
 * One address space in a guest's own tables, two-level or PAE, built entry by entry as a kernel would. Pages for tables
 * come from a {@link Pool}.
 */
public final class PageTables {
    /** Bits of an entry. */
    public static final int P = 1, RW = 2, US = 4, PWT = 8, PCD = 0x10, A = 0x20, D = 0x40, PSE = 0x80, G = 0x100;

    /** Pages for tables, handed out upward. */
    public static final class Pool {
        private int next;

        /** From this guest-physical address on. */
        public Pool(int from) { next = from; }

        int page(GuestMemory memory) {
            int p = next;
            next += 4096;
            memory.zero(p, 4096);
            return p;
        }
    }

    private final GuestMemory memory;
    private final boolean pae;
    private final Pool pool;
    private final int root;

    /** An empty address space. */
    public PageTables(GuestMemory memory, boolean pae, Pool pool) {
        this.memory = memory;
        this.pae = pae;
        this.pool = pool;
        root = pool.page(memory);
    }

    /** Guest-physical address of the top-level table. */
    public int root() { return root; }

    /** Whether entries are those of PAE. */
    public boolean pae() { return pae; }

    /** Address of the top-level entry for {@code va}. */
    public long top(int va) { return root + (pae ? (va >>> 30) * 8L : (va >>> 22) * 4L); }

    /** Address of the entry that names the last table: the top-level one, or the middle one of PAE. The levels above must be there. */
    public long directory(int va) { return pae ? frame(top(va)) + (va >>> 21 & 511) * 8L : top(va); }

    /** Address of the last-level entry for {@code va}. The levels above must be there. */
    public long entry(int va) { return pae ? frame(directory(va)) + (va >>> 12 & 511) * 8L : frame(directory(va)) + (va >>> 12 & 1023) * 4L; }

    private long frame(long at) { return Integer.toUnsignedLong(memory.load32(at) & 0xFFFFF000); }

    /** Makes the tables for {@code va}, with P, RW and US in the directories. */
    public PageTables reach(int va) {
        if (pae && memory.load64(top(va)) == 0) memory.store64(top(va), pool.page(memory) | P);
        if ((memory.load32(directory(va)) & P) == 0) set(directory(va), pool.page(memory) | P | RW | US);
        return this;
    }

    /** Maps a page. {@code flags} are those of the last level; the directories allow everything. */
    public PageTables map(int va, int pa, int flags) {
        reach(va);
        set(entry(va), pa & 0xFFFFF000 | flags);
        return this;
    }

    /** Sets an entry of any level; the high word of a PAE entry becomes 0. */
    public void set(long at, int value) {
        if (pae) memory.store64(at, Integer.toUnsignedLong(value));
        else memory.store32(at, value);
    }

    /** The last-level entry of {@code va}, low word. */
    public int pte(int va) { return memory.load32(entry(va)); }

    /** Makes the part from {@code va} up, in whole top-level slots, the same as in another space: shares its tables. */
    public PageTables shareFrom(PageTables other, int va) {
        int step = pae ? 30 : 22;
        int size = pae ? 8 : 4;
        for (int slot = va >>> step; slot < (pae ? 4 : 1024); slot++)
            for (int i = 0; i < size; i += 4) memory.store32(root + slot * size + i, memory.load32(other.root + slot * size + i));
        return this;
    }
}
