package org.lguest.usernet;

import org.lguest.api.part.NetBackend;

/**
 * The Internet Protocol, version 4 (RFC 791), as a router with one port has it: checks what the guest sends, puts fragments
 * together, hands packets to their protocols, and dresses answers with IP and Ethernet headers.
 *
 * <p>Packets that we build have the layout {@code virtio header (10), Ethernet (14), IP (20), payload}; the constants here
 * are offsets into that.
 */
final class Ip {
    static final int ETHERTYPE = 0x0800;
    static final int ICMP = 1, TCP = 6, UDP = 17;
    static final int ETHERNET = NetBackend.HEADER, IP = ETHERNET + 14, PAYLOAD = IP + 20;
    /** The largest IP packet on the wire; what is larger is fragmented, or is a large segment that says how to be cut. */
    static final int MTU = 1500;
    private static final int VERSION_AND_LENGTH = 0x45, TTL = 64, DONT_FRAGMENT = 0x4000, MORE = 0x2000, OFFSET = 0x1FFF;
    private static final int FRAGMENT = MTU - 20 & ~7;

    private final UserNet net;
    private final Reassembly reassembly;
    private int nextId = 1;

    Ip(UserNet net) {
        this.net = net;
        reassembly = new Reassembly(net.timers());
    }

    Reassembly reassembly() { return reassembly; }

    /**
     * An IP packet from the guest.
     *
     * @param at       where it begins
     * @param end      where the frame ends
     * @param unsummed the guest left the checksum of TCP or UDP to its card
     */
    void input(byte[] p, int at, int end, boolean unsummed) {
        if (end - at < 20 || p[at] >>> 4 != 4) return;
        int header = (p[at] & 15) * 4, total = Bytes.u16(p, at + 2);
        if (header < 20 || total < header || at + total > end || !Checksums.good(Checksums.sum(0, p, at, at + header))) return;
        int source = Bytes.i32(p, at + 12), destination = Bytes.i32(p, at + 16);
        if (source != 0 && !net.plan().usable(source)) return;
        if (source != 0) net.arp().learn(source, p, at - 8);
        int fragment = Bytes.u16(p, at + 6);
        if ((fragment & (MORE | OFFSET)) != 0) {
            byte[] whole = reassembly.add(p, at, header, total, (fragment & OFFSET) * 8, (fragment & MORE) != 0);
            if (whole != null) dispatch(whole, IP, 20, whole.length, false);
        } else if (routable(p, at, at + total, destination)) {
            dispatch(p, at, header, at + total, unsummed);
        }
    }

    /** A router counts a packet's hops (RFC 1812 section 5.3.1). */
    private boolean routable(byte[] p, int at, int end, int destination) {
        if (Bytes.u8(p, at + 8) > 1 || net.plan().inside(destination) || destination == Plan.BROADCAST) return true;
        net.icmp().error(Icmp.TIME_EXCEEDED, 0, p, at, end);
        return false;
    }

    private void dispatch(byte[] p, int at, int header, int end, boolean unsummed) {
        int source = Bytes.i32(p, at + 12), destination = Bytes.i32(p, at + 16);
        int protocol = Bytes.u8(p, at + 9), body = at + header;
        boolean good = protocol == ICMP || unsummed
            || protocol == UDP && end - body >= 8 && Bytes.u16(p, body + 6) == 0 // RFC 768: none was made
            || Checksums.good(Checksums.sum(Checksums.pseudo(source, destination, protocol, end - body), p, body, end));
        if (!good) return;
        switch (protocol) {
            case ICMP -> net.icmp().input(p, at, body, end);
            case TCP -> net.tcp().input(p, at, body, end);
            case UDP -> net.udp().input(p, at, body, end);
            default -> net.icmp().unreachable(Icmp.PROTOCOL, p, at, end);
        }
    }

    /** Whether packets for this address leave for other hosts: not for this wire, no group, no loop. */
    static boolean foreign(Plan plan, int address) {
        int first = address >>> 24;
        return first != 0 && first != 127 && first < 224 && !plan.inside(address);
    }

    /** Writes the card that an address of ours has: 52:55 and the address, as QEMU's gateway has it. */
    static void sender(byte[] p, int address) {
        Bytes.put16(p, ETHERNET + 6, 0x5255);
        Bytes.put32(p, ETHERNET + 8, address);
    }

    /**
     * Writes Ethernet and IP headers before a payload of {@code length} bytes at {@link #PAYLOAD}.
     *
     * @param card the receiver's, or null for all
     */
    static void dress(byte[] p, byte[] card, int protocol, int source, int destination, int length, int id, int fragment) {
        for (int i = 0; i < 6; i++) p[ETHERNET + i] = card == null ? (byte) 0xFF : card[i];
        sender(p, source);
        Bytes.put16(p, ETHERNET + 12, ETHERTYPE);
        Bytes.put16(p, IP, VERSION_AND_LENGTH << 8);
        Bytes.put16(p, IP + 2, 20 + length);
        Bytes.put16(p, IP + 4, id);
        Bytes.put16(p, IP + 6, fragment);
        Bytes.put16(p, IP + 8, TTL << 8 | protocol);
        Bytes.put16(p, IP + 10, 0);
        Bytes.put32(p, IP + 12, source);
        Bytes.put32(p, IP + 16, destination);
        Bytes.put16(p, IP + 10, Checksums.finish(Checksums.sum(0, p, IP, PAYLOAD)));
    }

    /** Dresses a TCP segment that fits, or that says how it is to be cut: one that may not be fragmented has no id (RFC 6864). */
    static void dress(byte[] p, byte[] card, int protocol, int source, int destination, int length) {
        dress(p, card, protocol, source, destination, length, 0, DONT_FRAGMENT);
    }

    /**
     * Sends a packet to the guest; the payload stands at {@link #PAYLOAD}, to the end of the array, its checksum included.
     * When nobody knows the receiver's card it is asked for, and the packet is lost.
     */
    void send(byte[] p, int protocol, int source, int destination) {
        byte[] card = null;
        if (destination != Plan.BROADCAST && destination != net.plan().directedBroadcast()) {
            card = net.arp().card(destination);
            if (card == null) {
                net.arp().ask(destination);
                net.lost();
                return;
            }
        }
        sendTo(card, p, protocol, source, destination);
    }

    /** Sends a packet to a card, or with null to all. */
    void sendTo(byte[] card, byte[] p, int protocol, int source, int destination) {
        int length = p.length - PAYLOAD, id = nextId++ & 0xFFFF;
        if (length <= MTU - 20) {
            dress(p, card, protocol, source, destination, length, id, 0);
            net.outbox().add(p);
            return;
        }
        int frames = (length + FRAGMENT - 1) / FRAGMENT;
        if (!net.outbox().room(p.length + frames * PAYLOAD)) { // all or nothing: the rest would be of no use
            net.lost();
            return;
        }
        for (int done = 0; done < length; done += FRAGMENT) {
            int n = Math.min(FRAGMENT, length - done);
            byte[] f = new byte[PAYLOAD + n];
            System.arraycopy(p, PAYLOAD + done, f, PAYLOAD, n);
            dress(f, card, protocol, source, destination, n, id, done / 8 | (done + n < length ? MORE : 0));
            net.outbox().add(f);
        }
    }
}
