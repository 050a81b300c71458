package org.lguest.device.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.lguest.api.part.NetBackend;

/** Packets as a driver makes them, and a receiver's view of frames, written without the code under test. */
final class Frames {
    static final int FIN = 1, PSH = 8, ACK = 16, CWR = 0x80;

    private Frames() { }

    static byte[] header(int flags, int gso, int size, int start, int offset) {
        return ByteBuffer.allocate(NetBackend.HEADER).order(ByteOrder.LITTLE_ENDIAN).put((byte) flags).put((byte) gso).putShort((short) 0)
            .putShort((short) size).putShort((short) start).putShort((short) offset).array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] p : parts) all.writeBytes(p);
        return all.toByteArray();
    }

    static byte[] data(int bytes) {
        byte[] b = new byte[bytes];
        new Random(bytes).nextBytes(b);
        return b;
    }

    /** A frame of nobody's protocol. */
    static byte[] plain(int bytes) {
        byte[] f = data(bytes);
        f[12] = (byte) 0x88;
        f[13] = (byte) 0xB5;
        return f;
    }

    private static byte[] ethernet(boolean vlan, int type) {
        ByteBuffer b = ByteBuffer.allocate(vlan ? 18 : 14);
        b.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
        if (vlan) b.putShort((short) 0x8100).putShort((short) 7);
        return b.putShort((short) type).array();
    }

    /** An IPv4 header with its checksum. */
    private static byte[] ipv4(int options, int protocol, int bytes) {
        ByteBuffer b = ByteBuffer.allocate(20 + options);
        b.put(0, (byte) (0x40 | (20 + options) / 4)).putShort(2, (short) (20 + options + bytes)).putShort(4, (short) 0xFFFE);
        b.put(6, (byte) 0x40).put(8, (byte) 64).put(9, (byte) protocol).putInt(12, 0x0A000001).putInt(16, 0x0A0000FE);
        b.putShort(10, (short) ~ChecksumsTest.plain(0, b.array(), 0, b.capacity()));
        return b.array();
    }

    private static byte[] ipv6(int extension, int protocol, int bytes) {
        ByteBuffer b = ByteBuffer.allocate(40 + extension);
        b.put(0, (byte) 0x60).putShort(4, (short) (extension + bytes)).put(6, (byte) (extension > 0 ? 0 : protocol)).put(7, (byte) 64);
        for (int i = 8; i < 40; i++) b.put(i, (byte) (i * 37));
        if (extension > 0) b.put(40, (byte) protocol).put(41, (byte) (extension / 8 - 1));
        return b.array();
    }

    private static byte[] tcp(int options, int flags) {
        ByteBuffer b = ByteBuffer.allocate(20 + options);
        b.putShort(0, (short) 1234).putShort(2, (short) 80).putInt(4, 0xFFFF_FF00).putInt(8, 99);
        b.put(12, (byte) ((20 + options) / 4 << 4)).put(13, (byte) flags).putShort(14, (short) 500);
        for (int i = 20; i < 20 + options; i++) b.put(i, (byte) 1);
        return b.array();
    }

    /** How a TCP packet looks. */
    record Tcp(boolean v6, boolean vlan, int ipOptions, int tcpOptions, int flags, int bytes) {
        int network() { return vlan ? 18 : 14; }

        int transport() { return network() + (v6 ? 40 : 20) + ipOptions; }

        int headers() { return transport() + 20 + tcpOptions; }

        /** The packet with its checksum left to others. */
        byte[] packet(int gso, int size) {
            byte[] segment = join(tcp(tcpOptions, flags), data(bytes));
            byte[] ip = v6 ? ipv6(ipOptions, 6, segment.length) : ipv4(ipOptions, 6, segment.length);
            byte[] f = join(ethernet(vlan, v6 ? 0x86DD : 0x0800), ip, segment);
            ByteBuffer.wrap(f).putShort(transport() + 16, (short) pseudo(f, this, 6, segment.length));
            return join(header(1, gso, size, transport(), 16), f);
        }

        /** Looks at a frame as its receiver does. */
        Seen see(byte[] packet) {
            byte[] f = java.util.Arrays.copyOfRange(packet, NetBackend.HEADER, packet.length);
            ByteBuffer b = ByteBuffer.wrap(f);
            int tcpBytes = f.length - transport();
            if (v6) {
                assertEquals(f.length - network() - 40, b.getShort(network() + 4) & 0xFFFF, "IPv6 payload length");
            } else {
                assertEquals(f.length - network(), b.getShort(network() + 2) & 0xFFFF, "IPv4 total length");
                assertEquals(0xFFFF, ChecksumsTest.plain(0, f, network(), transport() - network()), "IPv4 header checksum");
            }
            boolean right = ChecksumsTest.plain(pseudo(f, this, 6, tcpBytes), f, transport(), tcpBytes) == 0xFFFF;
            int partial = b.getShort(transport() + 16) & 0xFFFF;
            return new Seen(b.getInt(transport() + 4), f[transport() + 13] & 0xFF, v6 ? 0 : b.getShort(network() + 4) & 0xFFFF,
                java.util.Arrays.copyOfRange(f, headers(), f.length), right, partial == pseudo(f, this, 6, tcpBytes));
        }
    }

    record Seen(int sequence, int flags, int id, byte[] data, boolean checksumRight, boolean checksumLeft) { }

    private static int pseudo(byte[] f, Tcp t, int protocol, int bytes) {
        int s = t.v6 ? ChecksumsTest.plain(0, f, t.network() + 8, 32) : ChecksumsTest.plain(0, f, t.network() + 12, 8);
        byte[] tail = {0, (byte) protocol, (byte) (bytes >>> 8), (byte) bytes};
        return ChecksumsTest.plain(s, tail, 0, 4);
    }

    /** A UDP packet over IPv4 with its checksum left to others. */
    static byte[] udp(byte[] data) {
        ByteBuffer u = ByteBuffer.allocate(8 + data.length);
        u.putShort(0, (short) 53).putShort(2, (short) 53).putShort(4, (short) u.capacity()).put(8, data);
        byte[] f = join(ethernet(false, 0x0800), ipv4(0, 17, u.capacity()), u.array());
        var t = new Tcp(false, false, 0, 0, 0, 0);
        ByteBuffer.wrap(f).putShort(34 + 6, (short) pseudo(f, t, 17, u.capacity()));
        return join(header(1, 0, 0, 34, 6), f);
    }

    /** The sum of a UDP packet as its receiver makes it: 0xFFFF when it is right. */
    static int udpSum(byte[] packet) {
        byte[] f = java.util.Arrays.copyOfRange(packet, NetBackend.HEADER, packet.length);
        return ChecksumsTest.plain(pseudo(f, new Tcp(false, false, 0, 0, 0, 0), 17, f.length - 34), f, 34, f.length - 34);
    }
}
