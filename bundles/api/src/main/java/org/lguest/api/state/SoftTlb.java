package org.lguest.api.state;

import java.util.Arrays;

/**
 * H:350 The fast path of every memory access.
 *
 * <p>A direct-mapped translation cache as a structure of arrays, in banks: one for rings 0 to 2, one for ring 3, so
 * that crossing between kernel and program flushes nothing. An entry holds one virtual page. It has three tags, one per
 * kind of access; a tag equals the page's address when that access is known to be allowed, and {@link #NEVER} otherwise.
 * {@code addend} and {@code place} are shared: physical = virtual + addend, modulo 2^32, and an address in the guest's
 * {@linkplain GuestMemory#origin memory as the JVM has it} = virtual, zero-extended, + place.
 *
 * <p>Engines test the tag inline and call {@link org.lguest.api.part.Mmu#fill} on a miss only. The usual test for an
 * access of {@code n} bytes is {@code (va + n - 1 & 0xFFFFF000) == tag[index(bank, va)]}: it also fails, as it must, for
 * an access that runs into the next page.
 *
 * <p>Only the MMU fills entries; the engine and the MMU drop them, which takes as long as there are entries in use: kernels flush at every
 * change of address space, with a few dozen pages known. All of it happens on the vCPU thread.
 */
public final class SoftTlb {
    /** Entries in a bank, a power of two: two pages that throw each other out, at each system call, cost more than all else of it, and are rarer the more there are. */
    public static final int ENTRIES = 4096;
    /** Bank of rings 0, 1 and 2. */
    public static final int SUPERVISOR = 0;
    /** Bank of ring 3. */
    public static final int USER = ENTRIES;
    /** Bank of ring 3 while EFLAGS.AC asks for aligned accesses: it is always empty, so that engines take the long way and look. */
    public static final int CHECKED = 2 * ENTRIES;
    /** A tag that no page has. */
    public static final int NEVER = 1;
    /** Mask of a page's address. */
    public static final int PAGE_MASK = 0xFFFFF000;

    /** Pages that may be read. */
    public final int[] readTag = new int[3 * ENTRIES];
    /** Pages that may be written, hold no decoded code, and have their D bit set. */
    public final int[] writeTag = new int[3 * ENTRIES];
    /** Pages that may be executed. */
    public final int[] fetchTag = new int[3 * ENTRIES];
    /** Physical minus virtual address. */
    public final int[] addend = new int[3 * ENTRIES];
    /** The same for the JVM's own addresses, or offsets in the guest's memory if it has none: of use only with an address whose page has a tag. */
    public final long[] place = new long[3 * ENTRIES];

    private final long origin;
    /** Entries that are in use, or were until they were dropped one by one: for pages below {@code split}, and for those above. */
    private final Entries below = new Entries(), above = new Entries();
    private int split;

    /** Counts fills, for {@code info}. */
    public long fills;
    /** Changes whenever rights to a page are taken away: who has looked a page up before may have to look again. */
    public int revocations;

    /**
     * An empty cache.
     *
     * @param origin of the guest's memory, see {@link GuestMemory#origin}
     */
    public SoftTlb(long origin) {
        this.origin = origin;
        Arrays.fill(readTag, NEVER);
        Arrays.fill(writeTag, NEVER);
        Arrays.fill(fetchTag, NEVER);
    }

    /** The entry that a virtual address uses in a bank. */
    public static int index(int bank, int va) { return bank + (va >>> 12 & ENTRIES - 1); }

    /**
     * Enters a translation. Access kinds that the entry already had for this very page stay if the frame is the same.
     *
     * @param pa guest-physical address of the page frame
     */
    public void fill(int bank, int va, int pa, boolean read, boolean write, boolean fetch) {
        int page = va & PAGE_MASK;
        int i = index(bank, va);
        int add = pa - page;
        boolean same = addend[i] == add;
        if (!same || readTag[i] != page) readTag[i] = read ? page : NEVER;
        else if (read) readTag[i] = page;
        if (!same || writeTag[i] != page) writeTag[i] = write ? page : NEVER;
        else if (write) writeTag[i] = page;
        if (!same || fetchTag[i] != page) fetchTag[i] = fetch ? page : NEVER;
        else if (fetch) fetchTag[i] = page;
        addend[i] = add;
        place[i] = origin + Integer.toUnsignedLong(pa) - Integer.toUnsignedLong(page);
        fills++;
        side(page).add(i);
    }

    private Entries side(int page) { return Integer.compareUnsigned(page, split) < 0 ? below : above; }

    /** Drops everything. */
    public void flush() {
        below.drop();
        above.drop();
        revocations++;
    }

    /** Drops one page in the banks that are filled. */
    public void flushPage(int va) {
        int page = va & PAGE_MASK;
        for (int bank = SUPERVISOR; bank <= USER; bank += USER) {
            int i = index(bank, va);
            if (readTag[i] == page || writeTag[i] == page || fetchTag[i] == page) drop(i);
        }
        revocations++;
    }

    /** Drops all pages below an address (unsigned): the user half of an address space. It is mostly the same address. */
    public void flushBelow(int va) {
        if (va != split) {
            split = va;
            below.sort();
            above.sort();
        }
        below.drop();
        revocations++;
    }

    /** Takes the write tag from every page that maps to a frame, because the engine will decode code from it. */
    public void protectFrame(int frame) {
        below.protect(frame << 12);
        above.protect(frame << 12);
        revocations++;
    }

    /** The page of an entry, or {@link #NEVER}. */
    private int page(int i) { return readTag[i] != NEVER ? readTag[i] : fetchTag[i] != NEVER ? fetchTag[i] : writeTag[i]; }

    private void drop(int i) {
        readTag[i] = NEVER;
        writeTag[i] = NEVER;
        fetchTag[i] = NEVER;
    }

    /** Entries that are used for pages on one side of the split, or were. */
    private final class Entries {
        private final int[] list = new int[3 * ENTRIES];
        private final boolean[] has = new boolean[3 * ENTRIES];
        private int n;

        void add(int i) {
            if (has[i]) return;
            has[i] = true;
            list[n++] = i;
        }

        /** Empties the list, and the entries that are still of this side. */
        void drop() {
            for (int k = 0; k < n; k++) {
                int i = list[k];
                has[i] = false;
                if (side(page(i)) == this) SoftTlb.this.drop(i);
            }
            n = 0;
        }

        void protect(int pa) {
            for (int k = 0; k < n; k++) {
                int i = list[k];
                if (writeTag[i] != NEVER && writeTag[i] + addend[i] == pa) writeTag[i] = NEVER;
            }
        }

        /** The split is elsewhere. */
        void sort() {
            for (int k = n - 1; k >= 0; k--) {
                int i = list[k];
                if (page(i) == NEVER || side(page(i)) == this) continue;
                side(page(i)).add(i);
            }
        }
    }
}
