package org.lguest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/** The compressions that Linux uses for kernels and for initial ramdisks, told apart by their first bytes. */
enum Compression {
    /** RFC 1952. */
    GZIP("gzip", 0x1F, 0x8B) {
        @Override
        InputStream open(InputStream in) throws IOException { return new GZIPInputStream(in, BUFFER); }
    },
    /** By its usual file format. */
    BZIP2("bzip2", 'B', 'Z', 'h') {
        @Override
        InputStream open(InputStream in) throws IOException { return new BZip2CompressorInputStream(in); }
    },
    /** The bare format of LZMA Utils: properties, dictionary size, length. */
    LZMA("lzma", 0x5D, 0, 0) {
        @Override
        InputStream open(InputStream in) throws IOException { return new LZMAInputStream(in, DECODER_KIB); }
    },
    /** One stream; kernels have the x86 branch filter in it. */
    XZ("xz", 0xFD, '7', 'z', 'X', 'Z', 0) {
        @Override
        InputStream open(InputStream in) throws IOException { return new SingleXZInputStream(in, DECODER_KIB); }
    },
    /** As written by lzop. */
    LZO("LZO", 0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A, 0x1A, 0x0A) {
        @Override
        InputStream open(InputStream in) throws IOException { return new LzopInputStream(in); }
    },
    /** The legacy frame, {@code lz4 -l}. */
    LZ4("LZ4", 0x02, 0x21, 0x4C, 0x18) {
        @Override
        InputStream open(InputStream in) throws IOException { return new Lz4LegacyInputStream(in); }
    };

    private static final int BUFFER = 1 << 16;
    /** Most that a decoder's dictionary may take, in KiB: kernels use up to 32 MiB, xz -9 64 MiB. */
    private static final int DECODER_KIB = 160 << 10;

    private final String label;
    private final int[] magic;

    Compression(String label, int... magic) {
        this.label = label;
        this.magic = magic;
    }

    /** Its name in messages. */
    String label() { return label; }

    /** Opens a decoder, which leaves {@code in} at the first byte behind its stream (gzip apart, which reads all there is). */
    abstract InputStream open(InputStream in) throws IOException;

    /** The compression whose magic number is at {@code offset}, or null. */
    static Compression at(MemorySegment bytes, long offset) {
        for (Compression c : values()) if (c.matches(bytes, offset)) return c;
        return null;
    }

    private boolean matches(MemorySegment bytes, long offset) {
        if (bytes.byteSize() - offset < magic.length) return false;
        for (int i = 0; i < magic.length; i++)
            if ((bytes.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFF) != magic[i]) return false;
        return true;
    }
}
