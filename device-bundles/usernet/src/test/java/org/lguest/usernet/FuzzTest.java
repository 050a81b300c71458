package org.lguest.usernet;

import static org.junit.jupiter.api.Assertions.*;
import static org.lguest.usernet.Frames.*;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.NetBackend;

/** Guests that send nonsense: nothing throws, nothing grows, and the network still works. */
@Timeout(600)
class FuzzTest {
    private static final int GUEST = ip("10.0.2.15"), GATEWAY = ip("10.0.2.2"), DNS = ip("10.0.2.3");
    private static final int PACKETS = 150_000;

    private final List<String> failures = new ArrayList<>();
    private final byte[] taken = new byte[NetBackend.MAX_PACKET];

    private static byte[] tcp(Random r, int port) {
        byte[] t = new byte[20 + r.nextInt(11) * 4 + r.nextInt(200)];
        r.nextBytes(t);
        put16(t, 0, 1000 + r.nextInt(40));
        put16(t, 2, port);
        t[12] = (byte) ((5 + r.nextInt(11)) << 4);
        if (r.nextInt(3) > 0) t[13] = (byte) new int[] {2, 16, 17, 4, 18, 24}[r.nextInt(6)];
        if (r.nextBoolean()) put32(t, 4, r.nextInt(4));
        return ip(6, GUEST, GATEWAY, t, 16);
    }

    private static byte[] valid(Random r, int port) {
        byte[] junk = new byte[r.nextInt(400)];
        r.nextBytes(junk);
        byte[] p = switch (r.nextInt(8)) {
            case 0 -> arp(1 + r.nextInt(2), ip("10.0.2.0") + r.nextInt(256), GATEWAY);
            case 1 -> udp(0, 68, -1, 67, Arrays.copyOf(junk, 240 + r.nextInt(100)));
            case 2 -> udp(GUEST, 3000 + r.nextInt(2000), DNS, 53, junk);
            case 3 -> udp(GUEST, 3000 + r.nextInt(2000), GATEWAY, port, junk);
            case 4 -> echo(GUEST, r.nextBoolean() ? GATEWAY : r.nextInt(), 1, 1, junk.length);
            case 5 -> ip(r.nextInt(256), GUEST, GATEWAY, udp(1, 2, 3, port, junk), -1);
            default -> tcp(r, port);
        };
        if (r.nextInt(6) == 0 && u16(p, L2 + 12) == 0x0800) {
            put16(p, L3 + 4, r.nextInt(40));
            put16(p, L3 + 6, r.nextInt(0x4000));
            sumIp(p);
        }
        return p;
    }

    private void check(UserNet net) {
        assertEquals(List.of(), failures);
        assertTrue(net.arp().size() <= 64);
        assertTrue(net.udp().flows() <= Udp.MAX_FLOWS);
        assertTrue(net.udp().dns().queries() <= 100);
        assertTrue(net.icmp().pings() <= 32);
        assertTrue(net.tcp().size() <= Tcp.MAX_CONNECTIONS);
        assertTrue(net.ip().reassembly().size() <= Reassembly.MAX);
        assertTrue(net.outbox().bytes() <= 1 << 20);
        assertTrue(net.loop().channels() <= HostLoop.MAX_CHANNELS + 64);
        assertTrue(net.timers().size() <= 2 * Tcp.MAX_CONNECTIONS + 100, "timers: " + net.timers().size());
    }

    private void assertAlive(UserNet net) {
        while (net.receive(taken) > 0) Thread.onSpinWait();
        byte[] hello = arp(1, GUEST, GATEWAY), p = echo(GUEST, GATEWAY, 4711, 1, 10);
        net.send(hello, hello.length);
        net.send(p, p.length);
        boolean answered = false;
        for (int n; (n = net.receive(taken)) > 0; ) answered |= n == p.length && taken[L3 + 9] == 1 && u16(taken, L4 + 4) == 4711;
        assertTrue(answered, "no answer to an echo request");
    }

    /** Whatever is sent stays inside: the network is restricted. */
    @Test
    void damagedPacketsHarmNobody() throws Exception {
        Random r = new Random(1);
        UserNet net = new UserNet("fuzz", Settings.parse("restrict=on"), new NoOutside(), failures::add);
        try {
            for (int i = 0; i < PACKETS; i++) {
                byte[] p = valid(r, r.nextInt(65_536));
                for (int n = r.nextInt(4); n > 0; n--) p[r.nextInt(p.length)] = (byte) r.nextInt(256);
                if (r.nextBoolean() && p.length > L4 && u16(p, L2 + 12) == 0x0800 && (p[L3] & 15) * 4 <= p.length - L3) sumIp(p);
                if (r.nextBoolean()) p[0] = 1;
                net.send(p, r.nextInt(8) == 0 ? r.nextInt(p.length + 1) : p.length);
                if (i % 1000 == 0) check(net);
                if (i % 3 == 0) net.receive(taken);
            }
            assertAlive(net);
            assertEquals(0, net.tcp().size());
        } finally {
            net.close();
        }
    }

    /** Everything is well formed and goes to a server of the test's own, but no rule of TCP is kept. */
    @Test
    void rulelessGuestsHarmNobody() throws Exception {
        Random r = new Random(2);
        NoOutside outside = new NoOutside();
        try (ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
                DatagramSocket datagrams = new DatagramSocket(server.getLocalPort(), InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(server));
            UserNet net = new UserNet("fuzz", Settings.parse(""), outside, failures::add);
            try {
                for (int i = 0; i < PACKETS; i++) {
                    byte[] p = valid(r, datagrams.getLocalPort());
                    if (p.length > L3 + 9 && p[L3 + 9] == 17 && u16(p, L3 + 6) == 0 && i32(p, L3 + 16) == DNS && i % 16 != 0) continue; // look-ups are slow
                    net.send(p, p.length);
                    if (i % 1000 == 0) check(net);
                    if (i % 2 == 0 && net.receive(taken) > 0 && taken[L3 + 9] == 6) follow(net, r);
                }
                assertAlive(net);
            } finally {
                net.close();
            }
            assertTrue(net.tcp().idle());
        }
        assertEquals(List.of(), failures);
    }

    /** Answers a segment so that some connections come about, and then are misused. */
    private void follow(UserNet net, Random r) {
        byte[] t = new byte[20 + r.nextInt(300)];
        put16(t, 0, u16(taken, L4 + 2));
        put16(t, 2, u16(taken, L4));
        put32(t, 4, i32(taken, L4 + 8) + (r.nextInt(4) == 0 ? r.nextInt(9) - 4 : 0));
        put32(t, 8, i32(taken, L4 + 4) + 1 + (r.nextInt(4) == 0 ? r.nextInt(9) - 4 : 0));
        put16(t, 12, 5 << 12 | (r.nextInt(8) == 0 ? 17 : 16));
        put16(t, 14, r.nextInt(65_536));
        byte[] p = ip(6, GUEST, GATEWAY, t, 16);
        net.send(p, p.length);
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket s = server.accept()) {
                s.getOutputStream().write(new byte[5000]);
            } catch (IOException e) {
                continue; // a connection was reset, or this is the end
            }
        }
    }
}
