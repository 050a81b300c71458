package org.lguest.launcher;

import java.io.IOException;
import java.io.InputStream;

/**
 * LZ4's legacy frame, the one that kernels use: the magic number 0x184C2102, then blocks of at most 8 MiB, each behind its
 * packed length in 32 bits, until the data ends. The magic number may come again between blocks.
 */
final class Lz4LegacyInputStream extends BlockInputStream {
    private static final int MAGIC = 0x184C2102;
    private static final int BLOCK = 8 << 20;
    /** A packed block may be longer than its content by 1/255 and 16 bytes. */
    private static final int PACKED = BLOCK + BLOCK / 255 + 16;

    private final InputStream in;
    private byte[] out;

    Lz4LegacyInputStream(InputStream in) throws IOException {
        this.in = in;
        if (Numbers.le32(in) != MAGIC) throw new IOException("no LZ4 legacy frame");
    }

    @Override
    boolean next() throws IOException {
        int first = in.read();
        if (first < 0) return false;
        int packed = first | Numbers.u8(in) << 8 | Numbers.u8(in) << 16 | Numbers.u8(in) << 24;
        if (packed == MAGIC) return true;
        if (packed <= 0 || packed > PACKED) throw new IOException("an LZ4 block of " + Integer.toUnsignedString(packed) + " bytes");
        if (out == null) out = new byte[BLOCK];
        supply(out, unpack(Numbers.bytes(in, packed), out));
        return true;
    }

    /**
     * Unpacks one block: sequences of a token (literals in the high nibble, match length - 4 in the low one), more length
     * bytes while they are 255, the literals, a 16-bit distance, more match length. The last sequence has literals only.
     *
     * @return how many bytes came out
     */
    static int unpack(byte[] in, byte[] out) throws IOException {
        int i = 0;
        int o = 0;
        try {
            while (true) {
                int token = in[i++] & 0xFF;
                int literals = token >>> 4;
                if (literals == 15) {
                    int more;
                    do literals += more = in[i++] & 0xFF; while (more == 255);
                }
                System.arraycopy(in, i, out, o, literals);
                i += literals;
                o += literals;
                if (i == in.length) return o;
                int distance = in[i] & 0xFF | (in[i + 1] & 0xFF) << 8;
                i += 2;
                int length = token & 15;
                if (length == 15) {
                    int more;
                    do length += more = in[i++] & 0xFF; while (more == 255);
                }
                if (distance == 0 || distance > o) throw new IOException("an LZ4 match reaches " + distance + " bytes back at byte " + o);
                Copies.back(out, o, distance, length + 4);
                o += length + 4;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("an LZ4 block is damaged near its byte " + i, e);
        }
    }
}
