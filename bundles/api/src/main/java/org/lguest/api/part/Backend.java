package org.lguest.api.part;

/**
 * The Host's end of a device: opened for one device of one guest by a {@link BackendProvider}, closed when the guest ends
 * or the provider leaves.
 */
public interface Backend extends AutoCloseable {
    /** A sentence for {@code info}: {@code /tmp/disk.img, 64 MiB, read-only}. */
    String describe();

    /**
     * Sets what to run when there may be something to do for queue {@code queue} that waited for the backend
     * (input arrived). May be called from any thread; default: such a backend never makes anybody wait.
     */
    default void onReady(Runnable wake) { }

    /** Releases files, sockets and threads. Never throws; idempotent. */
    @Override
    void close();
}
