package org.lguest.usernet;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * The Internet Control Message Protocol (RFC 792). Echo requests to our addresses are answered here; for others the Host is
 * asked whether somebody is there, by whatever means it has without rights. Errors go to the guest only, never out.
 */
final class Icmp {
    static final int ECHO_REPLY = 0, UNREACHABLE = 3, ECHO_REQUEST = 8, TIME_EXCEEDED = 11;
    /** Codes of {@link #UNREACHABLE} (RFC 792, RFC 1812 section 5.2.7.1). */
    static final int NET = 0, HOST = 1, PROTOCOL = 2, PORT = 3, PROHIBITED = 13;
    private static final int MAX_PINGS = 32, PING_MILLIS = 5000;

    private final UserNet net;
    private int pings;

    Icmp(UserNet net) { this.net = net; }

    int pings() { return pings; }

    /** A message from the guest: IP packet at {@code at}, the message from {@code body} to {@code end}. */
    void input(byte[] p, int at, int body, int end) {
        if (end - body < 8 || !Checksums.good(Checksums.sum(0, p, body, end)) || Bytes.u16(p, body) != ECHO_REQUEST << 8) return;
        int source = Bytes.i32(p, at + 12), destination = Bytes.i32(p, at + 16);
        if (net.plan().ours(destination)) {
            reply(destination, source, Arrays.copyOfRange(p, body, end));
        } else if (Ip.foreign(net.plan(), destination)) {
            if (net.settings().restrict()) unreachable(PROHIBITED, p, at, end);
            else forward(p, at, body, end, source, destination);
        }
    }

    private void forward(byte[] p, int at, int body, int end, int source, int destination) {
        if (pings == MAX_PINGS) return;
        pings++;
        byte[] request = Arrays.copyOfRange(p, body, end), packet = Arrays.copyOfRange(p, at, end);
        InetAddress to = net.outside().reach(destination);
        // a thread of its own kind: the wait is in native code, and virtual threads would wait behind it
        Thread.ofPlatform().daemon().name("ping").start(() -> {
            boolean there = net.outside().ping(to, Arrays.copyOfRange(request, 8, request.length), PING_MILLIS);
            net.later(() -> {
                pings--;
                if (there) reply(destination, source, request);
                else unreachable(HOST, packet, 0, packet.length);
            });
        });
    }

    private void reply(int from, int to, byte[] message) {
        byte[] p = new byte[Ip.PAYLOAD + message.length];
        System.arraycopy(message, 0, p, Ip.PAYLOAD, message.length);
        Bytes.put16(p, Ip.PAYLOAD, ECHO_REPLY << 8);
        send(p, from, to);
    }

    /** Tells the guest that a packet of its cannot be delivered. */
    void unreachable(int code, byte[] p, int at, int end) { error(UNREACHABLE, code, p, at, end); }

    /** An error about an IP packet: its header and the eight bytes behind it come back (RFC 792); never about another ICMP error. */
    void error(int type, int code, byte[] p, int at, int end) {
        int header = (p[at] & 15) * 4, quoted = Math.min(end - at, header + 8), source = Bytes.i32(p, at + 12);
        if (!net.plan().usable(source) || Bytes.u8(p, at + 16) >= 224) return; // RFC 1122 section 3.2.2: not about groups
        if (Bytes.u8(p, at + 9) == Ip.ICMP && (end - at <= header || Bytes.u8(p, at + header) != ECHO_REQUEST)) return;
        byte[] m = new byte[Ip.PAYLOAD + 8 + quoted];
        Bytes.put16(m, Ip.PAYLOAD, type << 8 | code);
        System.arraycopy(p, at, m, Ip.PAYLOAD + 8, quoted);
        send(m, net.plan().gateway(), source);
    }

    private void send(byte[] p, int from, int to) {
        Bytes.put16(p, Ip.PAYLOAD + 2, 0);
        Bytes.put16(p, Ip.PAYLOAD + 2, Checksums.finish(Checksums.sum(0, p, Ip.PAYLOAD, p.length)));
        net.ip().send(p, Ip.ICMP, from, to);
    }
}
