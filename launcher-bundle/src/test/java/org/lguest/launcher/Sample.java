package org.lguest.launcher;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The content of the fixtures {@code sample.lzo} and {@code sample.lz4}, which lzop and lz4 packed: words, noise, runs of
 * one byte, and copies from anywhere before, so that every kind of match occurs.
 */
final class Sample {
    private final byte[] out = new byte[100_000];
    private int seed = 12345;

    private Sample() { }

    /** The same bytes each time. */
    static byte[] bytes() {
        var s = new Sample();
        for (int at = 0; at < s.out.length;) at += s.more(at, s.out.length - at);
        return s.out;
    }

    private int random(int bound) {
        seed = seed * 1103515245 + 12345;
        return (seed >>> 12) % bound;
    }

    private int more(int at, int room) {
        int kind = at < 200 ? 4 : random(16);
        if (kind == 0) {
            int n = Math.min(room, 1 + random(4000));
            Arrays.fill(out, at, at + n, (byte) random(256));
            return n;
        }
        if (kind < 3) {
            int n = Math.min(room, 1 + random(30));
            for (int i = 0; i < n; i++) out[at + i] = (byte) random(256);
            return n;
        }
        if (kind < 8) {
            byte[] word = ("guest " + random(1000) + " of the host; ").getBytes(StandardCharsets.ISO_8859_1);
            int n = Math.min(room, word.length);
            System.arraycopy(word, 0, out, at, n);
            return n;
        }
        int n = Math.min(Math.min(room, at), 3 + random(kind == 15 ? 3000 : 20));
        System.arraycopy(out, random(at - n + 1), out, at, n);
        return n;
    }
}
