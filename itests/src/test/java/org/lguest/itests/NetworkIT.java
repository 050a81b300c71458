package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Guests talk to each other and to the host, through the card, the switch and the user network as they are shipped. */
@OnThePlatform
@Timeout(1800)
class NetworkIT {
    private static final Pattern SUMMED = Pattern.compile("(\\d+) bytes, crc ([0-9a-f]{8})");
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Inject private Host host;
    @Inject private BundleContext context;

    private Session puppy(String words, boolean pae, String card) throws Exception {
        Session s = new Session(host, start(words, pae, card));
        s.await("puppy> ");
        return s;
    }

    private Guest start(String words, boolean pae, String card) throws LaunchException {
        return host.start(new GuestSpec(null, 32, null, null, words, List.of(new GuestSpec.Device(DeviceType.NET, card)), pae));
    }

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles()).filter(b -> name.equals(b.getSymbolicName())).findFirst().orElseThrow();
    }

    /** What a puppy says about bytes that went through its hands. */
    private static String summed(String said) {
        Matcher m = SUMMED.matcher(said);
        assertTrue(m.find(), said);
        return m.group();
    }

    private static String summed(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return "%d bytes, crc %08x".formatted(bytes.length, crc.getValue());
    }

    private static void contains(String said, String what) { assertTrue(said.contains(what), () -> "'" + what + "' is not in: " + said); }

    /** From one puppy to the other; {@code meanwhile} happens when bytes are on their way. */
    private static void transfer(Session from, Session to, String address, int bytes, Meanwhile meanwhile) throws Exception {
        to.type("recv 7");
        to.await("recv: port 7");
        from.type("send " + address + " 7 " + bytes);
        meanwhile.happens();
        from.await("sent ");
        String sent = summed(from.await("puppy> "));
        assertEquals(sent, summed(to.await("puppy> ")));
        assertTrue(sent.startsWith(bytes + " bytes"), sent);
    }

    private interface Meanwhile {
        void happens() throws Exception;
    }

    /** One leaves checksums to its card, the other does not: what is on the wire is right either way. */
    @Test
    void twoGuestsOnOneSwitchPingEachOtherAndTransferBothWays() throws Exception {
        try (Session a = puppy("", false, "switch:pair"); Session b = puppy("nosums", true, "switch:pair")) {
            a.puppy("ip 10.9.0.1/24");
            b.puppy("ip 10.9.0.2/24");
            contains(a.puppy("ping 10.9.0.2 3"), "3 questions, 3 answers");
            contains(b.puppy("ping 10.9.0.1 2 1472"), "2 questions, 2 answers");
            contains(a.puppy("ping 10.9.0.77 1"), "nobody there");
            transfer(a, b, "10.9.0.2", 400_000, () -> { });
            transfer(b, a, "10.9.0.1", 400_000, () -> { });
            contains(a.puppy("ip"), "checksums by the card");
            for (Session s : List.of(a, b)) contains(s.puppy("ip"), " 0 damaged");
        }
    }

    @Test
    void aGuestGetsItsAddressAndFetchesFromTheHost() throws Exception {
        byte[] file = new byte[300_007];
        new Random(4).nextBytes(file);
        HttpServer server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        server.createContext("/file", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file);
            }
        });
        server.start();
        try (Session s = puppy("", false, "user:")) {
            contains(s.puppy("ip dhcp"), "address 10.0.2.15/24, gateway 10.0.2.2");
            contains(s.puppy("ping 10.0.2.2 2"), "2 questions, 2 answers");
            String url = "http://10.0.2.2:" + server.getAddress().getPort();
            String said = s.puppy("fetch " + url + "/file");
            contains(said, "status 200");
            assertEquals(summed(file), summed(said));
            contains(s.puppy("fetch " + url + "/nothing"), "status 404");
        } finally {
            server.stop(0);
        }
    }

    /** A connection ends with the network it was made in; the guest hears of it at once, and the next one is as good as the first. */
    @Test
    void aConnectionBreaksWithItsUserNetworkAndTheNextOneWorks() throws Exception {
        CountDownLatch half = new CountDownLatch(1), updated = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        server.setExecutor(Thread::startVirtualThread);
        server.createContext("/half", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 2_000);
                exchange.getResponseBody().write(new byte[1_000]);
                exchange.getResponseBody().flush();
                half.countDown();
                updated.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.createContext("/whole", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write(new byte[1_000]);
            }
        });
        server.start();
        try (Session s = puppy("", false, "user:")) {
            s.puppy("ip dhcp");
            String url = "http://10.0.2.2:" + server.getAddress().getPort();
            s.type("fetch " + url + "/half");
            s.await("/half");
            assertTrue(half.await(300, TimeUnit.SECONDS), "nobody asked the server");
            bundle("org.lguest.usernet").update();
            contains(s.await("puppy> "), "fetch: they hung up");
            assertEquals(summed(new byte[1_000]), summed(s.puppy("fetch " + url + "/whole")));
        } finally {
            updated.countDown();
            server.stop(0);
        }
    }

    @Test
    void theHostFetchesFromAGuestThroughAForwardedPort() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
            port = free.getLocalPort();
        }
        try (Session s = puppy("", true, "user:hostfwd=tcp:127.0.0.1:" + port + "-:80")) {
            s.puppy("ip dhcp");
            s.type("serve 80 2");
            s.await("serve: port 80");
            byte[] program = fetch(port, "/bin/hello");
            assertArrayEquals(new byte[] {0x7F, 'E', 'L', 'F'}, Arrays.copyOf(program, 4));
            s.await("/bin/hello");
            assertEquals(summed(program), summed(s.await("\n")));
            byte[] many = fetch(port, "/bytes/250000");
            assertEquals(summed(many), summed(s.await("puppy> ")));
        }
    }

    private static byte[] fetch(int port, String path) throws Exception {
        var connection = URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(300_000);
        connection.setReadTimeout(300_000);
        try (var in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    /** Frames may get lost when a part is exchanged; then TCP sends them again. */
    @ParameterizedTest
    @CsvSource({"org.lguest.device.net", "org.lguest.netbackends"})
    void aTransferSurvivesTheExchangeOfItsParts(String part) throws Exception {
        int bytes = 3_000_000, frames = bytes / 1460, rounds = 4;
        int[] exchanged = {0};
        Bundle bundle = bundle(part);
        try (Session a = puppy("", false, "switch:swap"); Session b = puppy("", false, "switch:swap")) {
            a.puppy("ip 10.9.1.1/24");
            b.puppy("ip 10.9.1.2/24");
            for (int times = 0; times < 50 && exchanged[0] < rounds; times++)
                transfer(a, b, "10.9.1.2", bytes, () -> {
                    var received = b.guest.counters().framesReceived;
                    long before = received.sum();
                    for (int i = 1; i <= rounds; i++) {
                        long enough = before + i * frames / (2 * rounds);
                        assertTrue(Await.until(() -> received.sum() > enough), () -> "after " + (received.sum() - before) + " frames nothing comes any more");
                        if (received.sum() - before >= frames) return; // all was over before the exchange: another time
                        bundle.update();
                        exchanged[0]++;
                    }
                });
            assertTrue(exchanged[0] >= rounds, "all was over before the exchange, time after time");
            contains(b.puppy("ping 10.9.1.1 2"), "2 questions, 2 answers");
        }
    }
}
