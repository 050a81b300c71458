package org.lguest.backends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first page of an overlay's file.
 *
 * <pre>
 *  0 "jlguest overlay\n"     16 u32 version: 1    20 u32 bytes of a block: 4096
 * 24 u64 bytes of the disk   32 i64 when the base was changed last, nanoseconds since 1970
 * 40 the id of the host's boot, 16 bytes          56 u32 CRC-32C of the 56 bytes before
 * </pre>
 *
 * <p>All little endian. On the second page begin the blocks' {@link BlockStates}; behind them, on a page of its own, each block has its place.
 *
 * @param size        bytes of the disk, which are those of its base
 * @param baseChanged when the base was changed last
 * @param boot        the boot of the host under which the overlay was opened last
 */
record OverlayHeader(long size, long baseChanged, UUID boot) {
    /** Bytes of this page. */
    static final int BYTES = 4096;
    /** Bytes of a block: what a guest's file system and its host's memory manage. */
    static final int BLOCK = 4096;

    private static final byte[] MAGIC = "jlguest overlay\n".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1, VERSION_AT = 16, BLOCK_AT = 20, SIZE_AT = 24, CHANGED_AT = 32, BOOT_AT = 40, SUM_AT = 56;

    /** Number of blocks of a disk. */
    static long blocks(long size) { return (size + BLOCK - 1) / BLOCK; }

    /** Where the first block of a disk has its place. */
    static long data(long size) { return BYTES + (blocks(size) + BLOCK - 1) / BLOCK * BLOCK; }

    /** The page. */
    byte[] bytes() {
        ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.put(MAGIC).putInt(VERSION).putInt(BLOCK).putLong(size).putLong(baseChanged);
        b.putLong(boot.getMostSignificantBits()).putLong(boot.getLeastSignificantBits());
        return b.putInt(sum(b.array())).array();
    }

    private static int sum(byte[] page) {
        CRC32C sum = new CRC32C();
        sum.update(page, 0, SUM_AT);
        return (int) sum.getValue();
    }

    /** Understands a page of the file. */
    static OverlayHeader of(byte[] page, Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < MAGIC.length; i++) if (page[i] != MAGIC[i]) throw new IOException(file + " is no overlay");
        if (b.getInt(VERSION_AT) != VERSION || b.getInt(BLOCK_AT) != BLOCK)
            throw new IOException("the overlay " + file + " is of version " + b.getInt(VERSION_AT) + ", which this program does not know");
        if (b.getInt(SUM_AT) != sum(page)) throw new IOException("the overlay " + file + " is damaged: its header's checksum is wrong");
        return new OverlayHeader(b.getLong(SIZE_AT), b.getLong(CHANGED_AT), new UUID(b.getLong(BOOT_AT), b.getLong(BOOT_AT + 8)));
    }
}
