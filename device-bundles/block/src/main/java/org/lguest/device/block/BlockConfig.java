package org.lguest.device.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.BlockBackend;

/**
 * What the device says of itself (ABI section 11.8; virtio 0.9.5, appendix D): the features it offers, and its configuration.
 *
 * <pre>
 *  0 u64 capacity in sectors   8 u32 size_max, not offered   12 u32 seg_max
 * 16 u16 cylinders  18 u8 heads  19 u8 sectors               20 u32 blk_size
 * </pre>
 */
final class BlockConfig {
    private static final int BYTES = 24, SEG_MAX_AT = 12, CYLINDERS_AT = 16, HEADS_AT = 18, SECTORS_AT = 19, BLOCK_SIZE_AT = 20;
    /** The geometry that disks had when geometry still meant something; partitioning programs ask for it. */
    private static final int HEADS = 16, TRACK_SECTORS = 63, MOST_CYLINDERS = 65_535;

    private BlockConfig() { }

    /**
     * FLUSH for drivers of Linux 2.6.32 and later, BARRIER for those before, who take a disk without FLUSH for one without a
     * volatile cache.
     */
    static long features(BlockBackend disk) {
        long features = 1L << Virtio.BLK_F_BARRIER | 1L << Virtio.BLK_F_SEG_MAX | 1L << Virtio.BLK_F_GEOMETRY
            | 1L << Virtio.BLK_F_BLK_SIZE | 1L << Virtio.BLK_F_FLUSH;
        return disk.readOnly() ? features | 1L << Virtio.BLK_F_RO : features;
    }

    /** For a ring of so many entries: two are the header's and the status's. */
    static byte[] bytes(BlockBackend disk, int entries) {
        long sectors = disk.size() / BlockRequest.SECTOR;
        ByteBuffer config = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        config.putLong(0, sectors);
        config.putInt(SEG_MAX_AT, entries - 2);
        config.putShort(CYLINDERS_AT, (short) Math.min(MOST_CYLINDERS, sectors / (HEADS * TRACK_SECTORS)));
        config.put(HEADS_AT, (byte) HEADS);
        config.put(SECTORS_AT, (byte) TRACK_SECTORS);
        config.putInt(BLOCK_SIZE_AT, disk.blockSize());
        return config.array();
    }
}
