package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.Guest;
import org.lguest.api.part.NetBackend;
import org.lguest.testkit.TestGuests;

@Timeout(300)
class SocketsTest {
    private static final int PATIENCE_MILLIS = 120_000;

    @TempDir Path folder;
    private Guest guest;

    @BeforeEach
    void guest() { guest = TestGuests.of(1); }

    @AfterEach
    void close() { guest.memory().close(); }

    private NetBackend open(String spec) throws IOException { return (NetBackend) new Sockets().open(guest, spec); }

    private String refused(String spec) { return assertThrows(IOException.class, () -> open(spec).close()).getMessage(); }

    private static ServerSocket server() throws IOException { return new ServerSocket(0, 5, InetAddress.getLoopbackAddress()); }

    /** A peer that does not wait for ever. */
    private static Socket accept(ServerSocket server) throws IOException {
        server.setSoTimeout(PATIENCE_MILLIS);
        Socket s = server.accept();
        s.setSoTimeout(PATIENCE_MILLIS);
        return s;
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = server()) {
            return s.getLocalPort();
        }
    }

    private static byte[] frame(int number, int bytes) { return SwitchTest.frame(number, 1, bytes); }

    private static void write(Socket s, byte[] packet) throws IOException {
        var out = new DataOutputStream(s.getOutputStream());
        out.writeInt(packet.length - NetBackend.HEADER);
        out.write(packet, NetBackend.HEADER, packet.length - NetBackend.HEADER);
    }

    private static byte[] read(Socket s) throws IOException {
        var in = new DataInputStream(s.getInputStream());
        byte[] packet = new byte[NetBackend.HEADER + in.readInt()];
        in.readFully(packet, NetBackend.HEADER, packet.length - NetBackend.HEADER);
        return packet;
    }

    @Test
    void framesTravelBehindTheirLengthInNetworkOrder() throws Exception {
        try (ServerSocket server = server(); NetBackend port = open("connect=127.0.0.1:" + server.getLocalPort()); Socket peer = accept(server)) {
            var card = new Station(port);
            card.await("connected");
            assertEquals(0, port.offloads());
            card.send(frame(1, 60));
            var in = new DataInputStream(peer.getInputStream());
            assertEquals(60, in.readInt());
            byte[] f = in.readNBytes(60);
            assertArrayEquals(Arrays.copyOfRange(frame(1, 60), NetBackend.HEADER, 70), f);
            write(peer, frame(2, 1514));
            assertArrayEquals(frame(2, 1514), card.receive());
        }
    }

    @Test
    void thousandsOfFramesPassBothWaysInOrderAndNoneIsLost() throws Exception {
        String path = folder.resolve("cable").toString();
        try (NetBackend a = open("unix-listen=" + path); NetBackend b = open("unix=" + path)) {
            var left = new Station(a);
            var right = new Station(b);
            left.await("connected");
            right.await("connected");
            int count = 20_000;
            Thread back = Thread.ofPlatform().start(() -> echo(right, count));
            Thread to = Thread.ofPlatform().start(() -> sendAll(left, count));
            for (int i = 0; i < count; i++) assertArrayEquals(frame(i & 0xFFFF, 60 + i % 1454), left.receive(), "frame " + i);
            to.join();
            back.join();
            assertEquals(0, guest.counters().framesDropped.sum());
        }
        assertFalse(Files.exists(Path.of(path)), "the socket is removed");
    }

    private static void sendAll(Station s, int count) {
        try {
            for (int i = 0; i < count; i++) s.send(frame(i & 0xFFFF, 60 + i % 1454));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void echo(Station s, int count) {
        try {
            for (int i = 0; i < count; i++) s.send(s.receive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void withoutAPeerFramesAreLostAndCounted() throws Exception {
        try (NetBackend port = open("listen=" + freePort())) {
            assertTrue(port.send(frame(1, 60), 70));
            assertEquals(1, guest.counters().framesDropped.sum());
            assertTrue(port.describe().contains("no peer, 1 dropped"), port.describe());
        }
    }

    @Test
    void aLostPeerIsCalledAgain() throws Exception {
        try (ServerSocket server = server(); NetBackend port = open("connect=127.0.0.1:" + server.getLocalPort())) {
            var card = new Station(port);
            for (int round = 0; round < 3; round++)
                try (Socket peer = accept(server)) {
                    write(peer, frame(round, 60));
                    assertArrayEquals(frame(round, 60), card.receive());
                }
        }
    }

    @Test
    void whoListensTakesOneCallerAfterTheOther() throws Exception {
        int number = freePort();
        try (NetBackend port = open("listen=" + number)) {
            var card = new Station(port);
            for (int round = 0; round < 3; round++)
                try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), number)) {
                    card.await("connected");
                    write(peer, frame(round, 60));
                    assertArrayEquals(frame(round, 60), card.receive());
                    card.send(frame(9, 61));
                    assertArrayEquals(frame(9, 61), read(peer));
                    peer.close();
                    card.await("no peer");
                }
        }
    }

    @Test
    void aPeerThatTalksNonsenseIsHungUpOn() throws Exception {
        try (ServerSocket server = server(); NetBackend port = open("connect=127.0.0.1:" + server.getLocalPort())) {
            var card = new Station(port);
            try (Socket peer = accept(server)) {
                new DataOutputStream(peer.getOutputStream()).writeInt(-1);
                assertEquals(-1, peer.getInputStream().read());
            }
            try (Socket peer = accept(server)) {
                write(peer, frame(1, NetBackend.MAX_FRAME + 1));
                write(peer, frame(2, 60));
                assertArrayEquals(frame(2, 60), card.receive(), "one too large for a card is only lost");
            }
            assertTrue(guest.log().events().stream().anyMatch(e -> e.text().contains("a frame of 4294967295 bytes")));
            assertEquals(1, guest.counters().framesDropped.sum());
        }
    }

    @Test
    void aSlowPeerMakesTheGuestWaitAndItsEndLetsItGoOn() throws Exception {
        try (ServerSocket server = server(); NetBackend port = open("connect=127.0.0.1:" + server.getLocalPort())) {
            var card = new Station(port);
            card.await("connected");
            byte[] p = frame(1, 1514);
            try (Socket peer = accept(server)) {
                int sent = 0;
                while (port.send(p, p.length)) assertTrue(++sent < 1_000_000, "somebody takes no end of frames");
                for (int i = 0; i < sent; i++) read(peer);
                card.send(p);
            }
            card.await("no peer");
            card.send(p);
        }
    }

    @Test
    void closingEndsEverythingAtOnceWhateverItWaitsFor() throws Exception {
        try (ServerSocket server = server()) {
            NetBackend calling = open("connect=127.0.0.1:" + server.getLocalPort());
            NetBackend listening = open("unix-listen=" + folder.resolve("s"));
            new Station(calling).await("connected");
            for (NetBackend b : new NetBackend[] {calling, listening, calling}) b.close();
            try (Socket peer = accept(server)) {
                assertEquals(-1, peer.getInputStream().read());
            }
        }
    }

    @Test
    void aSocketThatAKilledProgramLeftBehindIsTakenOverAndOneInUseIsNot() throws Exception {
        Path path = folder.resolve("s");
        var address = UnixDomainSocketAddress.of(path);
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(address);
            assertTrue(refused("unix-listen=" + path).contains("nobody can listen at " + path));
        }
        assertTrue(Files.exists(path));
        open("unix-listen=" + path).close();
        Files.writeString(path, "precious");
        assertTrue(refused("unix-listen=" + path).contains("nobody can listen"));
        assertEquals("precious", Files.readString(path));
    }

    @Test
    void nobodyThereIsToldBeforeBoot() throws Exception {
        assertTrue(refused("connect=127.0.0.1:" + freePort()).matches("nobody answers at 127.0.0.1:\\d+: .*; start the peer first"));
        assertTrue(refused("unix=" + folder.resolve("none")).contains("start the peer first"));
        try (ServerSocket s = server()) {
            assertTrue(refused("listen=" + s.getLocalPort()).contains("nobody can listen at 127.0.0.1:" + s.getLocalPort()));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', names no peer", "connect=, names no peer", "call=1, is not understood", "connect=here, is no HOST:PORT", "connect=127.0.0.1:0, is no port",
        "listen=70000, is no port", "listen=x, is no port"})
    void aSpecThatMakesNoSenseIsTold(String spec, String because) { assertTrue(refused(spec).contains(because), refused(spec)); }
}
