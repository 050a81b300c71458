package org.lguest.api;

/**
 * Where a guest comes from: who asked for it, and how many lives it had before this one.
 *
 * @param by       {@code command line}, {@code shell}, the name of the file or the PID of a configuration; empty when nobody has told
 * @param restarts how often it was started anew since it was asked for, 0 in its first life
 */
public record Origin(String by, int restarts) {
    /** Of guests that somebody's code has started. */
    public static final Origin UNKNOWN = new Origin("", 0);

    /** In its first life. */
    public Origin(String by) { this(by, 0); }

    /** In the next life. */
    public Origin again() { return new Origin(by, restarts + 1); }
}
