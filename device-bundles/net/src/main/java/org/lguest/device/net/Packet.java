package org.lguest.device.net;

import static org.lguest.device.net.Checksums.get16;

import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;

/**
 * A packet as {@link NetBackend} has it: header, then frame. Reused; what it says about large segments is known after {@link #check}.
 *
 * <pre>
 *  0 u8 flags   1 u8 gso_type   2 u16 hdr_len   4 u16 gso_size   6 u16 csum_start   8 u16 csum_offset, little-endian
 * 10 the frame
 * </pre>
 */
final class Packet {
    static final int FRAME = NetBackend.HEADER;
    private static final int ETHERNET = 14, VLAN_TAG = 4;
    private static final int ETHERTYPE_AT = 12, ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86DD, ETHERTYPE_VLAN = 0x8100;
    private static final int IPV4_LEAST = 20, IPV6_BYTES = 40, TCP_LEAST = 20, TCP = 6;

    final byte[] bytes = new byte[NetBackend.MAX_PACKET];
    /** Bytes of header and frame. */
    int length;
    /** Of a large segment: where its network and its transport header begin and where its data, counted from the packet's first byte. */
    int network, transport, data;

    /** Whether there is at least an Ethernet header. */
    boolean whole() { return length >= FRAME + ETHERNET; }

    int frameBytes() { return length - FRAME; }

    boolean needsChecksum() { return (bytes[0] & Virtio.NET_HDR_NEEDS_CSUM) != 0; }

    boolean validated() { return (bytes[0] & Virtio.NET_HDR_DATA_VALID) != 0; }

    boolean large() { return kind() != Virtio.NET_HDR_GSO_NONE; }

    /** Large segments are of one kind, ECN or not. */
    int kind() { return bytes[1] & 0xFF & ~Virtio.NET_HDR_GSO_ECN; }

    boolean congestion() { return (bytes[1] & Virtio.NET_HDR_GSO_ECN) != 0; }

    boolean version6() { return kind() == Virtio.NET_HDR_GSO_TCPV6; }

    /** Bytes of data in each frame that a large segment shall become. */
    int segmentData() { return field(4); }

    /** Where the range to sum up begins, from the packet's first byte. */
    int checksumStart() { return FRAME + field(6); }

    /** Where the checksum goes, from the packet's first byte. */
    int checksumAt() { return checksumStart() + field(8); }

    private int field(int at) { return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8; }

    private void field(int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >>> 8);
    }

    /** A header that asks for nothing. */
    void clearHeader() { java.util.Arrays.fill(bytes, 0, FRAME, (byte) 0); }

    /** A header that asks for a checksum, and for nothing else. */
    void askForChecksum(int start, int at) {
        clearHeader();
        bytes[0] = Virtio.NET_HDR_NEEDS_CSUM;
        field(6, start - FRAME);
        field(8, at - start);
    }

    /** Looks whether the header can be believed, and finds the parts of a large segment; false when the packet is malformed. */
    boolean check() {
        if (!whole()) return false;
        if (needsChecksum() && checksumAt() + 2 > length) return false;
        return !large() || needsChecksum() && segmentData() > 0 && dissect();
    }

    private boolean dissect() {
        network = FRAME + ETHERNET;
        int type = get16(bytes, FRAME + ETHERTYPE_AT);
        if (type == ETHERTYPE_VLAN && length >= network + VLAN_TAG) {
            type = get16(bytes, network + 2);
            network += VLAN_TAG;
        }
        transport = checksumStart();
        boolean ip = version6() ? type == ETHERTYPE_IPV6 && ipv6() : kind() == Virtio.NET_HDR_GSO_TCPV4 && type == ETHERTYPE_IPV4 && ipv4();
        if (!ip || transport + TCP_LEAST > length) return false;
        int header = (bytes[transport + 12] & 0xF0) >>> 2;
        data = transport + header;
        return header >= TCP_LEAST && data < length && checksumAt() == transport + Cutter.TCP_CHECKSUM;
    }

    private boolean ipv4() {
        if (network + IPV4_LEAST > length || (bytes[network] & 0xF0) != 0x40) return false;
        return transport == network + ((bytes[network] & 0x0F) << 2) && transport >= network + IPV4_LEAST && bytes[network + 9] == TCP;
    }

    /** Extension headers may stand between: where TCP begins is known from the range of the checksum. */
    private boolean ipv6() { return transport >= network + IPV6_BYTES && transport <= length && (bytes[network] & 0xF0) == 0x60; }
}
