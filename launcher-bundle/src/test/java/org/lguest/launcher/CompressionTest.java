package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {
    private static byte[] resource(String name) throws IOException {
        try (InputStream in = CompressionTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static byte[] unpack(Compression c, byte[] packed) throws IOException {
        try (InputStream in = c.open(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    @Test
    void unpacksWhatLzopPacked() throws IOException {
        assertArrayEquals(Sample.bytes(), unpack(Compression.LZO, resource("sample.lzo")));
    }

    @Test
    void unpacksWhatLz4Packed() throws IOException {
        assertArrayEquals(Sample.bytes(), unpack(Compression.LZ4, resource("sample.lz4")));
    }

    @ParameterizedTest
    @EnumSource
    void isRecognisedByItsFirstBytesAndUnpacks(Compression c) throws IOException {
        byte[] packed = Packers.pack(c, Sample.bytes());
        assertEquals(c, Compression.at(MemorySegment.ofArray(packed), 0));
        assertArrayEquals(Sample.bytes(), unpack(c, packed));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"GZIP", "LZ4"}) // gzip reads members to the end, LZ4 has no end but that of the data
    void leavesTheStreamBehindItsLastByte(Compression c) throws IOException {
        byte[] packed = Packers.pack(c, Sample.bytes());
        byte[] more = java.util.Arrays.copyOf(packed, packed.length + 10);
        more[packed.length] = 77;
        var source = new SegmentInputStream(MemorySegment.ofArray(more));
        assertEquals(100_000, c.open(source).readAllBytes().length);
        assertEquals(packed.length, source.position());
    }

    @Test
    void knowsNoCompressionInTextOrInTooFewBytes() {
        assertNull(Compression.at(MemorySegment.ofArray("hello, world".getBytes()), 0));
        assertNull(Compression.at(MemorySegment.ofArray(new byte[] {0x1F}), 0));
    }

    @Test
    void aDamagedLzoBlockFailsItsChecksum() throws IOException {
        byte[] packed = Packers.pack(Compression.LZO, Sample.bytes());
        packed[packed.length - 100] ^= 1;
        assertTrue(assertThrows(IOException.class, () -> unpack(Compression.LZO, packed)).getMessage().contains("wrong checksum"));
    }

    /** The decoders of our own meet damage: whatever it is, they end in time, and with nothing but an IOException. */
    @Test
    void damagedFixturesEndInAnIoExceptionOrInOtherBytes() throws IOException {
        var random = new Random(7);
        for (Compression c : new Compression[] {Compression.LZO, Compression.LZ4}) {
            byte[] good = resource(c == Compression.LZO ? "sample.lzo" : "sample.lz4");
            int failed = 0;
            for (int round = 0; round < 400; round++) {
                byte[] bad = java.util.Arrays.copyOf(good, round % 4 == 0 ? random.nextInt(good.length) : good.length);
                for (int i = 0; i < 3 && bad.length > 64; i++) bad[64 + random.nextInt(bad.length - 64)] = (byte) random.nextInt();
                try {
                    unpack(c, bad);
                } catch (IOException e) {
                    failed++;
                }
            }
            assertTrue(failed > 150, c + " took too much for good: only " + failed + " failed");
        }
    }
}
