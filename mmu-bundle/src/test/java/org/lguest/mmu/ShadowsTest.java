package org.lguest.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.PageRoots;

class ShadowsTest {
    private static final int KERNEL = 0xC0000000, FRAME = 0x00123000;

    private Shadows shadows;

    @BeforeEach
    void twoAddressSpaces() {
        PageRoots roots = new PageRoots();
        roots.kernelAddress = KERNEL;
        shadows = new Shadows(roots);
        shadows.select(0x1000);
    }

    @Test
    void whatTakesTheRoomOfForgottenPagesKnowsNothingOfThem() {
        shadows.remember(0x08048000, FRAME | Shadows.PRESENT);
        shadows.dropUser();
        shadows.remember(0x40001000, FRAME | Shadows.PRESENT);
        assertEquals(0, shadows.entry(0x40048000));
        assertEquals(0, shadows.entry(0x08048000));
        assertEquals(FRAME | Shadows.PRESENT, shadows.entry(0x40001000));
    }

    @Test
    void forgottenPagesOfTheKernelDoNotShowInAProgram() {
        shadows.remember(KERNEL + 0x5000, FRAME | Shadows.PRESENT | Shadows.WRITE);
        shadows.dropChunks(null, KERNEL >>> 22, 1);
        shadows.remember(0x08000000, FRAME | Shadows.PRESENT | Shadows.USER);
        assertEquals(0, shadows.entry(0x08005000));
        assertEquals(0, shadows.entry(KERNEL + 0x5000));
    }

    @Test
    void addressSpacesThatWereForgottenShareNoRoom() {
        shadows.remember(0x08048000, FRAME | Shadows.PRESENT);
        shadows.dropUser();
        shadows.dropUser();
        shadows.remember(0x08048000, FRAME | Shadows.PRESENT);
        shadows.select(0x2000);
        shadows.remember(0x08049000, FRAME | Shadows.PRESENT);
        assertEquals(0, shadows.entry(0x08048000));
        shadows.select(0x1000);
        assertEquals(0, shadows.entry(0x08049000));
    }

    @Test
    void moreAreForgottenThanAreKept() {
        for (int va = 0; va < 64 << 22; va += 1 << 22) shadows.remember(va, FRAME | Shadows.PRESENT);
        shadows.dropUser();
        for (int va = 0; va < 64 << 22; va += 1 << 22) {
            shadows.remember(va + 0x7000, FRAME | Shadows.PRESENT);
            assertEquals(0, shadows.entry(va));
        }
    }
}
