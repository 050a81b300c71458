package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.Generation;

/** ABI section 10.2: how a kernel of the first lguest is found out. */
class ClassicKernelTest {
    private static final String BANNER = "Linux version 2.6.23 (a@b) ";
    @TempDir Path folder;

    /** A kernel's flat image: four loads of eax from addresses in 0xC0......, the banner, the mark at 0x300. */
    private static byte[] flat(String mark, int top) {
        byte[] image = new byte[0x2000];
        for (int i = 0; i < 4; i++) {
            image[0x40 + 16 * i] = (byte) 0xA1;
            image[0x44 + 16 * i] = (byte) top;
        }
        put(image, 0x200, BANNER);
        put(image, 0x300, mark);
        return image;
    }

    private static void put(byte[] to, int at, String text) {
        byte[] t = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(t, 0, to, at, t.length);
    }

    /** As gzip -n packs: its operating system is Unix, where Java says that it does not know. */
    private static byte[] packed(byte[] image, int madeUnder) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(image);
        }
        byte[] all = out.toByteArray();
        all[9] = (byte) madeUnder;
        return all;
    }

    private static byte[] bzImage(byte[] payload) { return release(BzImageFile.of(0x206, payload), "2.6.23 (a@b) #1"); }

    private static byte[] release(byte[] image, String release) {
        put(image, 0x400, release + "\0");
        return image;
    }

    private static KernelImage read(byte[] file) throws LaunchException {
        return KernelImage.of(new InputFile("k", MemorySegment.ofArray(file)), new ArrayList<>());
    }

    private static String refused(byte[] file) { return assertThrows(LaunchException.class, () -> read(file)).getMessage(); }

    @Test
    void anElfFileBeginsBehindItsMarkAtItsVirtualAddress() throws Exception {
        KernelImage k = read(new ElfFile(0x100000).segment(0xC0100000, 0x100000, flat("GenuineLguest", 0xC0), 0x5000).bytes());
        assertTrue(k.classic());
        assertEquals(0xC0100000 + 0x300 + 13, k.entry());
        assertEquals(0xC0000000, k.pageOffset());
    }

    @Test
    void theMarkMayBeInAnySegmentAndTheFirstCounts() throws Exception {
        byte[] second = new byte[0x1000];
        put(second, 0x10, "GenuineLguestGenuineLguest");
        KernelImage k = read(new ElfFile(0x100000).segment(0x80100000, 0x100000, new byte[0x1000], 0x1000).segment(0x80200000, 0x200000, second, 0x1000).bytes());
        assertEquals(0x80200000 + 0x10 + 13, k.entry());
    }

    @Test
    void segmentsAtDifferentDistancesAreRefused() {
        byte[] elf = new ElfFile(0x100000).segment(0xC0100000, 0x100000, flat("GenuineLguest", 0xC0), 0x2000)
            .segment(0xC0300000, 0x200000, new byte[16], 16).bytes();
        assertEquals("k is damaged: its segment for 0x200000 is not linked at the distance of the first, 0xc0000000", refused(elf));
    }

    @Test
    void aBzImageIsUnpackedAndItsPageOffsetIsGuessed() throws Exception {
        for (int top : new int[] {0xC0, 0x80, 0xB0}) {
            KernelImage k = read(bzImage(packed(flat("GenuineLguest", top), 3)));
            assertTrue(k.classic());
            assertEquals(top << 24, k.pageOffset());
            assertEquals((top << 24) + 0x100000 + 0x300 + 13, k.entry());
            assertEquals(0x100000, k.start());
            assertEquals(0x2000, k.loadedBytes());
            assertNull(k.setupHeader(), "the boot page of those days had no such thing");
        }
    }

    @Test
    void threeAddressesDoNotMakeAPageOffset() throws Exception {
        byte[] image = flat("GenuineLguest", 0xC0);
        image[0x40] = 0;
        assertEquals("k does not show where its addresses begin: name the vmlinux instead", refused(bzImage(packed(image, 3))));
    }

    @Test
    void theFirstToBeSeenFourTimesWins() throws Exception {
        byte[] code = new byte[200];
        int[] tops = {0x12, 0xC0, 0x12, 0xC0, 0x12, 0xC0, 0xC0, 0x12};
        for (int i = 0; i < tops.length; i++) {
            code[10 * i] = (byte) 0xA1;
            code[10 * i + 4] = (byte) tops[i];
        }
        assertEquals(0xC0000000, ClassicKernel.pageOffset("k", code));
    }

    @Test
    void whatOnlyLooksLikeGzipIsPassedOver() throws Exception {
        byte[] payload = packed(flat("GenuineLguest", 0xC0), 3);
        byte[] behind = new byte[payload.length + 64];
        put(behind, 0, "\u001f\u008b\u0008\0\0\0\0\0\0\u0003rubbish");
        System.arraycopy(payload, 0, behind, 64, payload.length);
        assertTrue(read(bzImage(behind)).classic());
    }

    @Test
    void imagesThatAreNoneAreTold() throws Exception {
        assertEquals("k has no kernel in it: no gzip data that can be unpacked; copy it again, or name the vmlinux", refused(bzImage(new byte[500])));
        assertEquals("k has no kernel in it: no gzip data that can be unpacked; copy it again, or name the vmlinux",
            refused(bzImage(packed(flat("GenuineLguest", 0xC0), 11))), "not made under Unix");
        assertEquals("k is no genuine lguest: the mark 'GenuineLguest' is missing; build it with CONFIG_LGUEST_GUEST=y",
            refused(bzImage(packed(flat("GenuineKguest", 0xC0), 3))));
    }

    @Test
    void aKernelOfTheNextReleaseUnpacksItself() throws Exception {
        KernelImage k = read(release(BzImageFile.of(0x207, packed(flat("no mark", 0xC0), 3)), "2.6.24 (a@b) #1"));
        assertFalse(k.classic());
        assertEquals("bzImage, unpacks itself", k.form());
    }

    @Test
    void theFirstCandidateIsAGenerationOfItsOwn() {
        assertEquals(Generation.LINUX_2_6_23_RC1, facts("2.6.23-rc1-lguest").generation());
        assertEquals(Generation.LINUX_2_6_23, facts("2.6.23-rc2").generation());
        assertEquals(Generation.LINUX_2_6_23, facts("2.6.23.1").generation());
        assertEquals(Generation.LINUX_2_6_24, new KernelFacts("2.6.24", null, true, false).generation());
        assertEquals(Generation.LINUX_2_6_23, new KernelFacts(null, null, true, true).generation(), "puppy has no banner of Linux");
    }

    private static KernelFacts facts(String release) { return new KernelFacts(release, null, true, true); }

    @Test
    void theGuestBeginsOnATableThatShowsMemoryAtPageOffsetOnly() throws Exception {
        Path file = Files.write(folder.resolve("vmlinux"), new ElfFile(0x100000).segment(0xC0100000, 0x100000, flat("GenuineLguest", 0xC0), 0x5000).bytes());
        try (var host = new FakeHost()) {
            Guest g = new LguestLauncher(host, List.of()).launch(new GuestSpec(null, 16, file, null, "a b", List.of(), null));
            assertEquals(Generation.LINUX_2_6_23, g.expected());
            assertTrue(g.control().open());
            assertFalse(g.roots().linear);
            assertEquals(0xC010030D, g.cpu().eip);
            long top = Integer.toUnsignedLong(g.roots().current);
            assertEquals((16 << 20) - 4096, top, "right below the end of memory");
            for (int i = 0; i < 1024; i++) assertEquals(i >= 768 && i < 772, g.memory().load32(top + 4 * i) != 0, "slot " + i);
            long tables = g.memory().load32(top + 4 * 768) & 0xFFFFF000L;
            for (int i = 0; i < 4096; i++) assertEquals(i << 12 | 7, g.memory().load32(tables + 4 * i));
            assertEquals("a b", g.memory().string(4096, 100));
            assertEquals(16 << 20, g.memory().load32(0x2D8));
            g.control().close();
        }
    }

    @Test
    void noFileMakesItThrowAnythingButASentence() throws Exception {
        var random = new Random(3);
        byte[] good = bzImage(packed(flat("GenuineLguest", 0xC0), 3));
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] bad = good.clone();
            for (int k = random.nextInt(1, 8); k > 0; k--) bad[random.nextInt(0x600, bad.length)] = (byte) random.nextInt();
            try {
                read(bad);
            } catch (LaunchException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, "only " + refused + " of 3000 were refused");
    }
}
