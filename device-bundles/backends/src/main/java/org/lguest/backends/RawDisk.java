package org.lguest.backends;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.lguest.api.part.BlockBackend;

/** A disk in a file. Its size is the file's when it was opened, and stays. */
final class RawDisk implements BlockBackend {
    private final Path path;
    private final boolean readOnly;
    private final FileChannel file;
    private final long size;

    RawDisk(Path path, boolean readOnly) throws IOException {
        this.path = path;
        this.readOnly = readOnly;
        file = FileChannel.open(path, readOnly ? Set.of(StandardOpenOption.READ) : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        try {
            lock();
            size = file.size();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Two writers on one image would ruin it. */
    private void lock() throws IOException {
        try {
            if (file.tryLock(0, Long.MAX_VALUE, readOnly) == null) throw new IOException("the disk image " + path + " is in use by another program");
        } catch (OverlappingFileLockException e) {
            throw new IOException("the disk image " + path + " is in use by another guest", e);
        }
    }

    @Override
    public long size() { return size; }

    @Override
    public boolean readOnly() { return readOnly; }

    @Override
    public void read(long offset, MemorySegment to) throws IOException {
        ByteBuffer b = to.asByteBuffer();
        for (long at = offset; b.hasRemaining();) {
            int n = file.read(b, at);
            if (n < 0) throw new EOFException(path + " has become shorter");
            at += n;
        }
    }

    @Override
    public void write(long offset, MemorySegment from) throws IOException {
        ByteBuffer b = from.asByteBuffer();
        for (long at = offset; b.hasRemaining();) at += file.write(b, at);
    }

    @Override
    public void flush() throws IOException { file.force(false); }

    @Override
    public String describe() { return path + ", " + size / 1024 + " KiB" + (readOnly ? ", read-only" : ""); }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing " + path, e);
        }
    }
}
