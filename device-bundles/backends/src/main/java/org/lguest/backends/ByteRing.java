package org.lguest.backends;

/** A ring of bytes that forgets the oldest when more is pushed than fits. Not for several threads. */
final class ByteRing {
    private final byte[] bytes;
    private int start, count;

    ByteRing(int size) { bytes = new byte[size]; }

    int free() { return bytes.length - count; }

    void push(byte[] from, int offset, int length) {
        for (int i = Math.max(0, length - bytes.length); i < length; i++) {
            if (count == bytes.length) {
                start = (start + 1) % bytes.length;
                count--;
            }
            bytes[(start + count++) % bytes.length] = from[offset + i];
        }
    }

    int pop(byte[] to, int offset, int length) {
        int n = Math.min(length, count);
        for (int i = 0; i < n; i++) to[offset + i] = bytes[(start + i) % bytes.length];
        start = (start + n) % bytes.length;
        count -= n;
        return n;
    }

    /** The last {@code length} bytes, or as many as there are, oldest first. */
    byte[] last(long length) {
        int n = Math.clamp(length, 0, count);
        byte[] some = new byte[n];
        for (int i = 0; i < n; i++) some[i] = bytes[(start + count - n + i) % bytes.length];
        return some;
    }

    /** All bytes, oldest first. */
    byte[] content() { return last(count); }
}
