package org.lguest.usernet;

/** Builds and reads the packets of tests, with none of the code under test. Virtio header 10, Ethernet 14, IP 20. */
final class Frames {
    static final int L2 = 10, L3 = 24, L4 = 44;
    static final byte[] MAC = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    static final byte[] ALL = {-1, -1, -1, -1, -1, -1};

    private Frames() { }

    static int ip(String text) {
        int a = 0;
        for (String part : text.split("\\.")) a = a << 8 | Integer.parseInt(part);
        return a;
    }

    static int u8(byte[] p, int at) { return p[at] & 0xFF; }

    static int u16(byte[] p, int at) { return u8(p, at) << 8 | u8(p, at + 1); }

    static int i32(byte[] p, int at) { return u16(p, at) << 16 | u16(p, at + 2); }

    static void put16(byte[] p, int at, int v) {
        p[at] = (byte) (v >> 8);
        p[at + 1] = (byte) v;
    }

    static void put32(byte[] p, int at, int v) {
        put16(p, at, v >>> 16);
        put16(p, at + 2, v);
    }

    /** The one's complement sum, the slow way. */
    static int sum(int start, byte[] p, int from, int to) {
        long s = start;
        for (int i = from; i < to; i++) s += (i - from) % 2 == 0 ? u8(p, i) << 8 : u8(p, i);
        while (s > 0xFFFF) s = (s & 0xFFFF) + (s >> 16);
        return (int) s;
    }

    static int pseudo(byte[] p, int protocol, int length) {
        byte[] h = new byte[12];
        System.arraycopy(p, L3 + 12, h, 0, 8);
        put16(h, 8, protocol);
        put16(h, 10, length);
        return sum(0, h, 0, 12);
    }

    /** Ethernet and IP around a payload; the payload's own checksum, at {@code check} in it (-1: none), is made here. */
    static byte[] ip(int protocol, int from, int to, byte[] payload, int check) {
        byte[] p = new byte[L4 + payload.length];
        System.arraycopy(payload, 0, p, L4, payload.length);
        ethernet(p, 0x0800, to == -1 ? ALL : gatewayCard(to));
        p[L3] = 0x45;
        put16(p, L3 + 2, 20 + payload.length);
        p[L3 + 8] = 64;
        p[L3 + 9] = (byte) protocol;
        put32(p, L3 + 12, from);
        put32(p, L3 + 16, to);
        sumIp(p);
        if (check >= 0) {
            put16(p, L4 + check, 0);
            int s = sum(protocol == 1 ? 0 : pseudo(p, protocol, payload.length), p, L4, p.length);
            put16(p, L4 + check, ~s & 0xFFFF);
        }
        return p;
    }

    static void sumIp(byte[] p) {
        put16(p, L3 + 10, 0);
        put16(p, L3 + 10, ~sum(0, p, L3, L3 + (p[L3] & 15) * 4) & 0xFFFF);
    }

    private static byte[] gatewayCard(int address) {
        byte[] m = {0x52, 0x55, 0, 0, 0, 0};
        put32(m, 2, address);
        return m;
    }

    static void ethernet(byte[] p, int type, byte[] to) {
        System.arraycopy(to, 0, p, L2, 6);
        System.arraycopy(MAC, 0, p, L2 + 6, 6);
        put16(p, L2 + 12, type);
    }

    static byte[] udp(int from, int fromPort, int to, int toPort, byte[] content) {
        byte[] u = new byte[8 + content.length];
        put16(u, 0, fromPort);
        put16(u, 2, toPort);
        put16(u, 4, u.length);
        System.arraycopy(content, 0, u, 8, content.length);
        return ip(17, from, to, u, 6);
    }

    static byte[] echo(int from, int to, int id, int sequence, int length) {
        byte[] m = new byte[8 + length];
        m[0] = 8;
        put16(m, 4, id);
        put16(m, 6, sequence);
        for (int i = 8; i < m.length; i++) m[i] = (byte) i;
        return ip(1, from, to, m, 2);
    }

    /** An ARP packet: 1 asks, 2 answers. */
    static byte[] arp(int operation, int from, int to) {
        byte[] p = new byte[L3 + 28];
        ethernet(p, 0x0806, ALL);
        put16(p, L3, 1);
        put16(p, L3 + 2, 0x0800);
        put16(p, L3 + 4, 0x0604);
        put16(p, L3 + 6, operation);
        System.arraycopy(MAC, 0, p, L3 + 8, 6);
        put32(p, L3 + 14, from);
        put32(p, L3 + 24, to);
        return p;
    }
}
