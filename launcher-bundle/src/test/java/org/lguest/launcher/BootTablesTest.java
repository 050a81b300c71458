package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.state.GuestMemory;

/** Walks the tables as a processor would. */
class BootTablesTest {
    private static final long PAGE = 4096;

    private static Layout layout(int mib, long pageOffset, boolean pae) throws Exception {
        return Layout.of(mib, new KernelImage("", List.of(), 0x100000, 0x100000, 0x180000, (int) pageOffset, null, 0, null), 0, pae);
    }

    /** The physical address of {@code va}, or -1 when an entry is absent or has other flags than the ABI says. */
    private static long walk(GuestMemory m, long top, boolean pae, long va) {
        if (!pae) {
            int directory = m.load32(top + 4 * (va >>> 22));
            if ((directory & 0xFFF) != 7) return -1;
            int entry = m.load32((directory & ~0xFFF) + 4 * (va >>> 12 & 1023));
            return (entry & 0xFFF) == 7 ? Integer.toUnsignedLong(entry & ~0xFFF) | va & 0xFFF : -1;
        }
        long first = m.load64(top + 8 * (va >>> 30));
        if ((first & 0xFFF) != 1) return -1;
        long second = m.load64((first & ~0xFFF) + 8 * (va >>> 21 & 511));
        if ((second & 0xFFF) != 7) return -1;
        long entry = m.load64((second & ~0xFFF) + 8 * (va >>> 12 & 511));
        return (entry & 0xFFF) == 7 ? entry & ~0xFFF | va & 0xFFF : -1;
    }

    @ParameterizedTest
    @CsvSource({"4,C0000000,false", "4,C0000000,true", "7,C0000000,true", "64,C0000000,false", "65,C0000000,false", "65,C0000000,true",
        "64,80000000,false", "64,80000000,true", "64,B0000000,false", "1500,80000000,true", "1025,C0000000,false"})
    void ramAppearsTwice(int mib, String hexOffset, boolean pae) throws Exception {
        long offset = Long.parseLong(hexOffset, 16);
        Layout layout = layout(mib, offset, pae);
        try (GuestMemory m = GuestMemory.create(layout.ram())) {
            long top = BootTables.build(m, layout, true);
            assertEquals(layout.initrd() - PAGE, top, "the top level is highest");
            long mapped = Math.min(layout.ram(), (1L << 32) - offset);
            for (long pa = 0; pa < mapped; pa += pa < 1 << 24 ? PAGE : 61 * PAGE) {
                assertEquals(pa + 5, walk(m, top, pae, pa + 5), () -> "identity at " + mib);
                assertEquals(pa + 5, walk(m, top, pae, offset + pa + 5), () -> "high copy at " + mib);
            }
            assertEquals(mapped - 1, walk(m, top, pae, offset + mapped - 1));
            if (mapped < offset) assertEquals(-1, walk(m, top, pae, mapped));
            if (offset + mapped < 1L << 32) assertEquals(-1, walk(m, top, pae, offset + mapped));
            for (long a = 0x2000; a < Math.min(layout.tablesAt(), 1 << 20); a += 8) assertEquals(0, m.load64(a), "nothing is written elsewhere");
            for (long a = layout.initrd(); a < layout.ram(); a += 8) assertEquals(0, m.load64(a), "nor above");
        }
    }

    @Test
    void aDirectoryOfPaeIsBelowThePageTables() throws Exception {
        Layout layout = layout(64, 0xC0000000L, true);
        try (GuestMemory m = GuestMemory.create(layout.ram())) {
            long top = BootTables.build(m, layout, true);
            assertEquals(layout.tablesAt() | 1, m.load64(top));
            assertEquals(m.load64(top), m.load64(top + 24), "both halves share it");
            assertEquals(layout.tablesAt() + PAGE | 7, m.load64(layout.tablesAt()));
            assertEquals(top, layout.tablesAt() + PAGE + 32 * PAGE);
        }
    }

    @Test
    void anImageLinkedAtItsPhysicalAddressGetsTheUsualOffset() {
        assertEquals(0xC0000000L, BootTables.Shape.of(64 << 20, 0, false).pageOffset());
        assertEquals(0xC0000000L, BootTables.Shape.of(64 << 20, 0xC0100000, false).pageOffset());
        assertEquals(0xC0000000L, BootTables.Shape.of(64 << 20, 0xB0000000, true).pageOffset(), "PAE splits at whole GiB");
    }
}
