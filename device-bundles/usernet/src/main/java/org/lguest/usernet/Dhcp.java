package org.lguest.usernet;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A server of the Dynamic Host Configuration Protocol (RFC 2131, options RFC 2132) with one address to give, always the
 * same: the wire has one guest. BOOTP clients (RFC 951) get it, too.
 */
final class Dhcp {
    static final int SERVER_PORT = 67, CLIENT_PORT = 68;
    private static final int DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6, INFORM = 8;
    private static final int COOKIE = 0x63825363, FIXED = 236, BROADCAST_FLAG = 0x8000;
    private static final int MASK = 1, ROUTER = 3, NAME_SERVER = 6, HOST_NAME = 12, REQUESTED = 50, LEASE_TIME = 51, MESSAGE_TYPE = 53, SERVER = 54,
        END = 255, LEASE_SECONDS = 86_400, REPLY_BYTES = 300;

    private final UserNet net;

    Dhcp(UserNet net) { this.net = net; }

    /** A datagram for the server's port; {@code m} to {@code end} is its content. */
    void input(byte[] p, int m, int end) {
        if (end - m < FIXED || Bytes.u8(p, m) != 1 || Bytes.u16(p, m + 1) != 0x0106) return; // a request, Ethernet, six bytes
        boolean options = end - m >= FIXED + 4 && Bytes.i32(p, m + FIXED) == COOKIE;
        int first = m + FIXED + 4, type = options ? option8(p, first, end, MESSAGE_TYPE) : 0;
        int client = Bytes.i32(p, m + 12);
        switch (type) {
            case 0 -> reply(p, m, 0, net.plan().guest());
            case DISCOVER -> reply(p, m, OFFER, net.plan().guest());
            case REQUEST -> request(p, m, first, end, client);
            case INFORM -> {
                if (net.plan().usable(client)) reply(p, m, ACK, 0);
            }
            default -> { } // RELEASE and DECLINE: there is nobody else to give the address to
        }
    }

    /** RFC 2131 section 4.3.2: selecting, rebooting, renewing. */
    private void request(byte[] p, int m, int first, int end, int client) {
        int server = option32(p, first, end, SERVER);
        if (server != 0 && server != net.plan().gateway()) return; // the client has chosen another
        int wanted = option32(p, first, end, REQUESTED);
        if (wanted == 0) wanted = client;
        if (wanted == net.plan().guest()) reply(p, m, ACK, wanted);
        else reply(p, m, NAK, 0);
    }

    private void reply(byte[] p, int m, int type, int yours) {
        byte[] r = new byte[Ip.PAYLOAD + 8 + REPLY_BYTES + 64];
        int b = Ip.PAYLOAD + 8;
        System.arraycopy(p, m, r, b, 44); // transaction, flags and card are the client's
        Bytes.put8(r, b, 2);
        Bytes.put8(r, b + 3, 0);
        Bytes.put32(r, b + 16, yours);
        Bytes.put32(r, b + 20, net.plan().gateway());
        if (type == NAK) Bytes.put32(r, b + 12, 0);
        int at = b + FIXED;
        Bytes.put32(r, at, COOKIE);
        at += 4;
        if (type != 0) {
            at = option(r, at, MESSAGE_TYPE, new byte[] {(byte) type});
            at = option(r, at, SERVER, net.plan().gateway());
        }
        if (type != NAK) {
            if (yours != 0) at = option(r, at, LEASE_TIME, LEASE_SECONDS);
            at = option(r, at, MASK, net.plan().mask());
            at = option(r, at, ROUTER, net.plan().gateway());
            at = option(r, at, NAME_SERVER, net.plan().dns());
            if (net.settings().hostname() != null) at = option(r, at, HOST_NAME, net.settings().hostname().getBytes(StandardCharsets.US_ASCII));
        }
        Bytes.put8(r, at++, END);
        send(Arrays.copyOf(r, Math.max(at, b + REPLY_BYTES)), b, type, yours);
    }

    /** Where the answer goes: RFC 2131 section 4.1. */
    private void send(byte[] r, int b, int type, int yours) {
        int client = Bytes.i32(r, b + 12);
        boolean all = type == NAK || client == 0 && (Bytes.u16(r, b + 10) & BROADCAST_FLAG) != 0;
        int to = all ? Plan.BROADCAST : client != 0 ? client : yours;
        byte[] card = all ? null : Arrays.copyOfRange(r, b + 28, b + 34);
        Udp.header(r, net.plan().gateway(), SERVER_PORT, to, CLIENT_PORT);
        net.ip().sendTo(card, r, Ip.UDP, net.plan().gateway(), to);
    }

    private static int option(byte[] r, int at, int code, byte[] value) {
        Bytes.put8(r, at, code);
        Bytes.put8(r, at + 1, value.length);
        System.arraycopy(value, 0, r, at + 2, value.length);
        return at + 2 + value.length;
    }

    private static int option(byte[] r, int at, int code, int value) {
        byte[] v = new byte[4];
        Bytes.put32(v, 0, value);
        return option(r, at, code, v);
    }

    /** Where an option's value begins, -1 when it is not there with at least {@code length} bytes. */
    private static int find(byte[] p, int first, int end, int code, int length) {
        for (int at = first; at < end; ) {
            int c = Bytes.u8(p, at);
            if (c == END) return -1;
            if (c == 0) { // padding
                at++;
                continue;
            }
            if (at + 2 > end || at + 2 + Bytes.u8(p, at + 1) > end) return -1;
            if (c == code) return Bytes.u8(p, at + 1) >= length ? at + 2 : -1;
            at += 2 + Bytes.u8(p, at + 1);
        }
        return -1;
    }

    private static int option8(byte[] p, int first, int end, int code) {
        int at = find(p, first, end, code, 1);
        return at < 0 ? 0 : Bytes.u8(p, at);
    }

    private static int option32(byte[] p, int first, int end, int code) {
        int at = find(p, first, end, code, 4);
        return at < 0 ? 0 : Bytes.i32(p, at);
    }
}
