package org.lguest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** One test for each row of the instruction table, on streams written by hand. */
class Lzo1xTest {
    private static final int[] END = {0x11, 0, 0};

    private static byte[] stream(Object... parts) {
        var out = new ByteArrayOutputStream();
        for (Object p : parts) {
            switch (p) {
                case Integer i -> out.write(i);
                case String s -> out.writeBytes(s.getBytes(StandardCharsets.ISO_8859_1));
                case int[] many -> { for (int i : many) out.write(i); }
                default -> throw new IllegalArgumentException(p.toString());
            }
        }
        return out.toByteArray();
    }

    private static String unpack(int length, Object... parts) throws IOException {
        byte[] out = new byte[length];
        Lzo1x.unpack(stream(parts), out, length);
        return new String(out, StandardCharsets.ISO_8859_1);
    }

    @Test
    void theFirstByteCountsLiterals() throws IOException {
        assertEquals("a", unpack(1, 18, "a", END));
        assertEquals("abcdefghij", unpack(10, 27, "abcdefghij", END));
    }

    @Test
    void literalRunsAreThreeLongerThanTheirField() throws IOException {
        assertEquals("abcd", unpack(4, 1, "abcd", END));
        assertEquals("x".repeat(18 + 2), unpack(20, 0, 2, "x".repeat(20), END));
        assertEquals("x".repeat(18 + 255 + 1), unpack(274, 0, 0, 1, "x".repeat(274), END));
    }

    /** A long run: its field, and letters that differ from place to place. */
    private static Object[] run(int length) {
        int rest = length - 18;
        return new Object[] {0, new int[rest / 255 - (rest % 255 == 0 ? 1 : 0)], rest % 255 == 0 ? 255 : rest % 255, text(length)};
    }

    private static String text(int length) {
        var s = new StringBuilder();
        for (int i = 0; i < length; i++) s.append((char) ('A' + i % 53 + i / 53 % 7));
        return s.toString();
    }

    private static Object[] then(Object[] first, Object... more) {
        Object[] all = java.util.Arrays.copyOf(first, first.length + more.length + 1);
        System.arraycopy(more, 0, all, first.length, more.length);
        all[all.length - 1] = END;
        return all;
    }

    @Test
    void matchesOfTwoBytesFollowOneToThreeLiterals() throws IOException {
        assertEquals("abcab", unpack(5, 20, "abc", 2 << 2, 0, END));
        assertEquals("abcab" + "Z" + "ab", unpack(8, 20, "abc", 2 << 2 | 1, 0, "Z", 2 << 2, 0, END));
        assertEquals("abc" + "cc" + "def" + "cc", unpack(10, 20, "abc", 3, 0, "def", 1 << 2, 1, END));
    }

    @Test
    void afterALongRunTheSameByteReachesBeyond2048() throws IOException {
        assertEquals(text(2052) + text(2052).substring(3, 6), unpack(2055, then(run(2052), 0, 0)));
        assertEquals(text(2100) + text(2100).substring(2100 - 2049 - 3 - 4, 2100 - 2049 - 4), unpack(2103, then(run(2100), 3 << 2, 1)));
    }

    @Test
    void nearMatchesHaveThreeToEightBytes() throws IOException {
        assertEquals("abcdefghabcd", unpack(12, 25, "abcdefgh", 0x40 | 1 << 5 | 7 << 2, 0, END));
        assertEquals("abcdefghiabc", unpack(12, 26, "abcdefghi", 0x40, 1, END));
        assertEquals("abcd" + "dddddddd" + "xy", unpack(14, 21, "abcd", 0x80 | 3 << 5 | 2, 0, "xy", END));
    }

    @Test
    void middleMatchesHaveLongLengths() throws IOException {
        assertEquals("abcd" + "dddddddd", unpack(12, 21, "abcd", 0x20 | 6, 0, 0, END));
        assertEquals("abcd" + "d".repeat(34), unpack(38, 21, "abcd", 0x20, 1, 0, 0, END));
        assertEquals("abcd" + "cd".repeat(150) + "Z", unpack(305, 21, "abcd", 0x20, 0, 300 - 33 - 255, 1 << 2 | 1, 0, "Z", END));
    }

    @Test
    void farMatchesBeginAt16384() throws IOException {
        String t = text(33000);
        assertEquals(t + t.substring(33000 - 16385, 33000 - 16385 + 5), unpack(33005, then(run(33000), 0x10 | 3, 1 << 2, 0)));
        assertEquals(t + t.substring(33000 - 32768, 33000 - 32768 + 9 + 1), unpack(33010, then(run(33000), 0x18, 1, 0, 0)));
    }

    @Test
    void aMatchBeforeTheBeginningIsRefused() {
        assertTrue(assertThrows(IOException.class, () -> unpack(12, 21, "abcd", 0x20 | 6, 4 << 2, 0, END)).getMessage()
            .contains("5 bytes back at byte 4"));
    }

    @Test
    void aMissingEndIsRefused() {
        assertTrue(assertThrows(IOException.class, () -> unpack(4, 21, "abcd")).getMessage().contains("damaged near its byte "));
    }

    @Test
    void tooFewAndTooManyBytesAreRefused() {
        assertTrue(assertThrows(IOException.class, () -> unpack(5, 21, "abcd", END)).getMessage().contains("4 bytes instead of 5"));
        assertTrue(assertThrows(IOException.class, () -> unpack(3, 21, "abcd", END)).getMessage().contains("damaged"));
    }
}
