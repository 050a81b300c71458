package org.lguest.launcher;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Reads a segment as a stream, and knows how far its reader has come. Decoders that read byte by byte find the bytes in an array. */
final class SegmentInputStream extends InputStream {
    private final MemorySegment bytes;
    private final byte[] buffer = new byte[1 << 14];
    /** {@code buffer[at, filled)} is still to be read; {@link #loaded} bytes of the segment have gone through the buffer or past it. */
    private int at;
    private int filled;
    private long loaded;

    SegmentInputStream(MemorySegment bytes) { this.bytes = bytes; }

    /** Bytes read so far. */
    long position() { return loaded - (filled - at); }

    @Override
    public int read() {
        if (at == filled && !fill()) return -1;
        return buffer[at++] & 0xFF;
    }

    private boolean fill() {
        at = 0;
        filled = copy(buffer, 0, buffer.length);
        return filled > 0;
    }

    private int copy(byte[] to, int offset, int length) {
        int n = (int) Math.min(length, bytes.byteSize() - loaded);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, loaded, to, offset, n);
        loaded += n;
        return n;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) return 0;
        int n = Math.min(length, filled - at);
        if (n > 0) {
            System.arraycopy(buffer, at, to, offset, n);
            at += n;
            return n;
        }
        n = copy(to, offset, length);
        return n > 0 ? n : -1;
    }

    @Override
    public int available() { return (int) Math.min(Integer.MAX_VALUE, bytes.byteSize() - position()); }
}
