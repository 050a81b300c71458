package org.lguest.api.state;

/**
 * What a device may do in a second; 0 means as much as it can.
 *
 * @param bytes    bytes of requests and answers, in both directions together
 * @param requests descriptor chains: requests of a disk, frames of a network card, or parts of large ones; before virtio messages and
 *                 buffers filled, of which a disk's request has one each
 */
public record Rate(long bytes, long requests) {
    /** No limit. */
    public static final Rate NONE = new Rate(0, 0);

    /** Checks the numbers. */
    public Rate {
        if (bytes < 0 || requests < 0) throw new IllegalArgumentException("a rate below 0: " + bytes + " bytes, " + requests + " requests a second");
    }

    /** Whether it limits anything. */
    public boolean limited() { return bytes > 0 || requests > 0; }
}
