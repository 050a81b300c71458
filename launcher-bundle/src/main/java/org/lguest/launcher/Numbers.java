package org.lguest.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Numbers from streams. */
final class Numbers {
    private Numbers() { }

    /** A byte. */
    static int u8(InputStream in) throws IOException {
        int b = in.read();
        if (b < 0) throw new EOFException("the data ends too early");
        return b;
    }

    /** A 16-bit number, most significant byte first. */
    static int be16(InputStream in) throws IOException { return u8(in) << 8 | u8(in); }

    /** A 32-bit number, most significant byte first, unsigned. */
    static long be32(InputStream in) throws IOException { return (long) be16(in) << 16 | be16(in); }

    /** A 32-bit number, least significant byte first. */
    static int le32(InputStream in) throws IOException { return Integer.reverseBytes((int) be32(in)); }

    /** Exactly {@code length} bytes. */
    static byte[] bytes(InputStream in, int length) throws IOException {
        byte[] b = in.readNBytes(length);
        if (b.length != length) throw new EOFException("the data ends too early");
        return b;
    }
}
