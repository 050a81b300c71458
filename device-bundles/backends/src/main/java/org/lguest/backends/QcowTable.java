package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A table of 64-bit numbers in a qcow2 image, of which the file is always told first. */
final class QcowTable {
    private final DiskFile file;
    private final long offset;
    private final long[] entries;

    private QcowTable(DiskFile file, long offset, long[] entries) {
        this.file = file;
        this.offset = offset;
        this.entries = entries;
    }

    /** Reads a table. */
    static QcowTable read(DiskFile file, long offset, int size) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(8 * size);
        file.read(offset, MemorySegment.ofBuffer(b));
        long[] entries = new long[size];
        b.asLongBuffer().get(entries);
        return new QcowTable(file, offset, entries);
    }

    /** A table at a place where the file has nothing but zeros. */
    static QcowTable empty(DiskFile file, long offset, int size) { return new QcowTable(file, offset, new long[size]); }

    /** Writes the same table to another place. */
    QcowTable copy(long to) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(8 * entries.length);
        b.asLongBuffer().put(entries);
        file.write(to, MemorySegment.ofBuffer(b));
        return new QcowTable(file, to, entries.clone());
    }

    long get(int i) { return entries[i]; }

    int size() { return entries.length; }

    void set(int i, long value) throws IOException {
        file.write(offset + 8L * i, MemorySegment.ofBuffer(ByteBuffer.allocate(8).putLong(0, value)));
        entries[i] = value;
    }
}
