package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.lguest.api.part.BlockBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:360 A disk in a qcow2 image: two levels of tables say where in the file a cluster of the disk is, if it is anywhere (QEMU's
 * docs/interop/qcow2.txt).
 *
 * <p>Every step leaves an image that others can read. A cluster is counted before it is used; data is written before the table that
 * leads to it, and where that replaces other data, it is on the disk before. What a killed process leaves behind are clusters that are
 * counted and not used.
 */
final class QcowDisk implements BlockBackend {
    private static final Logger LOG = LoggerFactory.getLogger(QcowDisk.class);
    private static final long OFFSET = 0x00FF_FFFF_FFFF_FE00L, COPIED = 1L << 63, COMPRESSED = 1L << 62, ZERO = 1;
    private static final long CACHED_BYTES = 8 << 20;

    private final DiskFile file;
    private final QcowHeader header;
    private final boolean readOnly;
    private final int blockSize;
    private final QcowTable l1;
    private final QcowClusters clusters; // null when read-only
    private final Map<Integer, QcowTable> l2s; // the last that were used
    private long unpackedEntry;
    private byte[] unpacked;
    private boolean closed;

    QcowDisk(DiskFile file, boolean readOnly, int blockSize) throws IOException {
        this.file = file;
        this.readOnly = readOnly;
        this.blockSize = blockSize;
        header = QcowHeader.read(file, !readOnly);
        l1 = QcowTable.read(file, header.l1Offset(), header.l1Size());
        clusters = readOnly ? null : new QcowClusters(file, header);
        if (!readOnly) header.clear(file);
        l2s = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, QcowTable> eldest) { return size() > Math.max(2, CACHED_BYTES >>> header.clusterBits()); }
        };
    }

    @Override
    public long size() { return header.size(); }

    @Override
    public boolean readOnly() { return readOnly; }

    @Override
    public int blockSize() { return blockSize; }

    @Override
    public void read(long offset, MemorySegment to) throws IOException {
        for (long at = 0, n; at < to.byteSize(); at += n) {
            n = inCluster(offset + at, to.byteSize() - at);
            readPart(offset + at, to.asSlice(at, n));
        }
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        for (long at = 0, n; at < from.byteSize(); at += n) {
            n = inCluster(offset + at, from.byteSize() - at);
            writePart(offset + at, from.asSlice(at, n));
        }
    }

    private long inCluster(long offset, long most) { return Math.min(most, header.clusterBytes() - offset % header.clusterBytes()); }

    private int l1Index(long offset) { return (int) ((offset >>> header.clusterBits()) / header.l2Size()); }

    private int l2Index(long offset) { return (int) ((offset >>> header.clusterBits()) % header.l2Size()); }

    /** The L2 table for a place on the disk; null when there is none. */
    private QcowTable l2(long offset) throws IOException {
        int i = l1Index(offset);
        QcowTable there = l2s.get(i);
        if (there == null && (l1.get(i) & OFFSET) != 0) {
            there = QcowTable.read(file, cluster(l1.get(i)), header.l2Size());
            l2s.put(i, there);
        }
        return there;
    }

    /** The place that an entry tells of. */
    private long cluster(long entry) throws IOException {
        long at = entry & OFFSET;
        if (at % header.clusterBytes() != 0 || at >= file.size()) throw QcowHeader.damaged(file.path(), "a cluster at " + at);
        return at;
    }

    private long entry(long offset) throws IOException {
        QcowTable l2 = l2(offset);
        return l2 == null ? 0 : l2.get(l2Index(offset));
    }

    private static boolean isZero(long entry) { return (entry & COMPRESSED) == 0 && ((entry & ZERO) != 0 || (entry & OFFSET) == 0); }

    private void readPart(long offset, MemorySegment to) throws IOException {
        long entry = entry(offset);
        long inside = offset % header.clusterBytes();
        if (isZero(entry)) to.fill((byte) 0);
        else if ((entry & COMPRESSED) != 0) MemorySegment.copy(MemorySegment.ofArray(unpack(entry)), inside, to, 0, to.byteSize());
        else file.readOrZeros(cluster(entry) + inside, to);
    }

    private void writePart(long offset, MemorySegment from) throws IOException {
        long entry = entry(offset);
        if ((entry & COPIED) != 0 && (entry & COMPRESSED) == 0 && !isZero(entry)) file.write(cluster(entry) + offset % header.clusterBytes(), from);
        else first(offset, from, entry);
    }

    /** Writes to a cluster that is not there yet, or that is packed or somebody else's, and then becomes another one. */
    private void first(long offset, MemorySegment from, long entry) throws IOException {
        QcowTable l2 = ownL2(offset);
        long to = clusters.take();
        if (!isZero(entry)) {
            byte[] before = new byte[(int) header.clusterBytes()];
            readPart(offset - offset % before.length, MemorySegment.ofArray(before));
            MemorySegment.copy(from, 0, MemorySegment.ofArray(before), offset % before.length, from.byteSize());
            file.write(to, MemorySegment.ofArray(before));
            file.force();
        } else {
            file.write(to + offset % header.clusterBytes(), from);
        }
        l2.set(l2Index(offset), to | COPIED);
    }

    /** The L2 table, which may be written. */
    private QcowTable ownL2(long offset) throws IOException {
        int i = l1Index(offset);
        QcowTable there = l2(offset);
        if (there != null && (l1.get(i) & COPIED) != 0) return there;
        long to = clusters.take();
        QcowTable own = there == null ? QcowTable.empty(file, to, header.l2Size()) : there.copy(to);
        if (there != null) file.force();
        l1.set(i, to | COPIED);
        l2s.put(i, own);
        return own;
    }

    /** A packed cluster; the last one is kept, for it is read in pieces. */
    private byte[] unpack(long entry) throws IOException {
        if (unpacked != null && unpackedEntry == entry) return unpacked;
        int bits = 62 - (header.clusterBits() - 8);
        long at = entry & (1L << bits) - 1;
        long bytes = ((entry & ~(COMPRESSED | COPIED)) >>> bits) * 512 + 512 - at % 512;
        byte[] packed = new byte[(int) Math.clamp(file.size() - at, 0, bytes)];
        file.read(at, MemorySegment.ofArray(packed));
        byte[] plain = new byte[(int) header.clusterBytes()];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed);
            int n = 0;
            for (int more; n < plain.length && (more = inflater.inflate(plain, n, plain.length - n)) > 0;) n += more;
            if (n < plain.length) throw QcowHeader.damaged(file.path(), "a packed cluster at " + at + " is too short");
        } catch (DataFormatException e) {
            throw QcowHeader.damaged(file.path(), "the packed cluster at " + at + ": " + e.getMessage());
        }
        unpackedEntry = entry;
        unpacked = plain;
        return plain;
    }

    @Override
    public void flush() throws IOException { file.force(); }

    @Override
    public String describe() { return file.path() + ", qcow2, " + size() / 1024 + " KiB" + (readOnly ? ", read-only" : ""); }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            if (clusters != null) clusters.giveBack();
        } catch (IOException e) {
            LOG.error("closing {}", file.path(), e);
        }
        file.close();
    }
}
