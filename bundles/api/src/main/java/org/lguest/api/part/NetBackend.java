package org.lguest.api.part;

/**
 * A port of some network: takes and gives Ethernet frames. Each frame travels as a <em>packet</em>: the ten bytes of
 * {@code virtio_net_hdr} (virtio 0.9.5, appendix C: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset; little
 * endian) and the frame behind them, without the frame check sequence. So work that a guest left to its card, checksums and
 * the cutting of large TCP segments, can travel on to someone who does it better or need not do it at all.
 *
 * <p>What a header may say: NEEDS_CSUM with csum_start and csum_offset, counted from the frame's first byte (the field then holds
 * the sum of the pseudo header); gso_type TCPV4 or TCPV6, with the bit ECN or without, and gso_size above 0, always together with
 * NEEDS_CSUM; towards the guest also DATA_VALID. Towards the backend the device vouches for that: offsets are inside the frame, and
 * the headers of a large segment are whole.
 *
 * <p>One thread sends and another receives. Frames that the backend loses it counts in {@link org.lguest.api.Counters#framesDropped}
 * of its guest.
 */
public interface NetBackend extends Backend {
    /** Bytes of the header before each frame. */
    int HEADER = 10;
    /** The largest frame without large segments: 1500 bytes behind an Ethernet header with a VLAN tag. */
    int MAX_FRAME = 1518;
    /** The largest packet, header and all: 64 KiB of IP behind an Ethernet header with a VLAN tag. */
    int MAX_PACKET = HEADER + 18 + 65_535;

    /**
     * What the backend can take and may give, as feature bits of virtio-net: CSUM, HOST_TSO4 and so on for what it takes,
     * GUEST_CSUM, GUEST_TSO4 and so on for what it gives. Without any, packets have headers of zeros and frames of at most
     * {@link #MAX_FRAME} bytes both ways. The device makes what the guest's driver cannot take into what it can.
     */
    long offloads();

    /** The address that the guest's card has to have, six bytes; null when the device may choose. */
    default byte[] mac() { return null; }

    /**
     * Takes a packet from the guest, without waiting. A network loses frames: what nobody can take is dropped and counted
     * as taken.
     *
     * @return false when the backend wants it again later; then {@link #onReady}'s action runs
     */
    boolean send(byte[] packet, int length);

    /**
     * Gives the next packet for the guest, without waiting.
     *
     * @param to at least {@link #MAX_PACKET} bytes
     * @return its length, 0 when there is none now; then {@link #onReady}'s action runs when there is
     */
    int receive(byte[] to);
}
