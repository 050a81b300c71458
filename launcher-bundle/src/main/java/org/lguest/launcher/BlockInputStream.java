package org.lguest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream of blocks that are unpacked whole, one after another. */
abstract class BlockInputStream extends InputStream {
    private byte[] block = {};
    private int length;
    private int at;
    private boolean ended;

    /**
     * Unpacks the next block into a buffer of the subclass and reports it by {@link #supply}.
     *
     * @return false when there is none
     */
    abstract boolean next() throws IOException;

    /** The block just unpacked. */
    final void supply(byte[] bytes, int count) {
        block = bytes;
        length = count;
        at = 0;
    }

    private boolean filled() throws IOException {
        while (at == length && !ended) ended = !next();
        return !ended;
    }

    @Override
    public final int read() throws IOException { return filled() ? block[at++] & 0xFF : -1; }

    @Override
    public final int read(byte[] to, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, to.length);
        if (count == 0) return 0;
        if (!filled()) return -1;
        int n = Math.min(count, length - at);
        System.arraycopy(block, at, to, offset, n);
        at += n;
        return n;
    }
}
