package org.lguest.api.part;

/**
 * A console that several can look at and type into: the terminal of the command line, a session of the shell, a log file.
 * Output is kept for those who come later; input that the guest has not taken yet waits, and so does who types it. When a hub is
 * replaced, its successor has what it kept, and who was attached goes on there from the {@linkplain Attachment#position position} on.
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
        /** Bytes of the guest's output, since the guest began to write, up to the last that was delivered here. */
        long position();

        @Override
        void close();
    }

    /**
     * Attaches a reader.
     *
     * @param position where in the guest's output it begins: 0 for all that is kept, the last 64 KiB, {@link Long#MAX_VALUE} for
     *                 what will come
     */
    Attachment attach(Reader reader, long position);

    /** Attaches a reader, with all that is kept or without. */
    default Attachment attach(Reader reader, boolean replay) { return attach(reader, replay ? 0 : Long.MAX_VALUE); }

    /**
     * Types. Returns when all bytes are in the input buffer: when that is full, it waits until the guest has taken some.
     *
     * @return how many were taken: fewer than {@code length} when the console is, or was meanwhile, closed or handed over
     * @throws InterruptedException while waiting; the bytes that were taken are then in the buffer
     */
    int feed(byte[] bytes, int offset, int length) throws InterruptedException;

    /** Tells the size of the screen that somebody looks at now. */
    void resize(Size size);
}
