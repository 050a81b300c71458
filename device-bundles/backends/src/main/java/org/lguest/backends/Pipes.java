package org.lguest.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Named pipes: whoever opens or uses one may wait for ever for somebody else, and with him all who want to change seats. */
final class Pipes {
    private static final int TYPE = 0xF000, FIFO = 0x1000; // S_IFMT and S_IFIFO of POSIX

    private Pipes() { }

    /** Whether there is one of this name; false where the system does not tell. */
    static boolean is(Path path) throws IOException {
        try {
            return Files.exists(path) && ((int) Files.getAttribute(path, "unix:mode") & TYPE) == FIFO;
        } catch (UnsupportedOperationException | IllegalArgumentException e) { // no such view, or no such attribute in it
            return false;
        }
    }
}
