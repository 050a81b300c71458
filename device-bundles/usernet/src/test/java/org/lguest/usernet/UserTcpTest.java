package org.lguest.usernet;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.NetBackend;

/** TCP through the user network, to servers on loopback. */
@Timeout(600)
class UserTcpTest {
    private static final String GATEWAY = "10.0.2.2";
    private static final int MEGA = 1 << 20;

    private UserNet net;
    private TestGuest guest;
    private ServerSocket server;

    @BeforeEach
    void setUp() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open("");
    }

    private void open(String options) throws IOException {
        net = new UserNet("test", Settings.parse(options), new NoOutside(), reason -> guest.faults.add(reason));
        guest = new TestGuest(net, "10.0.2.15");
    }

    @AfterEach
    void tearDown() throws Exception {
        guest.close();
        server.close();
        assertEquals(List.of(), guest.faults);
        assertTrue(net.tcp().idle(), "connections are left");
    }

    private TestSocket connect() throws InterruptedException { return guest.connect(GATEWAY, server.getLocalPort()).connected(); }

    private static byte[] random(int n, long seed) {
        byte[] b = new byte[n];
        new Random(seed).nextBytes(b);
        return b;
    }

    private static long crc(byte[] b) {
        CRC32 c = new CRC32();
        c.update(b);
        return c.getValue();
    }

    private interface Work<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> async(Work<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                done.complete(work.run());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static <T> T get(CompletableFuture<T> f) throws Exception { return f.get(240, TimeUnit.SECONDS); }

    private CompletableFuture<Void> echoServer() {
        return async(() -> {
            try (Socket s = server.accept()) {
                s.getInputStream().transferTo(s.getOutputStream());
            }
            return null;
        });
    }

    private void awaitIdle() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!net.tcp().idle() && System.nanoTime() < end) LockSupport.parkNanos(100_000);
        assertTrue(net.tcp().idle(), net::describe);
    }

    @Test
    void wordsComeBackAndBothEndsArePassedOn() throws Exception {
        CompletableFuture<Void> echo = echoServer();
        TestSocket s = connect();
        for (int i = 1; i < 50; i++) {
            byte[] word = random(i * 7, i);
            s.write(word);
            assertArrayEquals(word, s.readFully(word.length));
        }
        s.end();
        s.awaitEnds();
        get(echo);
        awaitIdle();
    }

    @Test
    void twentyMegabytesFromTheHostArriveInLargeSegments() throws Exception {
        byte[] all = random(20 * MEGA, 1);
        CompletableFuture<Void> sent = async(() -> {
            try (Socket c = server.accept()) {
                c.getOutputStream().write(all);
            }
            return null;
        });
        TestSocket s = connect();
        assertEquals(crc(all), crc(s.readFully(all.length)));
        assertEquals(0, s.read(1).length);
        get(sent);
        assertTrue(s.largest > 30_000, "the largest segment had " + s.largest);
        s.end();
        s.awaitEnds();
    }

    @Test
    void twentyMegabytesToTheHostArriveWhole() throws Exception {
        byte[] all = random(20 * MEGA, 2);
        CompletableFuture<byte[]> got = async(() -> {
            try (Socket c = server.accept()) {
                return c.getInputStream().readAllBytes();
            }
        });
        TestSocket s = connect();
        s.write(all);
        s.end();
        assertEquals(crc(all), crc(get(got)));
        s.awaitEnds();
    }

    @Test
    void bothDirectionsAtOnceAreIndependent() throws Exception {
        byte[] out = random(8 * MEGA, 3), in = random(8 * MEGA, 4);
        CompletableFuture<byte[]> got = async(() -> {
            try (Socket c = server.accept()) {
                CompletableFuture<Void> writer = async(() -> {
                    c.getOutputStream().write(in);
                    c.shutdownOutput();
                    return null;
                });
                byte[] all = c.getInputStream().readAllBytes();
                get(writer);
                return all;
            }
        });
        TestSocket s = connect();
        CompletableFuture<byte[]> reader = async(() -> s.readFully(in.length));
        s.write(out);
        s.end();
        assertArrayEquals(in, get(reader));
        assertArrayEquals(out, get(got));
        s.awaitEnds();
    }

    @Test
    void guestWithoutOffloadsOrScaleIsServedToo() throws Exception {
        guest.close();
        open("");
        CompletableFuture<Void> echo = echoServer();
        TestSocket.Manners plain = new TestSocket.Manners().noScale();
        plain.offload = false;
        plain.mss = 536;
        TestSocket s = guest.connect(GATEWAY, server.getLocalPort(), plain).connected();
        byte[] all = random(MEGA, 5);
        CompletableFuture<byte[]> reader = async(() -> s.readFully(all.length));
        s.write(all);
        assertArrayEquals(all, get(reader));
        s.end();
        s.awaitEnds();
        get(echo);
    }

    @Test
    void hostMayGoOnAfterTheGuestHasEnded() throws Exception {
        CompletableFuture<String> got = async(() -> {
            try (Socket c = server.accept()) {
                byte[] asked = c.getInputStream().readAllBytes(); // to the guest's end
                c.getOutputStream().write(("answer to " + new String(asked)).getBytes());
                return new String(asked);
            }
        });
        TestSocket s = connect();
        s.write("question".getBytes());
        s.end();
        assertEquals("answer to question", new String(s.readFully(18)));
        assertEquals("question", get(got));
        s.awaitEnds();
        awaitIdle(); // the guest ended first, so nothing lingers
    }

    @Test
    void guestMayGoOnAfterTheHostHasEnded() throws Exception {
        CompletableFuture<byte[]> got = async(() -> {
            try (Socket c = server.accept()) {
                c.shutdownOutput();
                return c.getInputStream().readAllBytes();
            }
        });
        TestSocket s = connect();
        assertEquals(0, s.read(1).length);
        byte[] all = random(MEGA, 6);
        s.write(all);
        s.end();
        assertArrayEquals(all, get(got));
        s.awaitEnds();
    }

    @Test
    void refusedPortIsRefusedToTheGuest() throws Exception {
        int port = server.getLocalPort();
        server.close();
        guest.connect(GATEWAY, port).awaitReset();
        awaitIdle();
    }

    @Test
    void resetOfTheHostResetsTheGuest() throws Exception {
        CompletableFuture<Void> done = async(() -> {
            try (Socket c = server.accept()) {
                c.setSoLinger(true, 0);
                assertEquals('x', c.getInputStream().read());
            }
            return null;
        });
        TestSocket s = connect();
        s.write(new byte[] {'x'});
        s.awaitReset();
        get(done);
        awaitIdle();
    }

    @Test
    void resetOfTheGuestResetsTheHost() throws Exception {
        CompletableFuture<Throwable> done = async(() -> {
            try (Socket c = server.accept()) {
                InputStream in = c.getInputStream();
                assertEquals('x', in.read());
                return assertThrows(SocketException.class, in::read);
            }
        });
        TestSocket s = connect();
        s.write(new byte[] {'x'});
        s.reset();
        assertTrue(get(done).getMessage().contains("reset"));
        awaitIdle();
    }

    @Test
    void slowHostStopsTheGuestWithoutGrowth() throws Exception {
        byte[] all = random(24 * MEGA, 7);
        CompletableFuture<Void> start = new CompletableFuture<>();
        CompletableFuture<byte[]> got = async(() -> {
            try (Socket c = server.accept()) {
                get(start);
                return c.getInputStream().readAllBytes();
            }
        });
        TestSocket s = connect();
        CompletableFuture<Void> writer = async(() -> {
            s.write(all);
            s.end();
            return null;
        });
        s.awaitShut();
        assertFalse(writer.isDone());
        start.complete(null);
        assertEquals(crc(all), crc(get(got)));
        get(writer);
        s.awaitEnds();
    }

    @Test
    void guestThatDoesNotReadStopsTheHost() throws Exception {
        byte[] all = random(24 * MEGA, 8);
        AtomicInteger written = new AtomicInteger();
        CompletableFuture<Void> sender = async(() -> {
            try (Socket c = server.accept()) {
                OutputStream out = c.getOutputStream();
                for (int at = 0; at < all.length; at += MEGA / 8) {
                    out.write(all, at, MEGA / 8);
                    written.addAndGet(MEGA / 8);
                }
            }
            return null;
        });
        TestSocket s = connect();
        s.awaitUnread(250_000); // its buffer is as good as full
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (s.probes < 1 && System.nanoTime() < end) LockSupport.parkNanos(100_000); // the window is shut, and somebody knocks
        assertTrue(s.probes >= 1, s::toString);
        assertFalse(sender.isDone());
        assertTrue(written.get() < 20 * MEGA, "the host could write " + written.get());
        assertEquals(crc(all), crc(s.readFully(all.length)));
        get(sender);
        s.end();
        s.awaitEnds();
    }

    @Test
    void smallWindowsOfTheGuestAreRespected() throws Exception {
        TestSocket.Manners narrow = new TestSocket.Manners();
        narrow.buffer = 3000;
        narrow.scale = 0;
        byte[] all = random(300_000, 9);
        CompletableFuture<Void> sender = async(() -> {
            try (Socket c = server.accept()) {
                c.getOutputStream().write(all);
            }
            return null;
        });
        TestSocket s = guest.connect(GATEWAY, server.getLocalPort(), narrow).connected();
        assertArrayEquals(all, s.readFully(all.length));
        assertTrue(s.largest <= 3000);
        get(sender);
        s.end();
        s.awaitEnds();
    }

    /** The tenth TCP packet is lost, and one in so many others, by chance: what is lost regularly might hit the same one for ever. */
    private static java.util.function.Predicate<byte[]> oneIn(int n, AtomicInteger lost) {
        Random chance = new Random(n);
        AtomicInteger count = new AtomicInteger();
        return p -> {
            boolean tcp = p.length > Frames.L4 && p[Frames.L3 + 9] == 6, lose;
            synchronized (chance) {
                lose = tcp && (count.incrementAndGet() == 10 | chance.nextInt(n) == 0);
            }
            if (lose) lost.incrementAndGet();
            return lose;
        };
    }

    @Test
    void packetsLostOnTheWayToTheGuestAreSentAgain() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        guest.loseReceived = oneIn(9, lost);
        byte[] all = random(2 * MEGA, 10);
        CompletableFuture<Void> sender = async(() -> {
            try (Socket c = server.accept()) {
                c.getOutputStream().write(all);
            }
            return null;
        });
        TestSocket s = connect();
        assertEquals(crc(all), crc(s.readFully(all.length)));
        assertEquals(0, s.read(1).length);
        get(sender);
        assertTrue(lost.get() > 0);
        guest.loseReceived = p -> false;
        s.end();
        s.awaitEnds();
    }

    @Test
    void packetsLostOnTheWayFromTheGuestAreTakenWhenTheyComeAgain() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        guest.loseSent = oneIn(7, lost);
        byte[] all = random(2 * MEGA, 11);
        CompletableFuture<byte[]> got = async(() -> {
            try (Socket c = server.accept()) {
                return c.getInputStream().readAllBytes();
            }
        });
        TestSocket s = connect();
        s.write(all);
        s.end();
        assertEquals(crc(all), crc(get(got)));
        assertTrue(lost.get() > 0);
        assertTrue(s.resent > 0);
        guest.loseSent = p -> false;
        s.awaitEnds();
    }

    @Test
    void lostHandshakesAreMadeAgain() throws Exception {
        AtomicInteger sent = new AtomicInteger(), came = new AtomicInteger();
        guest.loseSent = p -> sent.incrementAndGet() == 1;     // the first SYN
        guest.loseReceived = p -> came.incrementAndGet() == 1; // the first SYN ACK
        CompletableFuture<Void> echo = echoServer();
        TestSocket s = connect();
        s.write("here".getBytes());
        assertEquals("here", new String(s.readFully(4)));
        s.end();
        s.awaitEnds();
        get(echo);
    }

    @Test
    void forwardedPortsReachTheGuest() throws Exception {
        int port = freePort();
        guest.close();
        open("hostfwd=tcp:" + port + "-:80,hostfwd=tcp:127.0.0.1:" + freePort() + "-10.0.2.15:81");
        TestSocket listener = guest.listen(80, new TestSocket.Manners());
        byte[] there = random(3 * MEGA, 12), back = random(3 * MEGA, 13);
        try (Socket c = new Socket(InetAddress.getLoopbackAddress(), port)) {
            TestSocket s = listener.accepted.poll(120, TimeUnit.SECONDS);
            assertNotNull(s, "the guest was not called");
            s.connected();
            assertEquals(c.getLocalPort(), s.peerPort());
            assertEquals(Frames.ip(GATEWAY), s.peerAddress());
            CompletableFuture<Void> writer = async(() -> {
                c.getOutputStream().write(there);
                c.shutdownOutput();
                return null;
            });
            assertArrayEquals(there, s.readFully(there.length));
            get(writer);
            s.write(back);
            s.end();
            assertArrayEquals(back, c.getInputStream().readAllBytes());
            s.awaitEnds();
        }
    }

    @Test
    void forwardsToAPortWhereNobodyListensAreReset() throws Exception {
        int port = freePort();
        guest.close();
        open("hostfwd=tcp:" + port + "-:80");
        guest.answersArp = true;
        CompletableFuture<Void> refuse = async(() -> {
            byte[] syn = guest.strays.poll(120, TimeUnit.SECONDS);
            assertNotNull(syn);
            byte[] t = new byte[20];
            Frames.put16(t, 0, 80);
            Frames.put16(t, 2, Frames.u16(syn, Frames.L4));
            Frames.put32(t, 8, Frames.i32(syn, Frames.L4 + 4) + 1);
            Frames.put16(t, 12, 5 << 12 | 0x14);
            guest.send(Frames.ip(6, guest.address, Frames.ip(GATEWAY), t, 16));
            return null;
        });
        try (Socket c = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThrows(SocketException.class, () -> c.getInputStream().read());
        }
        get(refuse);
    }

    @Test
    void aPortInUseIsASentence() throws Exception {
        IOException e = assertThrows(IOException.class,
            () -> new UserNet("x", Settings.parse("hostfwd=tcp:" + server.getLocalPort() + "-:22"), new NoOutside(), r -> { }));
        assertTrue(e.getMessage().startsWith("TCP port " + server.getLocalPort() + " of 127.0.0.1 cannot be forwarded: "), e.getMessage());
    }

    @Test
    void portsAreFreeWhenTheNetworkIsClosed() throws Exception {
        int port = freePort();
        for (int i = 0; i < 20; i++) {
            UserNet n = new UserNet("x", Settings.parse("hostfwd=tcp:" + port + "-:22"), new NoOutside(), r -> { });
            try (Socket c = new Socket()) {
                c.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 60_000);
            }
            n.close();
            n.close();
            assertTrue(n.tcp().idle());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return s.getLocalPort();
        }
    }

    @Test
    void restrictedGuestsAreRefused() throws Exception {
        guest.close();
        open("restrict=on");
        guest.connect(GATEWAY, server.getLocalPort()).awaitReset();
    }

    @Test
    void closingResetsTheHost() throws Exception {
        CompletableFuture<Throwable> done = async(() -> {
            try (Socket c = server.accept()) {
                InputStream in = c.getInputStream();
                assertEquals('x', in.read());
                return assertThrows(SocketException.class, in::read);
            }
        });
        TestSocket s = connect();
        s.write(new byte[] {'x'});
        s.connected();
        CompletableFuture.runAsync(net::close).get(120, TimeUnit.SECONDS);
        assertNotNull(get(done));
        assertTrue(net.send(new byte[60], 60));
        assertEquals(0, net.receive(new byte[NetBackend.MAX_PACKET]));
    }

    @Test
    void aNetworkThatTakesTheSeatResetsTheConnectionsOfTheOneBefore() throws Exception {
        CompletableFuture<Void> echo = echoServer();
        TestSocket s = connect();
        s.write("word".getBytes());
        s.readFully(4);
        byte[] left = net.handOver();
        net.close();
        assertThrows(java.util.concurrent.ExecutionException.class, () -> get(echo)); // reset
        try (UserNet second = new UserNet("second", Settings.parse(""), new NoOutside(), Assertions::fail)) {
            second.takeOver(left);
            byte[] p = new byte[NetBackend.MAX_PACKET];
            assertEquals(64, second.receive(p));
            assertArrayEquals(Frames.MAC, Arrays.copyOfRange(p, Frames.L2, Frames.L2 + 6));
            assertEquals(server.getLocalPort(), Frames.u16(p, Frames.L4));
            assertEquals(s.port(), Frames.u16(p, Frames.L4 + 2));
            assertEquals(s.expected(), Frames.i32(p, Frames.L4 + 4));
            assertEquals(s.promised(), Frames.i32(p, Frames.L4 + 8));
            assertEquals(0x14, Frames.u8(p, Frames.L4 + 13));
            assertEquals(0, second.receive(p));
        }
        try (UserNet third = new UserNet("third", Settings.parse(""), new NoOutside(), Assertions::fail)) {
            for (int i = 0; i < 2000; i++) third.takeOver(random(i, i)); // of others, who had another form
            assertTrue(third.outbox().bytes() <= 1 << 20);
            assertEquals(0, third.handOver().length);
        }
    }

    @Test
    void segmentsOfConnectionsThatAreNoMoreAreReset() throws Exception {
        byte[] t = new byte[24];
        Frames.put16(t, 0, 5555);
        Frames.put16(t, 2, 80);
        Frames.put32(t, 4, 1000);
        Frames.put32(t, 8, 2000);
        Frames.put16(t, 12, 5 << 12 | 0x18);
        guest.send(Frames.ip(6, guest.address, Frames.ip(GATEWAY), t, 16));
        byte[] r = guest.strays.poll(120, TimeUnit.SECONDS);
        assertNotNull(r);
        assertEquals(4, Frames.u8(r, Frames.L4 + 13));
        assertEquals(2000, Frames.i32(r, Frames.L4 + 4));
    }

    @Test
    void moreConnectionsThanThereMayBeAreRefused() throws Exception {
        CompletableFuture<Void> accept = async(() -> {
            List<Socket> all = new java.util.ArrayList<>();
            try {
                while (true) all.add(server.accept());
            } catch (SocketException e) { // closed
                for (Socket s : all) s.close();
            }
            return null;
        });
        for (int i = 0; i < Tcp.MAX_CONNECTIONS; i++) guest.connect(GATEWAY, server.getLocalPort()).connected();
        guest.connect(GATEWAY, server.getLocalPort()).awaitReset();
        server.close();
        get(accept);
    }

    @Test
    void describeTellsWhatIsOpen() throws Exception {
        CompletableFuture<Void> echo = echoServer();
        TestSocket s = connect();
        assertTrue(net.describe().contains("10.0.2.0/24, TCP connections: 1, UDP flows: 0"), net.describe());
        s.end();
        s.awaitEnds();
        get(echo);
    }
}
