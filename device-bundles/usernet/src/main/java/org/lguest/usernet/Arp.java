package org.lguest.usernet;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Address Resolution Protocol (RFC 826) for Ethernet and IPv4: answers for our addresses, and remembers who in the
 * guest's network has which card. What is remembered is bounded; the one longest unused goes first.
 */
final class Arp {
    static final int ETHERTYPE = 0x0806;
    private static final int REQUEST = 1, REPLY = 2, LENGTH = 28;
    private static final int ETHERNET_IPV4_SIZES = 0x0604, MAX_NEIGHBOURS = 64;

    private final UserNet net;
    private final Map<Integer, byte[]> neighbours = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, byte[]> eldest) { return size() > MAX_NEIGHBOURS; }
    };
    private int lastAddress;
    private byte[] lastMac;

    Arp(UserNet net) { this.net = net; }

    int size() { return neighbours.size(); }

    /** The card behind an address, or null. */
    byte[] card(int address) { return address == lastAddress && lastMac != null ? lastMac : neighbours.get(address); }

    /** {@code packet} came from {@code address}, the sender's card at {@code at}. */
    void learn(int address, byte[] packet, int at) {
        byte[] known = card(address);
        if (known != null && Arrays.equals(known, 0, 6, packet, at, at + 6)) return;
        if (!net.plan().usable(address) || (packet[at] & 1) != 0) return; // a group has no card
        lastMac = Arrays.copyOfRange(packet, at, at + 6);
        lastAddress = address;
        neighbours.put(address, lastMac);
        if (known == null) net.tcp().neighbourCame();
    }

    /** An ARP packet from the guest. */
    void input(byte[] p, int at, int end) {
        if (end - at < LENGTH || Bytes.u16(p, at) != 1 || Bytes.u16(p, at + 2) != Ip.ETHERTYPE || Bytes.u16(p, at + 4) != ETHERNET_IPV4_SIZES) return;
        int sender = Bytes.i32(p, at + 14), target = Bytes.i32(p, at + 24), operation = Bytes.u16(p, at + 6);
        learn(sender, p, at + 8);
        if (operation == REQUEST && net.plan().ours(target)) emit(REPLY, target, p, at + 8, sender);
    }

    /** Asks the guest's network who has an address. */
    void ask(int address) { emit(REQUEST, net.plan().gateway(), null, 0, address); }

    private void emit(int operation, int from, byte[] card, int cardAt, int to) {
        byte[] p = new byte[Ip.IP + LENGTH];
        for (int i = 0; i < 6; i++) p[Ip.ETHERNET + i] = card == null ? (byte) 0xFF : card[cardAt + i];
        Ip.sender(p, from);
        Bytes.put16(p, Ip.ETHERNET + 12, ETHERTYPE);
        Bytes.put16(p, Ip.IP, 1);
        Bytes.put16(p, Ip.IP + 2, Ip.ETHERTYPE);
        Bytes.put16(p, Ip.IP + 4, ETHERNET_IPV4_SIZES);
        Bytes.put16(p, Ip.IP + 6, operation);
        System.arraycopy(p, Ip.ETHERNET + 6, p, Ip.IP + 8, 6);
        Bytes.put32(p, Ip.IP + 14, from);
        if (card != null) System.arraycopy(card, cardAt, p, Ip.IP + 18, 6);
        Bytes.put32(p, Ip.IP + 24, to);
        net.outbox().add(p);
    }
}
