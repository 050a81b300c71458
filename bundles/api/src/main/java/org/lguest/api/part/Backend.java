package org.lguest.api.part;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.lguest.api.state.DeviceState;

/**
 * The Host's end of a device: opened for one device of one guest by a {@link BackendProvider}, closed when the guest ends
 * or the provider leaves.
 */
public interface Backend extends AutoCloseable {
    /** What is behind a device that has nothing behind it. */
    Backend NONE = new Backend() {
        @Override
        public String describe() { return "no backend"; }

        @Override
        public void close() { }
    };

    /** A sentence for {@code info}: {@code /tmp/disk.img, 64 MiB, read-only}. */
    String describe();

    /**
     * Sets what to run when there may be something to do for queue {@code queue} that waited for the backend
     * (input arrived). May be called from any thread; default: such a backend never makes anybody wait.
     */
    default void onReady(Runnable wake) { }

    /**
     * The device that it serves is on the bus of its guest now; called once, before the guest uses it or after the backend has taken the
     * seat of another. By default of no interest.
     */
    default void attached(DeviceState device) { }

    /**
     * What the backend's successor has to know in order to go on where this one stops, in a form of its own; nothing, by default. The host
     * calls it once, right before {@link #close}, when somebody else takes the seat; from then on nothing more is accepted.
     */
    default byte[] handOver() { return new byte[0]; }

    /**
     * Goes on where a predecessor has stopped. The host calls it once, before anything else, with what {@link #handOver} returned;
     * what has another form, since it is of a backend of another kind, is ignored.
     */
    default void takeOver(byte[] state) { }

    /**
     * A file with what of the guest's data is nowhere else, such as the content of a disk that has no name, for the successor. Called once,
     * right after {@link #handOver}; from then on the file belongs to the host, and {@link #close} leaves it open. Null when there is none.
     */
    default FileChannel handOverFile() { return null; }

    /**
     * Goes on with the file of a predecessor, which is this backend's from now on. Called once, after {@link #takeOver}, before anything else.
     *
     * @throws IOException with a sentence for the user when that is impossible; the file is closed then
     */
    default void takeOverFile(FileChannel file) throws IOException {
        file.close();
        throw new IOException("a backend of another kind has left a file that this one does not understand");
    }

    /** Releases files, sockets and threads. Never throws; idempotent. */
    @Override
    void close();
}
