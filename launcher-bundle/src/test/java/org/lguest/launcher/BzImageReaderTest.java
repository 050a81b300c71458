package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lguest.api.LaunchException;
import org.lguest.api.state.GuestMemory;

class BzImageReaderTest {
    private static final byte[] KERNEL = ElfFile.kernel(0x1000000, "Linux version 3.11.10 (x@y) lguest");

    private final List<String> notes = new ArrayList<>();

    private KernelImage read(byte[] file) throws LaunchException {
        return KernelImage.of(new InputFile("kernel k", MemorySegment.ofArray(file)), notes);
    }

    private void refused(byte[] file, String sentence) {
        String message = assertThrows(LaunchException.class, () -> read(file)).getMessage();
        assertTrue(message.startsWith(sentence), message);
    }

    private static byte[] image(Compression c) throws IOException { return BzImageFile.of(0x20C, Packers.payload(c, KERNEL)); }

    @ParameterizedTest
    @EnumSource
    void theHostUnpacksEveryCompression(Compression c) throws Exception {
        KernelImage k = read(image(c));
        assertEquals("bzImage, " + c.label(), k.form());
        assertEquals(0x1000000, k.entry());
        assertEquals(0x1000000, k.pieces().getFirst().at());
        assertEquals(-1, k.pieces().getFirst().bytes().mismatch(MemorySegment.ofArray(KERNEL).asSlice(0x200)), "the segment's bytes");
        assertEquals(0x1003000, k.end());
        assertEquals(511, k.commandLineBytes());
        assertEquals(BzImageFile.RELEASE, k.release());
        assertEquals(0x268 - 0x1F1, k.setupHeader().byteSize());
        assertTrue(notes.isEmpty(), notes.toString());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedPayloadIsNamed(Compression c) throws IOException {
        byte[] file = image(c);
        int payload = 3 * 512 + 256;
        int at = c == Compression.LZ4 ? 8 : 70; // LZ4 has no checksum: only damage to its own structure shows
        for (int i = at; i < at + 20; i++) file[payload + i] ^= 0x55;
        refused(file, "the " + c.label() + " payload of kernel k is damaged: ");
    }

    @ParameterizedTest
    @EnumSource
    void aPayloadOfAnotherLengthThanItSaysIsDamaged(Compression c) throws IOException {
        byte[] packed = Packers.payload(c, KERNEL);
        refused(BzImageFile.of(0x20C, ElfFile.with32(packed, packed.length - 4, KERNEL.length - 1)), "the " + c.label()
            + " payload of kernel k is damaged: ");
        refused(BzImageFile.of(0x20C, ElfFile.with32(packed, packed.length - 4, KERNEL.length + 1)), "the " + c.label()
            + " payload of kernel k is damaged: ");
        refused(BzImageFile.of(0x20C, ElfFile.with32(packed, packed.length - 4, -1)), "the " + c.label()
            + " payload of kernel k is damaged: it claims to unpack to 4294967295 bytes");
    }

    @Test
    void beforeProtocol208TheGuestUnpacksItself() throws Exception {
        byte[] file = BzImageFile.of(0x207, Packers.payload(Compression.GZIP, KERNEL));
        KernelImage k = read(file);
        assertEquals("bzImage, unpacks itself", k.form());
        assertEquals(0x100000, k.entry());
        assertEquals(List.of(0x100000L), k.pieces().stream().map(KernelImage.Piece::at).toList());
        assertEquals(-1, k.pieces().getFirst().bytes().mismatch(MemorySegment.ofArray(file).asSlice(3 * 512)), "all behind the setup sectors");
    }

    @Test
    void aPayloadPackedInAnUnknownWayIsLeftToTheGuest() throws Exception {
        byte[] zstd = Packers.payload(Compression.GZIP, KERNEL);
        zstd[0] = 0x28;
        zstd[1] = (byte) 0xB5;
        KernelImage k = read(BzImageFile.of(0x20C, zstd));
        assertEquals("bzImage, unpacks itself", k.form());
        assertEquals(0x1000000 + 0x3E0000, k.end(), "pref_address and init_size say how far it will reach");
        assertTrue(notes.getFirst().contains("packed in a way unknown here: the guest unpacks itself"), notes.toString());
    }

    @Test
    void aPayloadThatIsNoElfFileIsLeftToTheGuest() throws Exception {
        KernelImage k = read(BzImageFile.of(0x208, Packers.payload(Compression.XZ, new byte[5000])));
        assertEquals("bzImage, unpacks itself", k.form());
        assertTrue(notes.getFirst().contains("the xz payload of kernel k is no ELF file"), notes.toString());
    }

    @Test
    void a64BitKernelInsideIsRefused() throws IOException {
        refused(BzImageFile.of(0x20C, Packers.payload(Compression.GZIP, ElfFile.with8(KERNEL, ElfFile.CLASS, 2))), "kernel k is a 64-bit ELF file");
    }

    @Test
    void refusesWhatBrokeOffOrIsDamaged() throws IOException {
        byte[] good = image(Compression.GZIP);
        refused(java.util.Arrays.copyOf(good, 1200), "kernel k is truncated: its header promises ");
        refused(java.util.Arrays.copyOf(good, good.length - 40), "kernel k is truncated: its header promises ");
        refused(ElfFile.with32(good, BzImageFile.PAYLOAD_LENGTH, 0x7FFFFFFF), "kernel k is truncated: its payload ends at byte ");
        refused(ElfFile.with8(good, BzImageFile.LOADFLAGS, 0), "kernel k is a zImage");
        refused(ElfFile.with32(ElfFile.with16(good, BzImageFile.VERSION, 0x207), BzImageFile.CODE32_START, 0x90000),
            "kernel k is damaged: its entry 0x90000 is outside its code");
    }

    @Test
    void damagedHeadersNeverThrowAnythingElse() throws IOException {
        byte[] good = image(Compression.GZIP);
        var random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) bad[0x1F1 + random.nextInt(0x77)] = (byte) random.nextInt();
            try {
                KernelImage k = read(bad);
                assertTrue(k.start() >= 0x2000 && k.setupHeader() == null || k.setupHeader().byteSize() <= 0x290 - 0x1F1, k.toString());
                k.pieces().forEach(p -> p.bytes().get(GuestMemory.I8, 0));
            } catch (LaunchException e) {
                refused++;
            }
        }
        assertTrue(refused > 300, "only " + refused + " were refused");
    }
}
