package org.lguest.launcher;

import java.lang.foreign.MemorySegment;
import org.lguest.api.state.GuestMemory;

/**
 * L:060 The first page tables. Kernels from 2.6.24 to 3.0 find paging on when they first reach for their own addresses, and
 * edit these tables before they have others; later ones bring tables along and never look (ABI section 6.8). As nobody
 * knows at launch which kernel it is, they are always built.
 *
 * <pre>
 *  two levels                                PAE
 *  top     1024 x u32 directory              top     4 x u64, flags P only
 *  below   page tables, one for 4 MiB        below   page tables, one for 2 MiB
 *                                            below   directories of 512 x u64, one for 1 GiB
 * </pre>
 *
 * <p>Physical memory appears twice, from address 0 and from PAGE_OFFSET, by the same page tables; flags 7 are present,
 * writable, user.
 */
final class BootTables {
    /** PAGE_OFFSET of a kernel that does not tell another. */
    static final int PAGE_OFFSET = 0xC0000000;
    private static final int PAGE = GuestMemory.PAGE, FLAGS = 7, PRESENT = 1;
    private static final long FOUR_GIB = 1L << 32;

    private BootTables() { }

    /**
     * How many tables of each kind there are.
     *
     * @param pageOffset where the second copy begins
     * @param mapped     bytes of RAM in each copy
     */
    record Shape(boolean pae, long pageOffset, long mapped, int pageTables, int directories) {
        static Shape of(long ram, int pageOffset, boolean pae) {
            long unit = pae ? 1L << 30 : 1L << 22;
            long offset = Integer.toUnsignedLong(pageOffset);
            // What is no split of the address space is how the image was linked: it tells nothing.
            if (offset < 1L << 30 || offset % unit != 0) offset = Integer.toUnsignedLong(PAGE_OFFSET);
            long mapped = Math.min(ram, FOUR_GIB - offset);
            return new Shape(pae, offset, mapped, (int) divideUp(mapped, pae ? 1L << 21 : 1L << 22), pae ? (int) divideUp(mapped, 1L << 30) : 0);
        }

        /** Bytes of all tables. */
        long bytes() { return (1L + pageTables + directories) * PAGE; }
    }

    private static long divideUp(long a, long b) { return (a + b - 1) / b; }

    /**
     * Writes the tables.
     *
     * @param identity physical memory appears from address 0 as well; the first Launcher made it appear at PAGE_OFFSET only
     * @return the guest-physical address of the top level
     */
    static int build(GuestMemory memory, Layout layout, boolean identity) {
        Shape shape = layout.tables();
        long top = layout.tablesAt() + shape.bytes() - PAGE;
        long pageTables = top - (long) shape.pageTables * PAGE;
        if (shape.pae) buildPae(memory, shape, top, pageTables);
        else buildTwoLevels(memory, shape, top, pageTables, identity);
        return (int) top;
    }

    private static void buildTwoLevels(GuestMemory memory, Shape shape, long top, long pageTables, boolean identity) {
        int[] entries = new int[PAGE / 4];
        for (int i = 0; i < shape.pageTables; i++) {
            int first = i * entries.length;
            int count = (int) Math.min(entries.length, shape.mapped / PAGE - first);
            for (int j = 0; j < count; j++) entries[j] = (first + j) * PAGE | FLAGS;
            MemorySegment.copy(entries, 0, memory.slice(pageTables + (long) i * PAGE, PAGE), GuestMemory.I32, 0, count);
        }
        long second = shape.pageOffset >>> 22;
        for (int i = 0; i < shape.pageTables; i++) {
            int entry = (int) (pageTables + (long) i * PAGE) | FLAGS;
            if (identity && i < second) memory.store32(top + 4L * i, entry);
            memory.store32(top + 4 * (second + i), entry);
        }
    }

    private static void buildPae(GuestMemory memory, Shape shape, long top, long pageTables) {
        long[] entries = new long[PAGE / 8];
        for (int i = 0; i < shape.pageTables; i++) {
            long first = (long) i * entries.length;
            int count = (int) Math.min(entries.length, shape.mapped / PAGE - first);
            for (int j = 0; j < count; j++) entries[j] = (first + j) * PAGE | FLAGS;
            MemorySegment.copy(entries, 0, memory.slice(pageTables + (long) i * PAGE, PAGE), GuestMemory.I64, 0, count);
        }
        long directories = pageTables - (long) shape.directories * PAGE;
        for (int i = 0; i < shape.pageTables; i++) memory.store64(directories + 8L * i, pageTables + (long) i * PAGE | FLAGS);
        long second = shape.pageOffset >>> 30;
        for (int i = 0; i < shape.directories; i++) {
            long entry = directories + (long) i * PAGE | PRESENT;
            if (i < second) memory.store64(top + 8L * i, entry);
            memory.store64(top + 8 * (second + i), entry);
        }
    }
}
