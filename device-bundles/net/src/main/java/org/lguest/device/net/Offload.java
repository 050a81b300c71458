package org.lguest.device.net;

import static org.lguest.device.net.Checksums.add;
import static org.lguest.device.net.Checksums.finish;
import static org.lguest.device.net.Checksums.put16;

/**
 * D:515 Does for others what they cannot do. A driver leaves two pieces of work to its card: to sum up what it sends, and to cut
 * 64 KiB of a TCP stream into frames. If whoever is at the other end of the wire can take the packet as it is, nobody ever does that
 * work; between two Guests on one Host nothing can be corrupted on the way. If not, it is done here, which is still much cheaper than
 * in the Guest.
 */
final class Offload {
    /** The answer of {@link #pass} when all has been taken. */
    static final int ALL = -1;

    /** Who takes packets. */
    @FunctionalInterface
    interface Taker {
        /** Takes a packet; false when it wants the same again later. */
        boolean take(byte[] packet, int length);
    }

    private final Cutter cutter = new Cutter();

    /**
     * Passes a packet on that {@link Packet#check} has found good. Its bytes are changed.
     *
     * @param can  what the taker can do himself
     * @param done how many of the frames that a large segment becomes were taken before; 0 for a new packet
     * @return {@link #ALL}, or how many have been taken now
     */
    int pass(Packet p, Abilities can, int done, Taker taker) {
        if (p.large()) {
            if (!can.takes(p)) return cutter.cut(p, can.checksum(), done, taker);
        } else if (p.needsChecksum()) {
            if (!can.checksum()) finishChecksum(p);
        } else if (!p.validated() || !can.checksum()) {
            p.clearHeader();
        }
        return taker.take(p.bytes, p.length) ? ALL : 0;
    }

    /** The field holds the sum of the pseudo header, which so becomes part of the sum without being looked at. */
    private static void finishChecksum(Packet p) {
        int from = p.checksumStart();
        put16(p.bytes, p.checksumAt(), finish(add(0, p.bytes, from, p.length - from)));
        p.clearHeader();
    }
}
