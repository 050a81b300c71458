package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lguest.api.LaunchException;

class InitrdTest {
    private static final byte[] CPIO = archive("init", "bin/sh");

    private final List<String> notes = new ArrayList<>();

    /** A cpio archive with one file of 1001 bytes for each name. */
    static byte[] archive(String... names) {
        var out = new ByteArrayOutputStream();
        for (String n : names) file(out, n, new byte[1001]);
        file(out, "TRAILER!!!", new byte[0]);
        return out.toByteArray();
    }

    private static void file(ByteArrayOutputStream out, String name, byte[] content) {
        String numbers = "%08x".repeat(13).formatted(1, 0x81ED, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0);
        out.writeBytes(("070701" + numbers + name + "\0").getBytes(StandardCharsets.ISO_8859_1));
        while (out.size() % 4 != 0) out.write(0);
        out.writeBytes(content);
        while (out.size() % 4 != 0) out.write(0);
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] p : parts) out.writeBytes(p);
        return out.toByteArray();
    }

    private static Initrd initrd(byte[] bytes) { return new Initrd("initrd i", MemorySegment.ofArray(bytes)); }

    private String verify(byte[] bytes) throws LaunchException { return initrd(bytes).verify(notes); }

    private void refused(byte[] bytes, String sentence) {
        String message = assertThrows(LaunchException.class, () -> verify(bytes)).getMessage();
        assertTrue(message.startsWith("initrd i " + sentence), message);
    }

    @Test
    void aCpioArchiveIsWalkedToItsEnd() throws LaunchException {
        assertEquals("cpio", verify(CPIO));
        assertEquals("cpio", verify(Arrays.copyOf(CPIO, 8192)), "zeros behind it are padding");
        assertTrue(notes.isEmpty(), notes.toString());
    }

    @ParameterizedTest
    @EnumSource
    void everyCompressionIsUnpackedToItsEnd(Compression c) throws Exception {
        byte[] packed = Packers.pack(c, CPIO);
        assertEquals(c.label(), verify(packed));
        assertTrue(notes.isEmpty(), notes.toString());
    }

    @ParameterizedTest
    @EnumSource
    void aTruncatedOneIsRefused(Compression c) throws Exception {
        byte[] packed = Packers.pack(c, Sample.bytes());
        for (int cut : new int[] {1, packed.length / 2, packed.length - 16}) {
            String message = assertThrows(LaunchException.class, () -> verify(Arrays.copyOf(packed, packed.length - cut)), c + " less " + cut)
                .getMessage();
            assertTrue(message.matches("initrd i is (truncated: its " + c.label() + " data ends too early; copy it again|damaged: its "
                + c.label() + " data cannot be unpacked .*)"), message);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZ4") // has no checksum
    void aDamagedOneIsRefused(Compression c) throws Exception {
        byte[] packed = Packers.pack(c, Sample.bytes());
        for (int i = 0; i < 8; i++) packed[packed.length / 2 + i] ^= 0x5A;
        refused(packed, c == Compression.LZMA ? "" : "is damaged: its " + c.label() + " data cannot be unpacked (");
    }

    @Test
    void archivesMayFollowOneAnother() throws Exception {
        assertEquals("cpio + xz + cpio", verify(join(CPIO, new byte[512], Packers.pack(Compression.XZ, CPIO), new byte[8], archive("late"))));
    }

    @Test
    void damageInALaterArchiveIsFound() throws Exception {
        byte[] gz = Packers.pack(Compression.GZIP, CPIO);
        refused(join(CPIO, Arrays.copyOf(gz, gz.length - 9)), "is truncated: its gzip data ends too early");
    }

    @Test
    void aTruncatedCpioArchiveNamesTheFileInWhichItBreaksOff() {
        int second = 112 + 4 + 1004; // header, name, content of the first
        refused(Arrays.copyOf(CPIO, second - 100), "is damaged: the cpio archive breaks off inside init");
        refused(Arrays.copyOf(CPIO, CPIO.length - 200), "is damaged: the cpio archive breaks off inside bin/sh");
        refused(Arrays.copyOf(CPIO, CPIO.length - 50), "is damaged: the cpio archive breaks off in a header at byte ");
        byte[] bad = CPIO.clone();
        bad[58] = 'x';
        refused(bad, "is damaged: the cpio archive has a header at byte 0 with a field that is no number");
    }

    @Test
    void aRawImageIsNotedOnly() throws LaunchException {
        byte[] ext2 = new byte[4096];
        ext2[1080] = 0x53;
        assertEquals("raw image", verify(ext2));
        assertTrue(notes.getFirst().contains("raw image of a disk"), notes.toString());
    }

    @Test
    void somethingUnknownBehindAnArchiveIsNoted() throws LaunchException {
        assertEquals("cpio", verify(join(CPIO, "junk".getBytes())));
        assertTrue(notes.getFirst().contains("something unknown behind its archive, at byte " + CPIO.length), notes.toString());
    }

    @Test
    void zerosAreNoInitrd() {
        refused(new byte[5000], "consists of zeros only");
    }

    @Test
    void theSizeToldIsWholePagesButForLz4() throws IOException {
        assertEquals(4096, initrd(CPIO).announcedBytes());
        byte[] lz4 = Packers.pack(Compression.LZ4, CPIO);
        assertEquals(lz4.length, initrd(lz4).announcedBytes());
    }

    @Test
    void randomDamageNeverThrowsAnythingElse() throws Exception {
        var random = new Random(11);
        for (Compression c : Compression.values()) {
            byte[] good = Packers.pack(c, archive("a", "b"));
            for (int round = 0; round < 100; round++) {
                byte[] bad = join(CPIO, round % 2 == 0 ? good : Arrays.copyOf(good, 1 + random.nextInt(good.length)));
                for (int i = 0; i < 3; i++) bad[6 + random.nextInt(bad.length - 6)] = (byte) random.nextInt();
                try {
                    verify(bad);
                } catch (LaunchException e) {
                    assertTrue(e.getMessage().startsWith("initrd i "), e.getMessage());
                }
            }
        }
    }
}
