package org.lguest.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.Checksum;

/**
 * The file format of lzop, which is what kernels call LZO: a header, then blocks of {@code u32 length, u32 packed length,
 * checksums, data}, most significant bytes first, until a length of 0. A block that did not shrink is stored.
 */
final class LzopInputStream extends BlockInputStream {
    private static final int MAGIC_BYTES = 9;
    /** Header flags: which checksums each block has. */
    private static final int ADLER32_OUT = 1, ADLER32_IN = 2, CRC32_OUT = 0x100, CRC32_IN = 0x200;
    private static final int EXTRA_FIELD = 0x40, FILTER = 0x800, MULTIPART = 0x400;
    /** lzop makes blocks of 256 KiB and accepts up to 64 MiB. */
    private static final int LONGEST = 64 << 20;

    private final InputStream in;
    private final int flags;
    private byte[] out = {};

    LzopInputStream(InputStream in) throws IOException {
        this.in = in;
        Numbers.bytes(in, MAGIC_BYTES);
        int version = Numbers.be16(in);
        Numbers.be16(in); // version of the library
        if (version >= 0x940) Numbers.be16(in); // version needed to extract
        int method = Numbers.u8(in);
        if (method < 1 || method > 3) throw new IOException("LZO method " + method);
        if (version >= 0x940) Numbers.u8(in); // level
        flags = (int) Numbers.be32(in);
        if ((flags & (FILTER | MULTIPART)) != 0) throw new IOException("LZO flags 0x" + Integer.toHexString(flags));
        Numbers.be32(in); // mode
        Numbers.be32(in); // time
        if (version >= 0x940) Numbers.be32(in);
        Numbers.bytes(in, Numbers.u8(in)); // name
        Numbers.be32(in); // checksum of the header
        if ((flags & EXTRA_FIELD) != 0) throw new IOException("an LZO extra field");
    }

    @Override
    boolean next() throws IOException {
        long length = Numbers.be32(in);
        if (length == 0) return false;
        long packed = Numbers.be32(in);
        if (length > LONGEST || packed == 0 || packed > length) throw new IOException("an LZO block of " + packed + " bytes for " + length);
        long adlerOut = (flags & ADLER32_OUT) != 0 ? Numbers.be32(in) : -1;
        long crcOut = (flags & CRC32_OUT) != 0 ? Numbers.be32(in) : -1;
        long adlerIn = (flags & ADLER32_IN) != 0 && packed < length ? Numbers.be32(in) : -1;
        long crcIn = (flags & CRC32_IN) != 0 && packed < length ? Numbers.be32(in) : -1;
        byte[] data = Numbers.bytes(in, (int) packed);
        check(adlerIn, new Adler32(), data, data.length);
        check(crcIn, new CRC32(), data, data.length);
        if (out.length < length) out = new byte[(int) length];
        if (packed == length) System.arraycopy(data, 0, out, 0, data.length);
        else Lzo1x.unpack(data, out, (int) length);
        check(adlerOut, new Adler32(), out, (int) length);
        check(crcOut, new CRC32(), out, (int) length);
        supply(out, (int) length);
        return true;
    }

    private static void check(long expected, Checksum sum, byte[] bytes, int length) throws IOException {
        if (expected < 0) return;
        sum.update(bytes, 0, length);
        if (sum.getValue() != expected) throw new IOException("an LZO block has a wrong checksum");
    }
}
