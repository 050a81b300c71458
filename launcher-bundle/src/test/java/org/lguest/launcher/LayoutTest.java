package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lguest.api.LaunchException;

class LayoutTest {
    private static final long MIB = 1 << 20;

    private static KernelImage kernel(long start, long end) {
        return new KernelImage("ELF", List.of(), (int) start, start, end, 0xC0000000, null, 2047, null);
    }

    private static String refused(int mib, KernelImage k, long initrd) {
        return assertThrows(LaunchException.class, () -> Layout.of(mib, k, initrd, false)).getMessage();
    }

    @Test
    void theInitrdEndsWithRamAndTheTablesAreBelow() throws LaunchException {
        Layout l = Layout.of(64, kernel(MIB, 4 * MIB), 5000, false);
        assertEquals(64 * MIB - 8192, l.initrd());
        assertEquals(l.initrd() - 17 * 4096, l.tablesAt(), "a directory and 16 page tables");
    }

    @Test
    void inABigGuestBothStayWhereKernelsReachThem() throws LaunchException {
        assertEquals(768 * MIB - 4096, Layout.of(768, kernel(MIB, 4 * MIB), 1, false).initrd());
        assertEquals(768 * MIB - 4096, Layout.of(3072, kernel(MIB, 4 * MIB), 1, true).initrd());
    }

    @Test
    void whatDoesNotFitIsToldHowMuchItNeeds() throws LaunchException {
        assertEquals("8 MiB of RAM is too little: the kernel runs at 1 MiB and reaches up to 7.5 MiB, and the initrd takes 1 MiB; "
            + "give the guest at least 9 MiB",
            refused(8, kernel(MIB, 15 * MIB / 2), MIB));
        assertDoesNotThrow(() -> Layout.of(9, kernel(MIB, 15 * MIB / 2), MIB, false));
    }

    @Test
    void kernelsAt16MiBNeed32() {
        assertEquals("31 MiB of RAM is too little: the kernel runs at 16 MiB and reaches up to 20 MiB; give the guest at least 32 MiB",
            refused(31, kernel(16 * MIB, 20 * MIB), 0));
        assertDoesNotThrow(() -> Layout.of(32, kernel(16 * MIB, 20 * MIB), 0, false));
    }

    @Test
    void whatFitsNowhereIsToldSo() {
        assertTrue(refused(64, kernel(MIB, 4096 * MIB), 0).endsWith("they do not fit into any guest, which has 3072 MiB at most"));
        assertTrue(refused(3072, kernel(MIB, 4 * MIB), 800 * MIB).endsWith("they do not fit into any guest, which has 3072 MiB at most"));
    }

    @Test
    void ramHasBounds() {
        for (int mib : new int[] {Integer.MIN_VALUE, -1, 0, 3, 3073, Integer.MAX_VALUE})
            assertEquals("a guest cannot have " + mib + " MiB of RAM; give it 4 to 3072 MiB",
                assertThrows(LaunchException.class, () -> Layout.check(mib)).getMessage());
        assertDoesNotThrow(() -> Layout.check(4));
        assertDoesNotThrow(() -> Layout.check(3072));
    }
}
