package org.lguest.api.part;

/** Random bytes fit for keys. */
public interface EntropySource extends Backend {
    /** Fills the range. */
    void next(byte[] to, int offset, int length);
}
