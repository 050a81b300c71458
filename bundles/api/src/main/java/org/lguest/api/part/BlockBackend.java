package org.lguest.api.part;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Bytes of a disk. One queue thread at a time. */
public interface BlockBackend extends Backend {
    /** Size in bytes; the device offers it in whole sectors of 512. */
    long size();

    /** Whether writes are refused. */
    boolean readOnly();

    /** Fills {@code to} from {@code offset} on. The range is inside {@link #size()}. */
    void read(long offset, MemorySegment to) throws IOException;

    /** Writes {@code from} at {@code offset}. The range is inside {@link #size()}. */
    void write(long offset, MemorySegment from) throws IOException;

    /** Returns when everything written is on stable storage. */
    void flush() throws IOException;
}
