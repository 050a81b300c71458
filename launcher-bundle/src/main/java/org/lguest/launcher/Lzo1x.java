package org.lguest.launcher;

import java.io.IOException;

/**
 * LZO1X, the byte-oriented code of lzop.
 *
 * <p>Each instruction byte is a run of literals or a match that may drag up to three literals behind it; what a byte below
 * 16 means depends on how many literals came just before. With {@code L}, {@code D} and {@code S} the fields of the byte,
 * {@code H} the byte after it and {@code W} the 16 bits after it:
 *
 * <pre>
 *  0000LLLL  after no literals:   L + 3 literals (L = 0: 18 and more)
 *  0000DDSS  after 1 to 3:        2 bytes from H * 4 + D + 1 back
 *            after a long run:    3 bytes from H * 4 + D + 2049 back
 *  0001HLLL  L + 2 bytes (0: 9 and more) from H * 16384 + W / 4 + 16384 back; exactly 16384 back: the end
 *  001LLLLL  L + 2 bytes (0: 33 and more) from W / 4 + 1 back
 *  01LDDDSS  L + 3 bytes from H * 8 + D + 1 back
 *  1LLDDDSS  L + 5 bytes from H * 8 + D + 1 back
 * </pre>
 *
 * <p>Where W is, its low two bits are S. A length of 0 goes on in further bytes: 255 for each zero, then the first other one.
 */
final class Lzo1x {
    /** {@link #run}: the last instruction was a run of four literals or more. */
    private static final int LONG_RUN = 4;

    private final byte[] in;
    private final byte[] out;
    private int i;
    private int o;
    /** Literals copied by the last instruction: 0 to 3, or {@link #LONG_RUN}. */
    private int run;

    private Lzo1x(byte[] in, byte[] out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Unpacks a block.
     *
     * @param out    at least {@code length} long
     * @param length how many bytes must come out
     */
    static void unpack(byte[] in, byte[] out, int length) throws IOException {
        var block = new Lzo1x(in, out);
        try {
            block.unpack();
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("an LZO block is damaged near its byte " + block.i, e);
        }
        if (block.o != length) throw new IOException("an LZO block of " + block.o + " bytes instead of " + length);
    }

    private void unpack() throws IOException {
        int first = in[0] & 0xFF;
        if (first > 17) {
            i = 1;
            literals(first - 17);
            run = Math.min(first - 17, LONG_RUN);
        }
        while (step(in[i++] & 0xFF)) { }
    }

    /** One instruction; false at the end. */
    private boolean step(int b) throws IOException {
        if (b >= 64) {
            int length = b >= 128 ? 5 + (b >>> 5 & 3) : 3 + (b >>> 5 & 1);
            match(((in[i++] & 0xFF) << 3) + (b >>> 2 & 7) + 1, length, b & 3);
        } else if (b >= 32) {
            int length = 2 + length(b & 31, 31);
            int w = word();
            match((w >>> 2) + 1, length, w & 3);
        } else if (b >= 16) {
            int length = 2 + length(b & 7, 7);
            int w = word();
            int distance = 16384 + ((b & 8) << 11) + (w >>> 2);
            if (distance == 16384) return false;
            match(distance, length, w & 3);
        } else if (run == 0) {
            literals(3 + length(b, 15));
            run = LONG_RUN;
        } else if (run == LONG_RUN) {
            match(((in[i++] & 0xFF) << 2) + (b >>> 2) + 2049, 3, b & 3);
        } else {
            match(((in[i++] & 0xFF) << 2) + (b >>> 2) + 1, 2, b & 3);
        }
        return true;
    }

    private int length(int field, int base) {
        if (field != 0) return field;
        int n = base;
        while (in[i] == 0) {
            n = Math.addExact(n, 255);
            i++;
        }
        return n + (in[i++] & 0xFF);
    }

    private int word() {
        int w = in[i] & 0xFF | (in[i + 1] & 0xFF) << 8;
        i += 2;
        return w;
    }

    private void literals(int count) {
        System.arraycopy(in, i, out, o, count);
        i += count;
        o += count;
    }

    private void match(int distance, int length, int literals) throws IOException {
        if (distance > o) throw new IOException("an LZO match reaches " + distance + " bytes back at byte " + o);
        Copies.back(out, o, distance, length);
        o += length;
        literals(literals);
        run = literals;
    }
}
