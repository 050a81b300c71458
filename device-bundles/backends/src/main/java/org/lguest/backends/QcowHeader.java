package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The beginning of a qcow2 image, as far as it matters (QEMU's docs/interop/qcow2.txt, "Header"); big endian.
 *
 * @param clusterBits   clusters have 2 to this power bytes, 512 to 2 MiB
 * @param size          bytes of the disk
 * @param l1Size        entries of the L1 table
 * @param l1Offset      where it is
 * @param countsOffset  where the table of the refcount blocks is
 * @param countsEntries its entries
 * @param snapshots     how many there are
 * @param autoclear     whether features are set that a writer who does not know them has to clear
 */
record QcowHeader(int clusterBits, long size, int l1Size, long l1Offset, long countsOffset, int countsEntries, int snapshots, boolean autoclear) {
    private static final int MAGIC = 0x514649FB, BYTES = 104, OLD_BYTES = 72;
    private static final int BACKING_AT = 8, CLUSTER_BITS_AT = 20, SIZE_AT = 24, CRYPT_AT = 32, L1_SIZE_AT = 36, L1_AT = 40, COUNTS_AT = 48,
        COUNTS_CLUSTERS_AT = 56, SNAPSHOTS_AT = 60, INCOMPATIBLE_AT = 72, AUTOCLEAR_AT = 88, COUNT_ORDER_AT = 96;
    private static final long DIRTY = 1, CORRUPT = 2;
    private static final int MOST_ENTRIES = 4 << 20; // of a table; 32 MiB

    long clusterBytes() { return 1L << clusterBits; }

    /** Entries of an L2 table. */
    int l2Size() { return 1 << clusterBits - 3; }

    /** Clusters that one refcount block counts, 16 bits each. */
    int counted() { return 1 << clusterBits - 1; }

    /** Reads it; what this program cannot do is refused with a sentence. */
    static QcowHeader read(DiskFile file, boolean writable) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        file.read(0, MemorySegment.ofBuffer(b).asSlice(0, Math.min(BYTES, file.size())));
        Path path = file.path();
        int version = b.getInt(4);
        if (b.getInt(0) != MAGIC || file.size() < OLD_BYTES) throw new IOException(path + " is no qcow2 image");
        if (version != 2 && version != 3) throw new IOException(path + " is a qcow image of version " + version + "; want 2 or 3");
        if (version == 3) checkFeatures(path, b.getLong(INCOMPATIBLE_AT), b.getInt(COUNT_ORDER_AT));
        if (b.getLong(BACKING_AT) != 0)
            throw new IOException(path + " has a backing file, and names in images are not followed; qemu-img convert makes one image of both");
        if (b.getInt(CRYPT_AT) != 0) throw new IOException(path + " is encrypted");
        int bits = b.getInt(CLUSTER_BITS_AT);
        if (bits < 9 || bits > 21) throw damaged(path, "clusters of 2^" + bits + " bytes");
        long entries = ((long) b.getInt(COUNTS_CLUSTERS_AT) << bits) / 8;
        QcowHeader h = new QcowHeader(bits, b.getLong(SIZE_AT), b.getInt(L1_SIZE_AT), b.getLong(L1_AT), b.getLong(COUNTS_AT),
            (int) Math.min(entries, MOST_ENTRIES), b.getInt(SNAPSHOTS_AT), version == 3 && b.getLong(AUTOCLEAR_AT) != 0);
        h.check(path, file.size());
        if (writable && h.snapshots != 0) throw new IOException(path + " has snapshots, and this program cannot write to such images; add ,ro to read it");
        return h;
    }

    /** The image will be written, and what others keep beside its content does not hold any more. */
    void clear(DiskFile file) throws IOException {
        if (autoclear) file.write(AUTOCLEAR_AT, MemorySegment.ofArray(new byte[8]));
    }

    private static void checkFeatures(Path path, long incompatible, int countOrder) throws IOException {
        if ((incompatible & CORRUPT) != 0) throw damaged(path, "it says so itself");
        if ((incompatible & DIRTY) != 0) throw new IOException(path + " has not been closed by who wrote it; try qemu-img check -r all");
        if (incompatible != 0) throw new IOException(path + " needs features that this program does not have (0x" + Long.toHexString(incompatible) + ")");
        if (countOrder != 4) throw new IOException(path + " has refcounts of " + (1L << (countOrder & 63)) + " bits; want 16");
    }

    private void check(Path path, long end) throws IOException {
        long needed = (size + (clusterBytes() * l2Size()) - 1) / (clusterBytes() * l2Size());
        if (size <= 0 || size > 1L << 50) throw damaged(path, "a disk of " + size + " bytes");
        if (l1Size < needed || l1Size > MOST_ENTRIES) throw damaged(path, "an L1 table of " + l1Size + " entries");
        checkTable(path, "L1 table", l1Offset, l1Size, end);
        checkTable(path, "refcount table", countsOffset, countsEntries, end);
    }

    private void checkTable(Path path, String name, long offset, int entries, long end) throws IOException {
        if (entries <= 0 || offset <= 0 || offset % clusterBytes() != 0 || offset > end - 8L * entries)
            throw damaged(path, "a " + name + " of " + entries + " entries at " + offset);
    }

    static IOException damaged(Path path, String how) { return new IOException("the image " + path + " is damaged: " + how); }
}
