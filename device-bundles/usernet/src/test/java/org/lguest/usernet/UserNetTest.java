package org.lguest.usernet;

import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lguest.usernet.Frames.*;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.abi.DeviceType;

/** Everything of the user network but TCP. */
@Timeout(300)
class UserNetTest {
    private static final int GUEST = ip("10.0.2.15"), GATEWAY = ip("10.0.2.2"), DNS = ip("10.0.2.3"), FAR = ip("192.0.2.7");

    private final NoOutside outside = new NoOutside();
    private UserNet net;
    private TestGuest guest;

    @BeforeEach
    void setUp() throws IOException { open(""); }

    private void open(String options) throws IOException {
        if (guest != null) net.close();
        net = new UserNet("test", Settings.parse(options), outside, reason -> guest.faults.add(reason));
        guest = new TestGuest(net, "10.0.2.15");
        guest.send(arp(1, GUEST, GATEWAY)); // so that the guest's card is known
    }

    @AfterEach
    void tearDown() throws InterruptedException {
        guest.close();
        assertEquals(List.of(), guest.faults);
    }

    private byte[] arpAnswer() throws InterruptedException { return guest.arps.poll(60, TimeUnit.SECONDS); }

    /** The next packet of the type, put together if it came in pieces; its payload. */
    private byte[] payload(int protocol) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            byte[] p = guest.other();
            assertEquals(protocol, u8(p, L3 + 9));
            assertTrue(p.length - L3 <= 1500, "a packet of " + (p.length - L3));
            assertEquals(all.size(), (u16(p, L3 + 6) & 0x1FFF) * 8);
            all.write(p, L4, p.length - L4);
            if ((u16(p, L3 + 6) & 0x2000) == 0) return all.toByteArray();
        }
    }

    // ---- ARP

    @Test
    void gatewayAndNameServerHaveCardsAndNobodyElse() throws Exception {
        byte[] a = arpAnswer();
        assertEquals(2, u16(a, L3 + 6));
        assertEquals(GATEWAY, i32(a, L3 + 14));
        assertArrayEquals(new byte[] {0x52, 0x55, 10, 0, 2, 2}, Arrays.copyOfRange(a, L3 + 8, L3 + 14));
        assertArrayEquals(MAC, Arrays.copyOfRange(a, L2, L2 + 6));
        guest.send(arp(1, GUEST, ip("10.0.2.77")));
        guest.send(arp(1, GUEST, DNS));
        assertEquals(DNS, i32(arpAnswer(), L3 + 14));
    }

    @Test
    void neighboursAreRememberedInBounds() {
        for (int i = 0; i < 200; i++) guest.send(arp(1, ip("10.0.2.0") + 20 + i, GATEWAY));
        assertEquals(64, net.arp().size());
    }

    // ---- DHCP

    private static byte[] dhcp(int type, int client, int requested, int server, int flags) {
        byte[] m = new byte[300];
        m[0] = 1;
        m[1] = 1;
        m[2] = 6;
        put32(m, 4, 0x12345678);
        put16(m, 10, flags);
        put32(m, 12, client);
        System.arraycopy(MAC, 0, m, 28, 6);
        int at = 236;
        put32(m, at, 0x63825363);
        at += 4;
        if (type != 0) at = option(m, at, 53, new byte[] {(byte) type});
        if (requested != 0) at = option(m, at, 50, four(requested));
        if (server != 0) at = option(m, at, 54, four(server));
        m[at] = (byte) 255;
        return m;
    }

    private static byte[] four(int v) {
        byte[] b = new byte[4];
        put32(b, 0, v);
        return b;
    }

    private static int option(byte[] m, int at, int code, byte[] value) {
        m[at] = (byte) code;
        m[at + 1] = (byte) value.length;
        System.arraycopy(value, 0, m, at + 2, value.length);
        return at + 2 + value.length;
    }

    private static byte[] option(byte[] m, int code) {
        for (int at = 240; m[at] != -1; at += 2 + m[at + 1]) if (m[at] == code) return Arrays.copyOfRange(m, at + 2, at + 2 + m[at + 1]);
        return null;
    }

    private byte[] dialogue(byte[] message) throws InterruptedException {
        guest.send(udp(0, 68, -1, 67, message));
        return guest.datagram();
    }

    @Test
    void dhcpGivesTheGuestItsAddress() throws Exception {
        byte[] offer = dialogue(dhcp(1, 0, 0, 0, 0));
        assertEquals(2, offer[0]);
        assertEquals(0x12345678, i32(offer, 4));
        assertEquals(GUEST, i32(offer, 16));
        assertArrayEquals(new byte[] {2}, option(offer, 53));
        assertArrayEquals(four(GATEWAY), option(offer, 54));
        byte[] ack = dialogue(dhcp(3, 0, GUEST, GATEWAY, 0));
        assertArrayEquals(new byte[] {5}, option(ack, 53));
        assertArrayEquals(four(ip("255.255.255.0")), option(ack, 1));
        assertArrayEquals(four(GATEWAY), option(ack, 3));
        assertArrayEquals(four(DNS), option(ack, 6));
        assertArrayEquals(four(86_400), option(ack, 51));
        assertNull(option(ack, 12));
        byte[] renewed = dialogue(dhcp(3, GUEST, 0, 0, 0));
        assertArrayEquals(new byte[] {5}, option(renewed, 53));
    }

    @Test
    void dhcpRefusesOtherAddresses() throws Exception {
        byte[] nak = dialogue(dhcp(3, 0, ip("10.0.2.99"), 0, 0));
        assertArrayEquals(new byte[] {6}, option(nak, 53));
        assertEquals(0, i32(nak, 16));
        guest.send(udp(0, 68, -1, 67, dhcp(3, 0, GUEST, ip("10.0.2.200"), 0))); // it chose another server
        byte[] offer = dialogue(dhcp(1, 0, 0, 0, 0x8000));
        assertArrayEquals(new byte[] {2}, option(offer, 53));
    }

    @Test
    void dhcpAnswersToAllWhoAskedForThat() throws Exception {
        guest.send(udp(0, 68, -1, 67, dhcp(1, 0, 0, 0, 0x8000)));
        byte[] p = guest.other();
        assertArrayEquals(ALL, Arrays.copyOfRange(p, L2, L2 + 6));
        assertEquals(-1, i32(p, L3 + 16));
        guest.send(udp(0, 68, -1, 67, dhcp(1, 0, 0, 0, 0)));
        p = guest.other();
        assertArrayEquals(MAC, Arrays.copyOfRange(p, L2, L2 + 6));
        assertEquals(GUEST, i32(p, L3 + 16));
    }

    @Test
    void networkAndNameAreAsTheOptionsSay() throws Exception {
        open("net=192.168.7.0/26,hostname=rex");
        byte[] offer = dialogue(dhcp(1, 0, 0, 0, 0));
        assertEquals(ip("192.168.7.15"), i32(offer, 16));
        assertArrayEquals(four(ip("192.168.7.2")), option(offer, 3));
        assertArrayEquals(four(ip("192.168.7.3")), option(offer, 6));
        assertArrayEquals(four(ip("255.255.255.192")), option(offer, 1));
        assertEquals("rex", new String(option(offer, 12), StandardCharsets.US_ASCII));
    }

    @Test
    void bootpAndInformAreAnswered() throws Exception {
        byte[] bootp = dialogue(dhcp(0, 0, 0, 0, 0));
        assertEquals(GUEST, i32(bootp, 16));
        assertNull(option(bootp, 53));
        byte[] inform = dialogue(dhcp(8, GUEST, 0, 0, 0));
        assertArrayEquals(new byte[] {5}, option(inform, 53));
        assertEquals(0, i32(inform, 16));
        assertNull(option(inform, 51));
    }

    // ---- DNS

    private static byte[] query(int id, String name, int type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
        return out.toByteArray();
    }

    private byte[] ask(byte[] query) throws InterruptedException {
        guest.send(udp(GUEST, 4444, DNS, 53, query));
        byte[] p = guest.other();
        assertEquals(DNS, i32(p, L3 + 12));
        assertEquals(53, u16(p, L4));
        assertEquals(4444, u16(p, L4 + 2));
        return Arrays.copyOfRange(p, L4 + 8, p.length);
    }

    /** A name server on loopback that answers queries, each with itself turned round and a mark behind it. */
    private static DatagramSocket resolver(String mark) throws IOException { return resolver(mark, 0x80); }

    private static DatagramSocket resolver(String mark, int response) throws IOException {
        DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> {
            DatagramPacket p = new DatagramPacket(new byte[1500], 1500);
            try {
                while (true) {
                    s.receive(p);
                    byte[] answer = Arrays.copyOf(p.getData(), p.getLength() + mark.length());
                    answer[2] |= (byte) response;
                    System.arraycopy(mark.getBytes(StandardCharsets.US_ASCII), 0, answer, p.getLength(), mark.length());
                    s.send(new DatagramPacket(answer, answer.length, p.getSocketAddress()));
                    p.setLength(1500);
                }
            } catch (IOException e) {
                assertTrue(s.isClosed());
            }
        });
        return s;
    }

    private static String mark(byte[] answer, byte[] query) {
        return new String(answer, query.length, answer.length - query.length, StandardCharsets.US_ASCII);
    }

    @Test
    void queriesGoToTheHostsResolver() throws Exception {
        try (DatagramSocket r = resolver("first")) {
            outside.resolvers.add((InetSocketAddress) r.getLocalSocketAddress());
            byte[] q = query(77, "example.test", 1);
            byte[] a = ask(q);
            assertEquals(77, u16(a, 0));
            assertEquals("first", mark(a, q));
        }
        assertEquals(0, net.udp().dns().queries());
    }

    @Test
    void aResolverThatIsNotThereIsPassedOver() throws Exception {
        InetSocketAddress nobody;
        try (DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) s.getLocalSocketAddress();
        }
        outside.resolvers.add(nobody);
        byte[] q = query(78, "example.test", 1);
        assertEquals(2, ask(q)[3] & 15); // server failure
        try (DatagramSocket r = resolver("second")) {
            outside.resolvers.add((InetSocketAddress) r.getLocalSocketAddress());
            assertEquals("second", mark(ask(q), q));
        }
    }

    @Test
    void aQueryThatComesBackIsNoAnswer() throws Exception {
        try (DatagramSocket echo = resolver("", 0); DatagramSocket r = resolver("second")) {
            outside.resolvers.add((InetSocketAddress) echo.getLocalSocketAddress());
            outside.resolvers.add((InetSocketAddress) r.getLocalSocketAddress());
            byte[] q = query(79, "example.test", 1);
            assertEquals("second", mark(ask(q), q)); // after two seconds
        }
    }

    @Test
    void aResolverThatSaysNothingIsPassedOverWhenTheGuestAsksAgain() throws Exception {
        try (DatagramSocket mute = new DatagramSocket(0, InetAddress.getLoopbackAddress()); DatagramSocket r = resolver("second")) {
            outside.resolvers.add((InetSocketAddress) mute.getLocalSocketAddress());
            outside.resolvers.add((InetSocketAddress) r.getLocalSocketAddress());
            byte[] q = query(79, "example.test", 1);
            guest.send(udp(GUEST, 4444, DNS, 53, q));
            assertEquals("second", mark(ask(q), q));
            byte[] again = query(80, "example.test", 1);
            assertEquals("second", mark(ask(again), again)); // after two seconds by itself
        }
    }

    @Test
    void tooManyQueriesAreBounded() throws Exception {
        try (DatagramSocket mute = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            outside.resolvers.add((InetSocketAddress) mute.getLocalSocketAddress());
            int most = 0; // each is given up after two seconds
            for (int i = 0; i < 1000; i++) {
                guest.send(udp(GUEST, 5000 + i, DNS, 53, query(i, "example.test", 1)));
                most = Math.max(most, net.udp().dns().queries());
            }
            assertEquals(64, most);
        }
    }

    @Test
    void withoutResolversTheJvmIsAsked() throws Exception {
        byte[] q = query(81, "localhost", 1);
        byte[] a = ask(q);
        assertEquals(0, a[3] & 15);
        assertEquals(1, u16(a, 6));
        assertEquals(0x7F000001, i32(a, q.length + 12));
        byte[] unknown = ask(query(82, "[zz]", 1)); // no name: nobody is asked
        assertEquals(3, unknown[3] & 15);
        assertEquals(0, u16(unknown, 6));
        assertEquals(4, ask(query(83, "localhost", 15))[3] & 15); // MX
        byte[] reverse = query(84, "1.0.0.127.in-addr.arpa", 12);
        byte[] name = ask(reverse);
        assertEquals(1, u16(name, 6));
        assertEquals(InetAddress.getLoopbackAddress().getCanonicalHostName().split("\\.")[0],
            new String(name, reverse.length + 13, name[reverse.length + 12], StandardCharsets.US_ASCII));
        byte[] cut = Arrays.copyOf(q, q.length - 3);
        assertEquals(1, ask(cut)[3] & 15);
    }

    @Test
    void resolverConfigurationIsRead() {
        List<InetSocketAddress> found = HostOutside.parse(List.of("# nameserver 192.0.2.1", "search example", "nameserver 127.0.0.53  # local",
            "\tnameserver  ::1", "nameserver nonsense", "nameserver", "nameserver 192.0.2.2", "nameserver 192.0.2.3"));
        assertEquals(List.of("127.0.0.53", "0:0:0:0:0:0:0:1", "192.0.2.2"), found.stream().map(a -> a.getAddress().getHostAddress()).toList());
        assertEquals(53, found.getFirst().getPort());
    }

    @Test
    void namesMayBeAskedByTcp() throws Exception {
        try (ServerSocket r = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            outside.resolvers.add((InetSocketAddress) r.getLocalSocketAddress());
            TestSocket s = guest.connect("10.0.2.3", 53);
            try (Socket c = r.accept()) {
                s.connected().write(new byte[] {1, 2, 3});
                assertArrayEquals(new byte[] {1, 2, 3}, c.getInputStream().readNBytes(3));
                s.reset();
            }
        }
        guest.connect("10.0.2.3", 54).awaitReset();
    }

    // ---- UDP

    private static DatagramSocket host() throws IOException {
        DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        s.setSoTimeout(60_000);
        return s;
    }

    private static DatagramPacket receive(DatagramSocket s) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[65_536], 65_536);
        s.receive(p);
        return p;
    }

    private static byte[] content(DatagramPacket p) { return Arrays.copyOf(p.getData(), p.getLength()); }

    @Test
    void datagramsGoOutAndComeBack() throws Exception {
        try (DatagramSocket host = host()) {
            for (int to : new int[] {GATEWAY, FAR}) {
                guest.send(udp(GUEST, 3333, to, host.getLocalPort(), "ping".getBytes()));
                DatagramPacket p = receive(host);
                assertEquals("ping", new String(content(p)));
                host.send(new DatagramPacket("pong!".getBytes(), 5, p.getSocketAddress()));
                byte[] back = guest.other();
                assertEquals(to, i32(back, L3 + 12));
                assertEquals(host.getLocalPort(), u16(back, L4));
                assertEquals(3333, u16(back, L4 + 2));
                assertEquals("pong!", new String(back, L4 + 8, 5));
            }
            assertEquals(1, net.udp().flows());
        }
    }

    @Test
    void answersMayComeFromOtherPortsButNotFromStrangers() throws Exception {
        try (DatagramSocket host = host(); DatagramSocket other = host(); DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"))) {
            guest.send(udp(GUEST, 3333, GATEWAY, host.getLocalPort(), "x".getBytes()));
            int port = receive(host).getPort();
            InetSocketAddress flow = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            stranger.send(new DatagramPacket("stranger".getBytes(), 8, flow));
            other.send(new DatagramPacket("other".getBytes(), 5, flow));
            byte[] back = guest.other();
            assertEquals(other.getLocalPort(), u16(back, L4));
            assertEquals("other", new String(back, L4 + 8, 5));
        }
    }

    @Test
    void largeDatagramsTravelInFragmentsBothWays() throws Exception {
        byte[] large = new byte[20_001];
        new Random(3).nextBytes(large);
        try (DatagramSocket host = host()) {
            byte[] whole = udp(GUEST, 3333, GATEWAY, host.getLocalPort(), large);
            List<byte[]> pieces = fragments(whole, 1480, 7);
            java.util.Collections.shuffle(pieces, new Random(5));
            pieces.forEach(guest::send);
            DatagramPacket p = receive(host);
            assertArrayEquals(large, content(p));
            assertEquals(0, net.ip().reassembly().size());
            host.send(new DatagramPacket(large, large.length, p.getSocketAddress()));
            byte[] back = payload(17);
            assertArrayEquals(large, Arrays.copyOfRange(back, 8, back.length));
        }
    }

    private static List<byte[]> fragments(byte[] p, int size, int id) {
        List<byte[]> all = new java.util.ArrayList<>();
        for (int at = L4; at < p.length; at += size) {
            int n = Math.min(size, p.length - at);
            byte[] f = Arrays.copyOf(p, L4 + n);
            System.arraycopy(p, at, f, L4, n);
            put16(f, L3 + 2, 20 + n);
            put16(f, L3 + 4, id);
            put16(f, L3 + 6, (at - L4) / 8 | (at + n < p.length ? 0x2000 : 0));
            sumIp(f);
            all.add(f);
        }
        return all;
    }

    @Test
    void fragmentsThatNeverBecomeWholeAreBounded() throws Exception {
        byte[] p = echo(GUEST, GATEWAY, 1, 1, 4000);
        for (int id = 0; id < 500; id++) guest.send(fragments(p, 1480, id).get(id % 3));
        assertEquals(Reassembly.MAX, net.ip().reassembly().size());
        fragments(p, 1480, 1000).forEach(guest::send);
        assertEquals(4008, payload(1).length);
    }

    @Test
    void contradictoryFragmentsAreDropped() throws Exception {
        byte[] p = echo(GUEST, GATEWAY, 1, 1, 4000);
        List<byte[]> f = fragments(p, 1480, 5);
        guest.send(f.get(2));
        byte[] beyond = f.get(1).clone();
        put16(beyond, L3 + 6, 0x2000 | 600);
        sumIp(beyond);
        guest.send(beyond);
        assertEquals(0, net.ip().reassembly().size());
    }

    @Test
    void flowsAreBoundedAndTheIdlestGoes() throws Exception {
        try (DatagramSocket host = host()) {
            for (int i = 0; i < Udp.MAX_FLOWS + 50; i++) {
                guest.send(udp(GUEST, 10_000 + i, GATEWAY, host.getLocalPort(), new byte[] {1}));
                receive(host);
            }
            assertEquals(Udp.MAX_FLOWS, net.udp().flows());
        }
    }

    @Test
    void forwardedDatagramsReachTheGuest() throws Exception {
        int port;
        try (DatagramSocket s = host()) {
            port = s.getLocalPort();
        }
        open("hostfwd=udp:" + port + "-:69");
        try (DatagramSocket client = host()) {
            client.send(new DatagramPacket("hello".getBytes(), 5, InetAddress.getLoopbackAddress(), port));
            byte[] p = guest.other();
            assertEquals(GATEWAY, i32(p, L3 + 12));
            assertEquals(client.getLocalPort(), u16(p, L4));
            assertEquals(69, u16(p, L4 + 2));
            guest.send(udp(GUEST, 69, GATEWAY, client.getLocalPort(), "welcome".getBytes()));
            DatagramPacket back = receive(client);
            assertEquals("welcome", new String(content(back)));
            assertEquals(port, back.getPort());
            assertEquals(0, net.udp().flows());
        }
    }

    @Test
    void forwardAsksWhoTheGuestIs() throws Exception {
        int port;
        try (DatagramSocket s = host()) {
            port = s.getLocalPort();
        }
        net.close();
        net = new UserNet("test", Settings.parse("hostfwd=udp:" + port + "-:69"), outside, reason -> { });
        guest = new TestGuest(net, "10.0.2.15"); // has said nothing yet
        try (DatagramSocket client = host()) {
            client.send(new DatagramPacket("hello".getBytes(), 5, InetAddress.getLoopbackAddress(), port));
            assertEquals(GUEST, i32(arpAnswer(), L3 + 24)); // the first is lost, but now the guest is known
            for (byte[] p = null; p == null; p = guest.others.poll(100, TimeUnit.MILLISECONDS))
                client.send(new DatagramPacket("hello".getBytes(), 5, InetAddress.getLoopbackAddress(), port));
        }
    }

    // ---- ICMP

    @Test
    void gatewayAnswersEchoes() throws Exception {
        guest.send(echo(GUEST, GATEWAY, 9, 4, 56));
        byte[] r = payload(1);
        assertEquals(0, r[0]);
        assertEquals(0xFFFF, sum(0, r, 0, r.length));
        assertEquals(9, u16(r, 4));
        assertEquals(4, u16(r, 6));
        assertEquals(64, r.length);
        fragments(echo(GUEST, DNS, 9, 5, 60_000), 1480, 3).forEach(guest::send);
        assertEquals(60_008, payload(1).length);
    }

    @Test
    void othersAnswerIfTheHostFindsThem() throws Exception {
        guest.send(echo(GUEST, FAR, 9, 4, 56));
        byte[] p = guest.other();
        assertEquals(0, p[L4]);
        assertEquals(FAR, i32(p, L3 + 12));
        outside.there = false;
        guest.send(echo(GUEST, FAR, 9, 5, 56));
        assertError(3, 1, FAR);
    }

    @Test
    void loopbackIsReachedByWhateverMeansThereAre() throws Exception {
        HostOutside host = new HostOutside(java.nio.file.Path.of("/nonexistent"));
        assertEquals(List.of(), host.resolvers());
        assertTrue(host.ping(InetAddress.getLoopbackAddress(), new byte[] {1, 2, 3}, 60_000)); // a refused knock is an answer, too
    }

    @Test
    void socketsForEchoesAreUsedWhereTheyMayBe() throws Exception {
        assumeTrue(PingSocket.supported());
        try {
            assertTrue(PingSocket.ping(UserNet.LOOPBACK, new byte[] {1, 2, 3}, 60_000));
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("ping_group_range"), e.getMessage()); // not here
        }
    }

    private void assertError(int type, int code, int about) throws InterruptedException {
        byte[] p = guest.other();
        assertEquals(type << 8 | code, u16(p, L4));
        assertEquals(GATEWAY, i32(p, L3 + 12));
        assertEquals(about, i32(p, L4 + 8 + 16));
        assertEquals(0xFFFF, sum(0, p, L4, p.length));
    }

    @Test
    void errorsComeBackForWhatCannotBeDelivered() throws Exception {
        byte[] dying = echo(GUEST, FAR, 1, 1, 20);
        dying[L3 + 8] = 1;
        sumIp(dying);
        guest.send(dying);
        assertError(11, 0, FAR);
        guest.send(ip(47, GUEST, FAR, new byte[30], -1));
        guest.send(udp(GUEST, 7, DNS, 7, new byte[3]));
        assertError(3, 3, DNS);
    }

    @Test
    void whatTheHostCannotReachIsUnreachableToTheGuest() throws Exception {
        outside.world = Plan.address(ip("224.0.0.1")); // where no TCP connection leads: nothing is sent
        guest.connect("192.0.2.7", 80);
        byte[] p = guest.other();
        assertEquals(3 << 8, u16(p, L4)); // no such network
        assertEquals(FAR, i32(p, L4 + 8 + 16));
        assertEquals(6, u8(p, L4 + 8 + 9));
        assertEquals(80, u16(p, L4 + 8 + 22));
        assertEquals(0xFFFF, sum(0, p, L4 + 8, L4 + 28));
        assertTrue(net.tcp().idle());
    }

    @Test
    void unknownProtocolsAreUnreachable() throws Exception {
        byte[] p = ip(132, GUEST, FAR, new byte[30], 8);
        guest.send(p);
        assertError(3, 2, FAR);
    }

    @Test
    void restrictedGuestsAreToldSo() throws Exception {
        open("restrict=on");
        guest.send(echo(GUEST, FAR, 1, 1, 20));
        assertError(3, 13, FAR);
        guest.send(udp(GUEST, 7, GATEWAY, 7, new byte[3]));
        assertError(3, 13, GATEWAY);
        assertEquals(5, ask(query(1, "localhost", 1))[3] & 15);
        assertEquals(GUEST, i32(dialogue(dhcp(1, 0, 0, 0, 0)), 16));
        guest.send(echo(GUEST, GATEWAY, 1, 1, 20));
        assertEquals(0, payload(1)[0]);
    }

    @Test
    void badChecksumsAndForeignSourcesAreDropped() throws Exception {
        byte[] bad = echo(GUEST, GATEWAY, 1, 1, 20);
        bad[L4 + 10] ^= 1;
        guest.send(bad);
        bad = echo(GUEST, GATEWAY, 1, 2, 20);
        bad[L3 + 8] ^= 1;
        guest.send(bad);
        guest.send(echo(FAR, GATEWAY, 1, 3, 20));
        guest.send(echo(GATEWAY, GATEWAY, 1, 4, 20));
        guest.send(echo(GUEST, ip("127.0.0.1"), 1, 5, 20));
        guest.send(echo(GUEST, ip("224.0.0.1"), 1, 6, 20));
        guest.send(echo(GUEST, GATEWAY, 1, 7, 20));
        assertEquals(7, u16(payload(1), 6));
    }

    // ---- options

    private static String refused(String options) { return assertThrows(IOException.class, () -> Settings.parse(options)).getMessage(); }

    @Test
    void optionsThatMakeNoSenseAreToldInSentences() {
        assertTrue(refused("nat=1").startsWith("'nat=1' is no option of the user network; there are: net="));
        assertTrue(refused("net=10.0.2.0/24,").startsWith("'' is no option"));
        assertTrue(refused("net=10.0.2.0").contains("no network"));
        assertTrue(refused("net=10.0.2.0/30").contains("8 to 28"));
        assertTrue(refused("net=10.0.300.0/24").contains("10.0.300.0 is no IPv4 address"));
        assertTrue(refused("net=127.0.0.0/24").contains("cannot be"));
        assertTrue(refused("hostname=-x").contains("no host name"));
        assertTrue(refused("restrict=maybe").contains("restrict=on or restrict=off"));
        assertTrue(refused("hostfwd=2222-22").contains("hostfwd=tcp:2222-:22"));
        assertTrue(refused("hostfwd=tcp:99999-:22").contains("1 to 65535"));
        assertTrue(refused("hostfwd=tcp:2222-:0").contains("1 to 65535"));
        assertTrue(refused("hostfwd=tcp:1.2.3:2222-:22").contains("1.2.3 is no IPv4 address"));
        assertTrue(refused("hostfwd=tcp:2222-10.0.2.2:22").contains("no address that the guest could have"));
        assertTrue(refused("hostfwd=tcp:2222-192.168.0.1:22").contains("no address that the guest could have"));
    }

    @Test
    void forwardsAreUnderstood() throws IOException {
        List<Settings.Forward> f = Settings.parse("hostfwd=tcp:2222-:22,hostfwd=udp::69-:69,hostfwd=tcp:0.0.0.0:80-10.0.9.20:8080,net=10.0.9.0/24").forwards();
        assertEquals(List.of("tcp:127.0.0.1:2222-10.0.9.15:22", "udp:127.0.0.1:69-10.0.9.15:69", "tcp:0.0.0.0:80-10.0.9.20:8080"),
            f.stream().map(Object::toString).toList());
    }

    @Test
    void providerIsForNetworkCards() {
        assertEquals(DeviceType.NET, new UserNets().type());
        assertEquals("user", new UserNets().scheme());
        assertEquals(1 | 2 | 1 << 7 | 1 << 11, net.offloads());
    }
}
