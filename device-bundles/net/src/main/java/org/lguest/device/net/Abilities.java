package org.lguest.device.net;

import org.lguest.api.abi.Virtio;

/**
 * What somebody who takes packets can do himself.
 *
 * @param checksum   finish a checksum, or do without
 * @param tso4       take large segments over IPv4
 * @param tso6       the same over IPv6
 * @param congestion the same with the bits of explicit congestion notification set
 */
record Abilities(boolean checksum, boolean tso4, boolean tso6, boolean congestion) {
    /** Of a guest, by the features that its driver has accepted. */
    static Abilities ofGuest(long accepted) {
        return of(accepted, Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_GUEST_TSO4, Virtio.NET_F_GUEST_TSO6, Virtio.NET_F_GUEST_ECN);
    }

    /** Of a backend, by its {@code offloads}. */
    static Abilities ofBackend(long offloads) {
        return of(offloads, Virtio.NET_F_CSUM, Virtio.NET_F_HOST_TSO4, Virtio.NET_F_HOST_TSO6, Virtio.NET_F_HOST_ECN);
    }

    /** Large segments always come without their checksum: nobody can take them who cannot finish that. */
    private static Abilities of(long bits, int checksum, int tso4, int tso6, int ecn) {
        boolean finishes = bit(bits, checksum);
        return new Abilities(finishes, finishes && bit(bits, tso4), finishes && bit(bits, tso6), bit(bits, ecn));
    }

    private static boolean bit(long bits, int b) { return (bits >>> b & 1) != 0; }

    /** Whether there may be frames beyond the ordinary size. */
    boolean large() { return tso4 || tso6; }

    /** Whether a large segment can stay what it is. */
    boolean takes(Packet p) { return (p.version6() ? tso6 : tso4) && (congestion || !p.congestion()); }
}
