package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import org.lguest.api.part.BlockBackend;

/**
 * D:350 A disk that remembers how it differs from another one.
 *
 * <p>The base is never written. A block, when it is written for the first time, is completed from the base and put at its place in
 * the overlay's file, which is as sparse as the differences are; then it is noted as {@link BlockStates#WRITTEN}. In this order, so that
 * at no moment a killed process leaves a note of a block that is not there. A flush waits for the blocks to be on the disk, notes
 * them as safe, and waits for the notes; so that no power failure does.
 */
final class OverlayDisk implements BlockBackend {
    private static final int BLOCK = OverlayHeader.BLOCK;

    private final DiskFile base;
    private final boolean lasting;
    private DiskFile delta;
    private BlockStates states;
    private final long size, data;
    private final int blockSize;
    private boolean closed;

    /**
     * A disk over a base, whose files it closes.
     *
     * @param data    where the first block has its place in {@code delta}
     * @param lasting whether the overlay outlives the guest
     */
    OverlayDisk(DiskFile base, DiskFile delta, BlockStates states, long data, boolean lasting, int blockSize) throws IOException {
        this.base = base;
        this.delta = delta;
        this.states = states;
        this.data = data;
        this.lasting = lasting;
        this.blockSize = blockSize;
        size = base.size();
    }

    @Override
    public long size() { return size; }

    @Override
    public boolean readOnly() { return false; }

    @Override
    public int blockSize() { return blockSize; }

    @Override
    public void read(long offset, MemorySegment to) throws IOException {
        for (long at = 0, n; at < to.byteSize(); at += n) {
            boolean here = states.present((offset + at) / BLOCK);
            n = run(offset + at, to.byteSize() - at, here);
            if (here) delta.read(data + offset + at, to.asSlice(at, n));
            else base.read(offset + at, to.asSlice(at, n));
        }
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        for (long at = 0, n; at < from.byteSize(); at += n) {
            boolean here = states.present((offset + at) / BLOCK);
            n = run(offset + at, from.byteSize() - at, here);
            if (here) delta.write(data + offset + at, from.asSlice(at, n));
            else first(offset + at, from.asSlice(at, n));
        }
    }

    /** How many bytes from {@code offset} on, {@code most} at most, are in blocks of which all are here, or none. */
    private long run(long offset, long most, boolean here) {
        long end = offset / BLOCK * BLOCK + BLOCK;
        while (end < offset + most && states.present(end / BLOCK) == here) end += BLOCK;
        return Math.min(most, end - offset);
    }

    /** Writes into blocks that are not here yet. */
    private void first(long offset, MemorySegment from) throws IOException {
        long end = offset + from.byteSize();
        long start = offset / BLOCK * BLOCK;
        long stop = Math.min(size, (end + BLOCK - 1) / BLOCK * BLOCK);
        complete(start, offset - start);
        delta.write(data + offset, from);
        complete(end, stop - end);
        states.written(start / BLOCK, (stop - start + BLOCK - 1) / BLOCK);
    }

    /** Brings less than a block over from the base. */
    private void complete(long offset, long bytes) throws IOException {
        MemorySegment part = MemorySegment.ofArray(new byte[(int) bytes]);
        base.read(offset, part);
        delta.write(data + offset, part);
    }

    @Override
    public void flush() throws IOException {
        if (!lasting) return;
        delta.force();
        if (states.unsettled()) states.settle();
    }

    @Override
    public String describe() {
        return "overlay on " + base.path() + (lasting ? ", " + delta.path() : ", forgotten at the end") + ", " + size / 1024 + " KiB, "
            + states.count() * (BLOCK / 1024) + " KiB changed";
    }

    @Override
    public FileChannel handOverFile() { return lasting ? null : delta.handOver(); }

    @Override
    public void takeOverFile(FileChannel file) throws IOException {
        delta.close();
        delta = DiskFile.taken(file);
        states = BlockStates.read(delta, OverlayHeader.BYTES, OverlayHeader.blocks(size));
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            flush();
        } catch (IOException e) {
            org.slf4j.LoggerFactory.getLogger(OverlayDisk.class).error("closing {}", delta.path(), e);
        }
        delta.close();
        base.close();
    }
}
