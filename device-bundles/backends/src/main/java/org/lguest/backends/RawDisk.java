package org.lguest.backends;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.lguest.api.part.BlockBackend;

/** A disk in a file. Its size is the file's when it was opened, and stays. */
final class RawDisk implements BlockBackend {
    private final DiskFile file;
    private final boolean readOnly;
    private final int blockSize;
    private final long size;
    private boolean closed;

    RawDisk(DiskFile file, boolean readOnly, int blockSize) throws IOException {
        this.file = file;
        this.readOnly = readOnly;
        this.blockSize = blockSize;
        size = file.size();
    }

    @Override
    public long size() { return size; }

    @Override
    public boolean readOnly() { return readOnly; }

    @Override
    public int blockSize() { return blockSize; }

    @Override
    public void read(long offset, MemorySegment to) throws IOException { file.read(offset, to); }

    /** A file that somebody has cut off is not made longer again: between its end and what is written there would be a hole. */
    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        if (file.size() < size) throw new EOFException(file.path() + " has become shorter");
        file.write(offset, from);
    }

    @Override
    public void flush() throws IOException { file.force(); }

    @Override
    public String describe() { return file.path() + ", " + size / 1024 + " KiB" + (readOnly ? ", read-only" : ""); }

    @Override
    public void close() {
        if (!closed) file.close();
        closed = true;
    }
}
