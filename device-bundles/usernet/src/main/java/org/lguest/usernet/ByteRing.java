package org.lguest.usernet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Bytes between a connection's two sides, first in, first out. Memory is taken when it is needed, from {@link #START} bytes
 * on, never more than the limit; so idle connections are cheap and busy ones cannot grow.
 */
final class ByteRing {
    private static final int START = 16 << 10;

    private final int limit;
    private byte[] bytes = {};
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private int first, size;

    /** @param limit how many bytes it may hold */
    ByteRing(int limit) { this.limit = limit; }

    int limit() { return limit; }

    int size() { return size; }

    int free() { return limit - size; }

    /** Appends; there must be room. */
    void put(byte[] from, int at, int n) {
        reserve(n);
        int end = wrap(first + size), run = Math.min(n, bytes.length - end);
        System.arraycopy(from, at, bytes, end, run);
        System.arraycopy(from, at + run, bytes, 0, n - run);
        size += n;
    }

    /** Copies {@code n} bytes that begin {@code offset} behind the first; they stay. */
    void peek(int offset, byte[] to, int at, int n) {
        int start = wrap(first + offset), run = Math.min(n, bytes.length - start);
        System.arraycopy(bytes, start, to, at, run);
        System.arraycopy(bytes, 0, to, at + run, n - run);
    }

    void drop(int n) {
        size -= n;
        first = size == 0 ? 0 : wrap(first + n);
    }

    /** Reads once, as much as fits in one piece. @return as the channel says: 0 nothing there, -1 the end */
    int read(SocketChannel from) throws IOException {
        if (size == bytes.length) reserve(1);
        int end = wrap(first + size);
        int run = end < first ? first - end : bytes.length - end;
        int n = from.read(view.limit(end + Math.min(run, free())).position(end));
        if (n > 0) size += n;
        return n;
    }

    /** Whether a read that gave {@code n} bytes was as long as it could be. */
    boolean full() { return free() == 0; }

    /** Writes once, as much as lies in one piece. */
    int write(SocketChannel to) throws IOException {
        int n = to.write(view.limit(Math.min(bytes.length, first + size)).position(first));
        drop(n);
        return n;
    }

    /** Lets go of the memory. */
    void clear() {
        bytes = new byte[0];
        view = ByteBuffer.wrap(bytes);
        first = size = 0;
    }

    private int wrap(int at) { return at >= bytes.length ? at - bytes.length : at; }

    private void reserve(int n) {
        if (size + n <= bytes.length) return;
        int length = Math.max(START, bytes.length);
        while (length < size + n) length <<= 2;
        byte[] more = new byte[Math.min(limit, length)];
        peek(0, more, 0, size);
        bytes = more;
        view = ByteBuffer.wrap(more);
        first = 0;
    }
}
