package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Gives out clusters at the end of a qcow2 image. Each is counted, and the count is on the disk, before anybody gets it: an image in
 * which a cluster is used and not counted is a damaged one, while one that is counted and not used is only a little too large. So that
 * this does not take a flush for each, they are counted some at a time, and what is left at the end is given back.
 */
final class QcowClusters {
    private static final long BATCH_BYTES = 1 << 20;

    private final DiskFile file;
    private final QcowHeader header;
    private final QcowTable blocks;
    private long next, end; // numbers of clusters counted and not given out

    QcowClusters(DiskFile file, QcowHeader header) throws IOException {
        this.file = file;
        this.header = header;
        blocks = QcowTable.read(file, header.countsOffset(), header.countsEntries());
    }

    /** Offset of a cluster that nobody uses, full of zeros. */
    long take() throws IOException {
        while (next == end) reserve();
        return next++ << header.clusterBits();
    }

    private void reserve() throws IOException {
        long first = (file.size() + header.clusterBytes() - 1) >>> header.clusterBits();
        if (block(first)) return; // that one is taken, for counts
        long most = Math.max(1, BATCH_BYTES >>> header.clusterBits());
        long last = Math.min(first + most, (first / header.counted() + 1) * header.counted()); // those that one block counts
        count(first, last, 1);
        file.write((last << header.clusterBits()) - 1, MemorySegment.ofArray(new byte[1])); // they are there, and zeros
        file.force();
        next = first;
        end = last;
    }

    /** Sees that there is a block for the count of this cluster, the first behind the image; it becomes that block, if need be. */
    private boolean block(long cluster) throws IOException {
        long i = cluster / header.counted();
        if (i >= blocks.size()) throw new IOException("the table of refcounts of " + file.path() + " is full");
        if (blocks.get((int) i) != 0) return false;
        ByteBuffer b = ByteBuffer.allocate((int) header.clusterBytes());
        b.putShort(2 * (int) (cluster % header.counted()), (short) 1); // it counts itself
        file.write(cluster << header.clusterBits(), MemorySegment.ofBuffer(b));
        file.force();
        blocks.set((int) i, cluster << header.clusterBits());
        return true;
    }

    private void count(long first, long last, int uses) throws IOException {
        long block = blocks.get((int) (first / header.counted()));
        if (block % header.clusterBytes() != 0 || block >= file.size()) throw QcowHeader.damaged(file.path(), "refcounts at " + block);
        ByteBuffer b = ByteBuffer.allocate(2 * (int) (last - first));
        while (b.hasRemaining()) b.putShort((short) uses);
        file.write(block + first % header.counted() * 2, MemorySegment.ofArray(b.array()));
    }

    /** Gives back what was counted for nobody. */
    void giveBack() throws IOException {
        if (next == end) return;
        count(next, end, 0);
        file.truncate(next << header.clusterBits());
        next = end;
    }
}
