package org.lguest.launcher;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Reads a segment as a stream, and knows how far it has come. */
final class SegmentInputStream extends InputStream {
    private final MemorySegment bytes;
    private long position;

    SegmentInputStream(MemorySegment bytes) { this.bytes = bytes; }

    /** Bytes read so far. */
    long position() { return position; }

    @Override
    public int read() { return position < bytes.byteSize() ? bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xFF : -1; }

    @Override
    public int read(byte[] to, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) return 0;
        int n = (int) Math.min(length, bytes.byteSize() - position);
        if (n == 0) return -1;
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, position, to, offset, n);
        position += n;
        return n;
    }

    @Override
    public long skip(long n) {
        long k = Math.clamp(n, 0, bytes.byteSize() - position);
        position += k;
        return k;
    }

    @Override
    public int available() { return (int) Math.min(Integer.MAX_VALUE, bytes.byteSize() - position); }
}
