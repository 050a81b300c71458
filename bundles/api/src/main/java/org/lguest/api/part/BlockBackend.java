package org.lguest.api.part;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Bytes of a disk. One queue thread at a time.
 *
 * <p>A write that has returned is read back by every later read, also when the host's process has been killed in between and the
 * disk is opened again. What is to survive the death of the host's kernel, or of its power, takes a {@link #flush}.
 */
public interface BlockBackend extends Backend {
    /** Size in bytes; the device offers it in whole sectors of 512. */
    long size();

    /** Whether writes are refused. */
    boolean readOnly();

    /** Bytes that are best written together, a power of two from 512 to 4096: the guest sees it as its disk's block size. */
    default int blockSize() { return 512; }

    /** Fills {@code to} from {@code offset} on. The range is inside {@link #size()}. */
    void read(long offset, MemorySegment to) throws IOException;

    /** Writes {@code from} at {@code offset}. The range is inside {@link #size()}. */
    void write(long offset, MemorySegment from) throws IOException;

    /**
     * Returns when everything written is on stable storage. When that once fails, nobody can tell what of it is: from then on this
     * fails until the disk is opened anew.
     */
    void flush() throws IOException;
}
