package org.lguest.api.part;

/**
 * A console that several can look at and type into: the terminal of the command line, a session of the shell, a log file.
 * Output is kept for those who come later; input that the guest has not taken yet waits, and so does who types it.
 * Any thread.
 */
public interface ConsoleHub extends ConsoleBackend {
    /** Takes output. Called in order, one call at a time; it must not wait for long, and what it throws detaches it. */
    interface Reader {
        /** Bytes {@code [offset, offset + length)}; the array belongs to the caller afterwards. */
        void output(byte[] bytes, int offset, int length);
    }

    /** Ends an attachment; idempotent. */
    interface Attachment extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Attaches a reader.
     *
     * @param replay first the output kept so far, the last 64 KiB of it
     */
    Attachment attach(Reader reader, boolean replay);

    /**
     * Types. Returns when all bytes are in the input buffer: when that is full, it waits until the guest has taken some.
     * Bytes typed at a closed console are dropped.
     *
     * @throws InterruptedException while waiting; the bytes that were taken are then in the buffer
     */
    void feed(byte[] bytes, int offset, int length) throws InterruptedException;
}
