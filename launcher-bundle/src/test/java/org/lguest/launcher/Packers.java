package org.lguest.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.Adler32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/** Packs as the build of Linux does. LZO and LZ4 come out in literals only: what the decoders make of matches has fixtures of its own. */
final class Packers {
    private interface Wrapper {
        OutputStream wrap(OutputStream out) throws IOException;
    }

    private Packers() { }

    /** As a file. */
    static byte[] pack(Compression c, byte[] data) throws IOException {
        return switch (c) {
            case GZIP -> through(data, GZIPOutputStream::new);
            case BZIP2 -> through(data, BZip2CompressorOutputStream::new);
            case LZMA -> through(data, out -> new LZMAOutputStream(out, new LZMA2Options(1), -1));
            case XZ -> through(data, out -> new XZOutputStream(out, new FilterOptions[] {new X86Options(), new LZMA2Options(1)}, XZ.CHECK_CRC32));
            case LZO -> lzo(data);
            case LZ4 -> lz4(data);
        };
    }

    /** As the payload of a bzImage: with the unpacked length behind it, where gzip has it anyway. */
    static byte[] payload(Compression c, byte[] data) throws IOException {
        byte[] packed = pack(c, data);
        if (c == Compression.GZIP) return packed;
        return ByteBuffer.allocate(packed.length + 4).order(ByteOrder.LITTLE_ENDIAN).put(packed).putInt(data.length).array();
    }

    private static byte[] through(byte[] data, Wrapper wrapper) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = wrapper.wrap(bytes)) {
            out.write(data);
        }
        return bytes.toByteArray();
    }

    private static byte[] lzo(byte[] data) {
        byte[] packed = lzoLiterals(data);
        boolean stored = packed.length >= data.length;
        var b = ByteBuffer.allocate(100 + packed.length).put(new byte[] {(byte) 0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A, 0x1A, 0x0A});
        b.putShort((short) 0x1040).putShort((short) 0x20A0).putShort((short) 0x940).put((byte) 3).put((byte) 9);
        b.putInt(1).putInt(0).putInt(0).putInt(0).put((byte) 0).putInt(0); // flags: Adler-32 of the unpacked block; no name; checksum of the header
        var sum = new Adler32();
        sum.update(data);
        b.putInt(data.length).putInt(stored ? data.length : packed.length).putInt((int) sum.getValue()).put(stored ? data : packed).putInt(0);
        return java.util.Arrays.copyOf(b.array(), b.position());
    }

    /** One long run of literals, then the end. */
    private static byte[] lzoLiterals(byte[] data) {
        var out = new ByteArrayOutputStream();
        out.write(0);
        int rest = data.length - 18;
        for (; rest > 255; rest -= 255) out.write(0);
        out.write(rest);
        out.writeBytes(data);
        out.writeBytes(new byte[] {0x11, 0, 0});
        return out.toByteArray();
    }

    private static byte[] lz4(byte[] data) {
        var block = new ByteArrayOutputStream();
        block.write(0xF0);
        int rest = data.length - 15;
        for (; rest >= 255; rest -= 255) block.write(255);
        block.write(rest);
        block.writeBytes(data);
        return ByteBuffer.allocate(8 + block.size()).order(ByteOrder.LITTLE_ENDIAN).putInt(0x184C2102).putInt(block.size())
            .put(block.toByteArray()).array();
    }
}
