package org.lguest.api.part;

/** A terminal, a pipe, a screen in the shell. Output and input may come from different threads. */
public interface ConsoleBackend extends Backend {
    /** Takes guest output; returns when it has been handed on. Output that nobody can take is dropped, not an error. */
    void write(byte[] bytes, int offset, int length);

    /**
     * Takes input without waiting.
     *
     * @return number of bytes put at {@code offset}, 0 when there is none now; then {@link #onReady}'s action runs
     *         when there is
     */
    int read(byte[] to, int offset, int length);
}
