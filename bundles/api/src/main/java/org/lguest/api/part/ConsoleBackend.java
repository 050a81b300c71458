package org.lguest.api.part;

/** A terminal, a pipe, a screen in the shell. Output and input may come from different threads. */
public interface ConsoleBackend extends Backend {
    /**
     * How much text fits on a screen.
     *
     * @param columns characters in a line, 0 to 65535; 0 when nobody knows
     * @param rows    lines, 0 to 65535; 0 when nobody knows
     */
    record Size(int columns, int rows) {
        /** Nobody looks, or who looks does not tell. */
        public static final Size UNKNOWN = new Size(0, 0);

        /** Checks the ranges. */
        public Size {
            if ((columns | rows) >>> 16 != 0) throw new IllegalArgumentException("a screen of " + columns + " times " + rows);
        }
    }

    /** Takes guest output; returns when it has been handed on. Output that nobody can take is dropped, not an error. */
    void write(byte[] bytes, int offset, int length);

    /**
     * Takes input without waiting.
     *
     * @return number of bytes put at {@code offset}, 0 when there is none now; then {@link #onReady}'s action runs
     *         when there is
     */
    int read(byte[] to, int offset, int length);

    /** The size of the screen now; when it changes, {@link #onReady}'s action runs. */
    default Size size() { return Size.UNKNOWN; }
}
