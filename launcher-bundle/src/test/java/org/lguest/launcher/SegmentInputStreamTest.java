package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentInputStreamTest {
    @Test
    void readsInAnyPortionsAndKnowsItsPosition() throws Exception {
        var random = new Random(1);
        byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        var in = new SegmentInputStream(MemorySegment.ofArray(bytes));
        var out = new ByteArrayOutputStream();
        while (out.size() < bytes.length) {
            if (random.nextInt(10) == 0) out.writeBytes(in.readNBytes(random.nextInt(30_000)));
            else out.write(in.read());
            assertEquals(out.size(), in.position());
            assertEquals(bytes.length - out.size(), in.available());
        }
        assertArrayEquals(bytes, out.toByteArray());
        assertEquals(-1, in.read());
        assertEquals(-1, in.read(new byte[3], 0, 3));
        assertEquals(bytes.length, in.position());
    }

    @Test
    void anEmptySegmentIsAtItsEnd() {
        assertEquals(-1, new SegmentInputStream(MemorySegment.NULL).read());
    }
}
