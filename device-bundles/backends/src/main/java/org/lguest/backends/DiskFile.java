package org.lguest.backends;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that disks are made of. One may write to it, or several may read: locks see to that among programs, and a table among the
 * guests of this one.
 *
 * <p>The table is not only for speed. Locks belong to a process, and it loses all that it has on a file as soon as it closes the
 * file once; so a file that is open must not even be opened to find that out, and readers share one channel.
 */
final class DiskFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskFile.class);
    private static final Map<Object, DiskFile> OPEN = new HashMap<>(); // guarded by itself, and so is "users"

    private static final Path NAMELESS = Path.of("a file without a name");

    private final Path path;
    private final boolean writable;
    private final Object key;
    private final FileChannel channel;
    private int users = 1;
    private boolean given;
    private volatile boolean dirty;
    private volatile IOException uncertain;

    private DiskFile(Path path, boolean writable, Object key, FileChannel channel) {
        this.path = path;
        this.writable = writable;
        this.key = key;
        this.channel = channel;
    }

    /**
     * Opens a file.
     *
     * @throws IOException with a sentence for the user, when it is not there, is no file, may not be opened so or is in use
     */
    static DiskFile open(Path path, boolean writable) throws IOException {
        if (!Files.exists(path)) throw new IOException("the disk image " + path + " does not exist");
        if (Files.isDirectory(path)) throw new IOException("the disk image " + path + " is a directory");
        if (Pipes.is(path)) throw new IOException("the disk image " + path + " is a pipe");
        synchronized (OPEN) {
            Object key = key(path);
            DiskFile there = OPEN.get(key);
            if (there == null) {
                there = new DiskFile(path, writable, key, locked(path, writable));
                OPEN.put(key, there);
            } else if (writable || there.writable) {
                throw new IOException("the disk image " + path + " is in use by another guest");
            } else {
                there.users++;
            }
            return there;
        }
    }

    /** A file without a name, for what need not outlive the guest; only what is written takes room. */
    static DiskFile temporary() throws IOException {
        Path path = Files.createTempFile("lguest-", ".disk");
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.deleteIfExists(path); // where that is possible it is gone even if nobody is left to close it
        } catch (IOException e) {
            LOG.debug("{} is deleted later", path, e);
        }
        return new DiskFile(path, true, null, channel);
    }

    /** One that {@link #handOver} has given away. */
    static DiskFile taken(FileChannel channel) { return new DiskFile(NAMELESS, true, null, channel); }

    /** Gives the file without a name away; to close this one means nothing any more. */
    FileChannel handOver() {
        given = true;
        return channel;
    }

    private static Object key(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return key != null ? key : path.toRealPath();
    }

    private static FileChannel locked(Path path, boolean writable) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, writable ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE) : Set.of(StandardOpenOption.READ));
        } catch (AccessDeniedException e) {
            throw new IOException("the disk image " + path + " may not be " + (writable ? "written to; add ,ro for a read-only disk" : "read"), e);
        }
        try {
            if (channel.tryLock(0, Long.MAX_VALUE, !writable) != null) return channel;
            throw new IOException("the disk image " + path + " is in use by another program");
        } catch (OverlappingFileLockException e) { // opened by another bundle, of which our table knows nothing
            channel.close();
            throw new IOException("the disk image " + path + " is in use by another guest", e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Path path() { return path; }

    long size() throws IOException { return channel.size(); }

    /** Fills {@code to}; what is not there is an error. */
    void read(long offset, MemorySegment to) throws IOException {
        ByteBuffer b = to.asByteBuffer();
        for (long at = offset; b.hasRemaining();) {
            int n = channel.read(b, at);
            if (n < 0) throw new EOFException(path + " has become shorter");
            at += n;
        }
    }

    /** Writes all of {@code from}; it survives the end of this process from then on. */
    void write(long offset, MemorySegment from) throws IOException {
        ByteBuffer b = from.asByteBuffer();
        dirty = true;
        for (long at = offset; b.hasRemaining();) at += channel.write(b, at);
    }

    /** Cuts off what is behind {@code size}. */
    void truncate(long size) throws IOException { channel.truncate(size); }

    /** Fills {@code to}; behind the file's end there are zeros. */
    void readOrZeros(long offset, MemorySegment to) throws IOException {
        long there = Math.clamp(channel.size() - offset, 0, to.byteSize());
        read(offset, to.asSlice(0, there));
        to.asSlice(there).fill((byte) 0);
    }

    /**
     * Returns when all that was written is on stable storage. A system that has failed to do this once may say yes the next time,
     * having forgotten the bytes that it could not write; so this remembers for it, and never says yes again.
     */
    void force() throws IOException {
        if (uncertain != null) throw new IOException("an earlier flush of " + path + " has failed; what is on it is uncertain", uncertain);
        dirty = false;
        try {
            channel.force(false);
        } catch (IOException e) {
            uncertain = e;
            throw e;
        }
    }

    /** Lets go of it; the last user closes it, and makes safe what was written. */
    @Override
    public void close() {
        synchronized (OPEN) {
            if (given || --users > 0) return;
            try (channel) {
                if (dirty && key != null && channel.isOpen()) force();
            } catch (IOException e) {
                LOG.error("closing {}", path, e);
            } finally {
                if (key != null) OPEN.remove(key, this);
            }
        }
    }
}
