package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lguest.api.LaunchException;

class ElfReaderTest {
    private static final byte[] GOOD = ElfFile.kernel(0x1000000, "");

    private static KernelImage read(byte[] file) throws LaunchException {
        return KernelImage.of(new InputFile("kernel k", MemorySegment.ofArray(file)), new ArrayList<>());
    }

    private static void refused(byte[] file, String sentence) {
        String message = assertThrows(LaunchException.class, () -> read(file)).getMessage();
        assertTrue(message.startsWith("kernel k " + sentence), message);
    }

    @Test
    void segmentsGoToTheirPhysicalAddresses() throws LaunchException {
        KernelImage k = read(new ElfFile(0x1000000).segment(0xC1000000, 0x1000000, new byte[] {1, 2, 3}, 3)
            .segment(0xC1200000, 0x1200000, new byte[] {4}, 0x5000).bytes());
        assertEquals(List.of(0x1000000L, 0x1200000L), k.pieces().stream().map(KernelImage.Piece::at).toList());
        assertEquals(4, k.pieces().get(1).bytes().get(org.lguest.api.state.GuestMemory.I8, 0));
        assertEquals(3, k.pieces().get(0).bytes().byteSize());
        assertEquals(0x1000000, k.start());
        assertEquals(0x1205000, k.end(), "the zeroed part counts");
        assertEquals(0x1000000, k.entry());
        assertEquals(0xC0000000, k.pageOffset());
    }

    @Test
    void aVirtualEntryIsBroughtDown() throws LaunchException {
        assertEquals(0x1000040, read(ElfFile.with32(GOOD, ElfFile.ENTRY, 0xC1000040)).entry());
    }

    @Test
    void anotherSplitOfTheAddressSpaceShows() throws LaunchException {
        assertEquals(0x80000000, read(new ElfFile(0x100000).segment(0x80100000, 0x100000, new byte[16], 16).bytes()).pageOffset());
    }

    @Test
    void segmentsOfOtherTypesAndEmptyOnesAreNotLoaded() throws LaunchException {
        byte[] file = new ElfFile(0x100000).segment(0x100000, 0x100000, new byte[16], 16).segment(0, 0, new byte[0], 0)
            .segment(0x10, 0x10, new byte[4], 4).bytes();
        assertEquals(1, read(ElfFile.with32(file, ElfFile.PH + 64, 4)).pieces().size());
    }

    @Test
    void refusesWhatIsNoKernelOfThisMachine() {
        refused(ElfFile.with8(GOOD, ElfFile.CLASS, 2), "is a 64-bit ELF file; lguest guests are 32-bit");
        refused(ElfFile.with16(GOOD, ElfFile.MACHINE, 62), "is a 64-bit ELF file");
        refused(ElfFile.with8(GOOD, ElfFile.DATA, 2), "is no little-endian 32-bit ELF file");
        refused(ElfFile.with16(GOOD, ElfFile.MACHINE, 40), "is an ELF file for machine number 40, not for the i386 (3)");
        refused(ElfFile.with16(GOOD, ElfFile.TYPE, 1), "is an ELF file of type 1, not an executable (2)");
        refused(ElfFile.with16(GOOD, ElfFile.PHNUM, 0), "has nothing to load");
        refused(ElfFile.with32(GOOD, ElfFile.PH_PADDR, 0x1000), "wants to be loaded at 0x1000, where the boot page and the command line are");
    }

    @Test
    void refusesWhatBrokeOffOrIsDamaged() {
        refused(java.util.Arrays.copyOf(GOOD, 40), "is truncated: an ELF header has 52 bytes, and the file has 40");
        refused(java.util.Arrays.copyOf(GOOD, 60), "is truncated: its program headers lie beyond its end");
        refused(java.util.Arrays.copyOf(GOOD, GOOD.length - 1), "is truncated: its segment for 0x1000000 ends at byte 4608, and the file has 4607");
        refused(ElfFile.with32(GOOD, ElfFile.PH_OFFSET, -1), "is truncated: its segment");
        refused(ElfFile.with32(GOOD, ElfFile.PH_MEMSZ, 100), "is damaged: its segment for 0x1000000 is longer in the file than in memory");
        refused(ElfFile.with16(GOOD, ElfFile.PHENTSIZE, 56), "is damaged: its program headers have 56 bytes instead of 32");
        refused(ElfFile.with32(GOOD, ElfFile.ENTRY, 0x500), "is damaged: its entry 0x500 is in none of its segments");
    }

    @Test
    void refusesOtherFiles() {
        refused("#!/bin/sh\\necho no kernel\\n".repeat(100).getBytes(), "is neither an ELF file nor a bzImage");
        refused(new byte[] {0x1F, (byte) 0x8B, 8, 0}, "is gzip data, not a kernel; unpack it first");
        refused(new byte[] {0x7F}, "is neither an ELF file nor a bzImage");
    }

    /** Whatever the header says: an image inside the file, or a sentence. */
    @Test
    void damagedHeadersNeverThrowAnythingElse() {
        var random = new Random(3);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] bad = GOOD.clone();
            for (int i = random.nextInt(4); i >= 0; i--) bad[4 + random.nextInt(80)] = (byte) random.nextInt();
            try {
                KernelImage k = read(bad);
                assertTrue(k.start() >= 0x2000 && k.end() <= 1L << 33 && k.start() < k.end(), k.toString());
                k.pieces().forEach(p -> assertNotNull(p.bytes()));
            } catch (LaunchException e) {
                refused++;
            }
        }
        assertTrue(refused > 1000, "only " + refused + " were refused");
    }
}
