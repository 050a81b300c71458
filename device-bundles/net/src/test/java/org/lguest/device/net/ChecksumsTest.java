package org.lguest.device.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumsTest {
    /** As RFC 1071 words it: 16 bits at a time, carries at the end. */
    static int plain(int sum, byte[] b, int from, int length) {
        long s = sum;
        for (int i = 0; i < length; i++) s += (b[from + i] & 0xFF) << (i % 2 == 0 ? 8 : 0);
        while (s >>> 16 != 0) s = (s & 0xFFFF) + (s >>> 16);
        return (int) s;
    }

    @Test
    void theSumIsThatOfTheExampleInRfc1071() {
        byte[] b = {0, 1, (byte) 0xF2, 3, (byte) 0xF4, (byte) 0xF5, (byte) 0xF6, (byte) 0xF7};
        assertEquals(0xDDF2, Checksums.add(0, b, 0, 8));
    }

    @Test
    void everyLengthAndOffsetSumsUpAsWordByWord() {
        Random r = new Random(1);
        byte[] b = new byte[400];
        for (int round = 0; round < 20; round++) {
            r.nextBytes(b);
            if (round == 0) java.util.Arrays.fill(b, (byte) 0xFF);
            for (int from = 0; from < 9; from++)
                for (int length = 0; length < 80; length++) {
                    int before = r.nextInt(0x10000);
                    assertEquals(plain(before, b, from, length), Checksums.add(before, b, from, length), from + "+" + length);
                }
        }
    }

    @Test
    void largePacketsLoseNoCarry() {
        byte[] b = new byte[65_536];
        java.util.Arrays.fill(b, (byte) 0xFF);
        assertEquals(plain(0xFFFF, b, 0, b.length), Checksums.add(0xFFFF, b, 0, b.length));
        new Random(2).nextBytes(b);
        assertEquals(plain(7, b, 1, 65_535), Checksums.add(7, b, 1, 65_535));
    }

    @Test
    void aFinishedChecksumIsNeverZero() {
        assertEquals(0xFFFF, Checksums.finish(0xFFFF));
        assertEquals(0xFFFF, Checksums.finish(0));
        assertEquals(1, Checksums.finish(0xFFFE));
    }
}
