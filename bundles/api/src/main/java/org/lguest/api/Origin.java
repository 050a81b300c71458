package org.lguest.api;

import java.util.List;
import java.util.Map;

/**
 * Where a guest comes from: who asked for it, and how many lives it had before this one.
 *
 * @param by       {@code command line}, {@code shell}, the name of the file or the PID of a configuration; empty when nobody has told
 * @param restarts how often it was started anew since it was asked for, 0 in its first life
 * @param said     what a configuration says of it, keys and values as they were last understood: by that whoever looks after configurations
 *                 next sees what has changed meanwhile
 */
public record Origin(String by, int restarts, Map<String, List<String>> said) {
    /** Of guests that somebody's code has started. */
    public static final Origin UNKNOWN = new Origin("");

    /** Keeps a copy of what was said. */
    public Origin {
        said = Map.copyOf(said);
    }

    /** In its first life, and of nobody who needs many words. */
    public Origin(String by) { this(by, 0, Map.of()); }

    /** In the next life. */
    public Origin again() { return new Origin(by, restarts + 1, said); }

    /** When something else is said. */
    public Origin saying(Map<String, List<String>> other) { return new Origin(by, restarts, other); }
}
