package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;

/** qcow2 images as another program would make and check them. */
final class QcowImage {
    private static final long OFFSET = 0x00FF_FFFF_FFFF_FE00L, COPIED = 1L << 63, COMPRESSED = 1L << 62;

    private final int bits;
    private final ByteBuffer b;

    /** An empty image of version 3: header, refcount table, refcount block, L1 table, a cluster each. */
    QcowImage(int bits, long size) {
        this.bits = bits;
        b = ByteBuffer.allocate(64 << bits);
        b.putInt(0, 0x514649FB).putInt(4, 3).putInt(20, bits).putLong(24, size);
        long perL1 = 1L << 2 * bits - 3;
        b.putInt(36, (int) ((size + perL1 - 1) / perL1)).putLong(40, 3L << bits);
        b.putLong(48, 1L << bits).putInt(56, 1).putInt(96, 4).putInt(100, 104);
        b.putLong(1 << bits, 2L << bits);
        for (int c = 0; c < 4; c++) count(c, 1);
        b.limit(4 << bits);
    }

    void count(int cluster, int uses) { b.putShort((2 << bits) + 2 * cluster, (short) uses); }

    QcowImage header(int at, long value) {
        if (at == 8 || at == 24 || at == 40 || at == 48 || at >= 64 && at < 96) b.putLong(at, value);
        else b.putInt(at, (int) value);
        return this;
    }

    /** Adds an L2 table in cluster 4; answers its position. */
    private int l2() {
        b.limit(16 << bits);
        b.putLong(3 << bits, 4L << bits | COPIED);
        count(4, 1);
        return 4 << bits;
    }

    /** Cluster 0 of the disk is packed, cluster 1 is full of zeros by a flag, cluster 2 is shared with a snapshot. */
    QcowImage withEverything(byte[] packed, byte[] shared) {
        int l2 = l2();
        Deflater d = new Deflater(9, true);
        d.setInput(packed);
        d.finish();
        byte[] small = new byte[2 << bits];
        int n = d.deflate(small);
        d.end();
        int at = (5 << bits) + 100; // packed clusters begin anywhere
        b.position(at).put(small, 0, n);
        long sectors = (at % 512 + n - 1) / 512;
        b.putLong(l2, COMPRESSED | sectors << 62 - (bits - 8) | at);
        b.putLong(l2 + 8, 1);
        b.position(8 << bits).put(shared);
        b.putLong(l2 + 16, 8L << bits); // not COPIED
        for (int c = 5; c < 16; c++) count(c, c == 8 ? 2 : 1);
        return this;
    }

    Path write(Path file) throws IOException {
        byte[] all = new byte[b.limit()];
        b.get(0, all);
        return Files.write(file, all);
    }

    /** Every cluster that a table leads to is in the file and counted, and none is led to twice. */
    static void check(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file));
        int bits = b.getInt(20);
        int[] uses = new int[(b.capacity() >> bits) + 1];
        uses[0]++;
        use(uses, b.getLong(48), bits, b.getInt(56));
        use(uses, b.getLong(40), bits, 1);
        for (int i = 0; i < b.getInt(56) << bits - 3; i++) use(uses, b.getLong((int) b.getLong(48) + 8 * i), bits, 1);
        for (int i = 0; i < b.getInt(36); i++) {
            long l2 = b.getLong((int) b.getLong(40) + 8 * i) & OFFSET;
            use(uses, l2, bits, 1);
            for (int k = 0; l2 != 0 && k < 1 << bits - 3; k++) {
                long entry = b.getLong((int) l2 + 8 * k);
                if ((entry & COMPRESSED) == 0) use(uses, entry & OFFSET, bits, 1);
            }
        }
        for (int c = 0; c < uses.length; c++) {
            assertTrue(uses[c] <= 1, "cluster " + c + " is used " + uses[c] + " times");
            if (uses[c] == 1) assertTrue(counted(b, bits, c) >= 1, "cluster " + c + " is used and not counted");
        }
    }

    /** Clusters that are counted. */
    static int counted(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file));
        int n = 0;
        for (int c = 0; c < b.capacity() >> b.getInt(20); c++) n += counted(b, b.getInt(20), c) > 0 ? 1 : 0;
        return n;
    }

    private static int counted(ByteBuffer b, int bits, int cluster) {
        int per = 1 << bits - 1;
        long block = b.getLong((int) b.getLong(48) + 8 * (cluster / per));
        return block == 0 ? 0 : b.getShort((int) block + 2 * (cluster % per));
    }

    private static void use(int[] uses, long offset, int bits, int clusters) {
        assertEquals(0, offset & (1L << bits) - 1, "not at a cluster");
        for (int i = 0; offset != 0 && i < clusters; i++) uses[(int) (offset >> bits) + i]++;
    }
}
