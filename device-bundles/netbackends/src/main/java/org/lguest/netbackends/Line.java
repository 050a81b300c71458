package org.lguest.netbackends;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** How one gets a peer. One thread at a time asks; {@link #close} may come from another. */
interface Line extends Closeable {
    /**
     * Does now what can fail for a reason that the user has to know: binds a port, or looks whether there is somebody.
     *
     * @param again the line was in use before: who is not there now may come later
     */
    void prepare(boolean again) throws IOException;

    /** Waits for a peer and answers with the connection to it, blocking. */
    SocketChannel open() throws IOException;

    /**
     * How long to wait before the next {@link #open}.
     *
     * @param failures how often it has failed since there was a peer
     */
    Duration delay(int failures);

    /** {@code to 127.0.0.1:4000}, {@code at} where one listens. */
    String describe();
}
