package org.lguest.device.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.BlockBackend;
import org.lguest.virtio.Chain;

/**
 * One request: {u32 type, u32 ioprio, u64 sector} to read, for Linux 2.6.24 {u64 id} behind it, then data, and a status byte
 * as the last byte to write (ABI section 11.8). How it is cut into descriptors means nothing.
 */
final class BlockRequest {
    static final int SECTOR = 512;
    private static final int HEADER = 16; // what is looked at
    private static final int ID_BYTES = 20;

    private final Chain chain;
    private final int headerBytes;
    private final BlockBackend disk;
    private final byte[] header = new byte[HEADER];
    private int written = 1;
    private boolean unsettled;

    BlockRequest(Chain chain, int headerBytes, BlockBackend disk) {
        this.chain = chain;
        this.headerBytes = headerBytes;
        this.disk = disk;
    }

    /** Whether there is a header and a status byte at all. */
    boolean wellFormed() { return chain.readable() >= headerBytes && chain.writable() >= 1; }

    /** Does it, writes the status, and answers how many bytes of the chain were written. Errors of the disk go to {@code errors}. */
    int perform(String id, java.util.function.Consumer<IOException> errors) {
        chain.read(0, header, 0, HEADER);
        ByteBuffer h = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int type = h.getInt(0);
        long sector = h.getLong(8);
        int status;
        try {
            status = carryOut(type, sector, id);
        } catch (IOException e) {
            errors.accept(e);
            status = Virtio.BLK_S_IOERR;
            unsettled = false;
        }
        chain.write(chain.writable() - 1, new byte[] {(byte) status}, 0, 1);
        return written;
    }

    /** Whether it has changed the disk, and no flush has followed. */
    boolean unsettled() { return unsettled; }

    /** The status byte, for who has to take back what {@link #perform} wrote there. */
    MemorySegment status() {
        MemorySegment[] status = {null};
        chain.eachWritable(chain.writable() - 1, 1, (s, at) -> status[0] = s);
        return status[0];
    }

    private int carryOut(int type, long sector, String id) throws IOException {
        boolean barrier = (type & Virtio.BLK_T_BARRIER) != 0;
        int kind = type & ~Virtio.BLK_T_BARRIER;
        if (barrier && !disk.readOnly()) disk.flush();
        int status = switch (kind) {
            case Virtio.BLK_T_IN -> read(sector);
            case Virtio.BLK_T_OUT -> write(sector);
            case Virtio.BLK_T_FLUSH, Virtio.BLK_T_FLUSH | 1 -> flush();
            case Virtio.BLK_T_GET_ID -> identify(id);
            default -> Virtio.BLK_S_UNSUPP;
        };
        if (barrier && unsettled) {
            disk.flush();
            unsettled = false;
        }
        return status;
    }

    /** Whole sectors, all of them inside the disk; unsigned, since the guest may say anything. */
    private boolean inside(long sector, long bytes) {
        long sectors = disk.size() / SECTOR;
        return bytes % SECTOR == 0 && sector >= 0 && sector <= sectors && bytes / SECTOR <= sectors - sector;
    }

    private int read(long sector) throws IOException {
        long bytes = chain.writable() - 1;
        if (!inside(sector, bytes)) return Virtio.BLK_S_IOERR;
        chain.eachWritable(0, bytes, (to, at) -> disk.read(sector * SECTOR + at, to));
        written += (int) bytes;
        return Virtio.BLK_S_OK;
    }

    private int write(long sector) throws IOException {
        long bytes = chain.readable() - headerBytes;
        if (disk.readOnly() || !inside(sector, bytes)) return Virtio.BLK_S_IOERR;
        chain.eachReadable(headerBytes, bytes, (from, at) -> disk.write(sector * SECTOR + at, from));
        unsettled = bytes > 0;
        return Virtio.BLK_S_OK;
    }

    private int flush() throws IOException {
        if (!disk.readOnly()) disk.flush();
        return Virtio.BLK_S_OK;
    }

    private int identify(String id) {
        if (chain.writable() - 1 < ID_BYTES) return Virtio.BLK_S_IOERR;
        byte[] text = java.util.Arrays.copyOf(id.getBytes(StandardCharsets.US_ASCII), ID_BYTES);
        chain.write(0, text, 0, ID_BYTES);
        written += ID_BYTES;
        return Virtio.BLK_S_OK;
    }
}
