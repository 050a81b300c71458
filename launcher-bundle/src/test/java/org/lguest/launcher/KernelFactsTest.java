package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelFactsTest {
    private static KernelImage image(String text, String release) {
        byte[] bytes = new byte[600_000];
        byte[] t = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(t, 0, bytes, 300_000, t.length);
        return new KernelImage("", List.of(new KernelImage.Piece(MemorySegment.ofArray(bytes), 0x100000)), 0x100000, 0x100000, 0x200000, 0,
            null, 2047, release);
    }

    private static KernelFacts facts(String text) { return KernelFacts.of(image(text, null)); }

    @Test
    void theBannerTellsTheVersion() {
        KernelFacts f = facts("Linux version 3.11.10.5 (a@b) (gcc 12) #1");
        assertEquals("3.11.10.5", f.release());
        assertEquals(3_011_010, f.version());
        assertEquals(2_006_032, facts("Linux version 2.6.32-5-686 (x) ").version());
        assertEquals(3_000_000, facts("Linux version 3.0 (x)").version());
        assertEquals(0, facts("no banner").version());
        assertEquals(0, facts("Linux version 99999999999.1 (x)").version(), "no number that fits");
    }

    @Test
    void withoutABannerTheSetupHeaderTellsTheVersion() {
        assertEquals("2.6.24-pae", KernelFacts.of(image("", "2.6.24-pae (a@b) #1")).release());
        assertEquals("3.2.0", KernelFacts.of(image("Linux version %s", "3.2.0 (a@b)")).release());
    }

    @Test
    void textsTellPaeFromTwoLevels() {
        assertEquals(false, facts("Notice: NX (Execute Disable) protection cannot be enabled: non-PAE kernel!").pae());
        assertEquals(true, facts("*pdpt = %016Lx \0*pde = %016Lx \0NX (Execute Disable) protection: active").pae());
        assertEquals(false, facts("*pde = %08lx \0NX (Execute Disable) protection: active").pae(), "Linux 2.6.32 without PAE");
        assertNull(facts("NX (Execute Disable) protection: active").pae());
        assertEquals(true, facts("Linux version 2.6.32-5-686-bigmem (x)").pae());
        assertEquals(true, KernelFacts.of(image("", "3.2.0-4-686-PAE (a@b)")).pae());
        assertNull(facts("Linux version 2.6.32 (x)").pae());
    }

    @Test
    void aLinuxThatNeverNamesLguestIsNoGuest() {
        assertEquals(false, facts("Linux version 3.11.10 (x)").lguest());
        assertEquals(true, facts("Linux version 3.11.10 (x) lguest").lguest());
        assertNull(facts("another system").lguest());
    }

    @Test
    void theFirstReleaseIsKnownByItsMagicString() {
        assertTrue(facts("GenuineLguest").classic());
        assertFalse(facts("lguest").classic());
    }

    @Test
    void aTextAcrossTwoChunksOfTheSearchIsFound() {
        byte[] bytes = new byte[600_000];
        for (int at = (1 << 18) - 14; at <= (1 << 18) + 2; at++) {
            java.util.Arrays.fill(bytes, (byte) 0);
            byte[] t = "GenuineLguest".getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(t, 0, bytes, at, t.length);
            var piece = new KernelImage.Piece(MemorySegment.ofArray(bytes), 0x100000);
            assertTrue(KernelFacts.of(new KernelImage("", List.of(piece), 0, 0, 0, 0, null, 0, null)).classic(), "at " + at);
        }
    }
}
