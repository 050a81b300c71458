package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;
import org.lguest.testkit.ClassicGuest;
import org.lguest.testkit.TestGuests;

/** ABI sections 10.3 and 10.7, between guests. A provider of its own stands for a runtime of its own. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class ShareNetTest {
    /** Milliseconds: more than a host that is busy with other things takes to answer, and what is too long for a silence that is meant. */
    private static final int PATIENT = 120_000, IMPATIENT = 1000;

    /** A guest on the network. */
    private final class Peer implements AutoCloseable {
        final ClassicGuest g = new ClassicGuest();
        final SharePlace place;
        final DeviceState device;
        final int page;

        Peer(ShareNets runtime) throws IOException {
            place = (SharePlace) runtime.open(g.guest, folder.resolve("lan").toString());
            device = g.guest.devicePage().add(new DeviceType(2, "net"), "share:lan", new int[0], place.slot(), new byte[4096]);
            place.attached(device);
            page = (int) device.config;
            peers.add(this);
        }

        /** Binds {@code count} buffers of {@code bytes} each to the key of its own place; answers the first list. */
        int listen(int count, int bytes) {
            int first = 0x20000;
            for (int i = 0; i < count; i++) g.write(first + 100 * i, 0x30000 + 0x1000 * i, bytes);
            g.guest.dma().bind(page + 4 * place.slot(), first, count, 6);
            place.changed(g.guest, 4 * place.slot());
            return first;
        }

        /** Sends bytes to a place; answers used_len. */
        int send(int to, byte[] data) {
            g.guest.memory().write(0x8000, data, 0, data.length);
            int list = g.list(0x8000, data.length);
            place.send(g.guest, 4 * to, list);
            return g.used(list);
        }

        byte[] received(int buffer, int bytes) {
            byte[] b = new byte[bytes];
            g.guest.memory().read(0x30000 + 0x1000 * buffer, b, 0, bytes);
            return b;
        }

        @Override
        public void close() {
            g.guest.kill("end of test");
            place.close();
            g.close();
        }
    }

    @TempDir Path folder;
    private final ShareNets here = new ShareNets(PATIENT), there = new ShareNets(PATIENT);
    private final List<Peer> peers = new ArrayList<>();
    private final List<ShareDoor> doors = new ArrayList<>();

    @AfterEach
    void close() {
        peers.forEach(Peer::close);
        doors.forEach(ShareDoor::close);
    }

    private static byte[] bytes(int n, int seed) {
        byte[] b = new byte[n];
        new Random(seed).nextBytes(b);
        return b;
    }

    @Test
    void placesAndNumbersAreEverybodysOwnAndFreeAgainWhenOneLeaves() throws Exception {
        Peer a = new Peer(here), b = new Peer(there), c = new Peer(here);
        assertEquals(List.of(0, 1, 2), List.of(a.place.slot(), b.place.slot(), c.place.slot()));
        assertEquals(3, peers.stream().map(p -> p.g.guest.control().guestId()).distinct().count());
        c.place.close();
        assertEquals(2, new Peer(here).place.slot());
    }

    @Test
    void thePageIsTheSameMemoryForAll() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        a.g.guest.memory().store32(a.page + 600, 0x12345678);
        assertEquals(0x12345678, b.g.guest.memory().load32(b.page + 600));
        b.g.guest.memory().store8(b.page + 4095, 7);
        assertEquals(7, a.g.guest.memory().load8(a.page + 4095));
        assertEquals(0, a.g.guest.memory().load32(a.page - 4), "what is beside it is not");
        a.g.guest.memory().store32(a.page, 0x0101);
        a.place.close();
        assertEquals(0, b.g.guest.memory().load32(b.page), "who leaves takes his address along");
    }

    @Test
    void aMessageGoesIntoTheOthersBufferInOneRuntimeAndBetweenTwo() throws Exception {
        Peer a = new Peer(here);
        for (Peer b : List.of(new Peer(here), new Peer(there))) {
            int list = b.listen(2, 1514);
            byte[] data = bytes(1000, b.place.slot());
            assertEquals(1000, a.send(b.place.slot(), data));
            assertEquals(1000, b.g.used(list));
            assertArrayEquals(data, b.received(0, 1000));
            assertEquals(1 << 6, b.g.guest.lines().pending());
            assertEquals(77, a.send(b.place.slot(), bytes(77, 1)));
            assertEquals(77, b.g.used(list + 100), "the next buffer in turn");
        }
    }

    @Test
    void theShorterListDecidesHowMuchIsCopied() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        int list = b.listen(1, 100);
        assertEquals(100, a.send(b.place.slot(), bytes(300, 1)));
        assertEquals(100, b.g.used(list));
    }

    @Test
    void aPlaceIsCountedAndLimitedLikeOtherCards() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        b.listen(8, 1514);
        assertEquals(1000, a.send(b.place.slot(), bytes(1000, 1)));
        assertEquals(List.of(1000L, 1000L, 1L), List.of(a.device.bytes.sum(), b.device.bytes.sum(), b.g.guest.counters().framesReceived.sum()));
        for (Peer limited : List.of(a, b)) {
            var clock = new AtomicLong(1_000_000_000);
            limited.device.throttle = new Throttle(new Rate(1000, 0), clock::get);
            limited.device.throttle.served(1100); // a tenth of a second is free
            assertEquals(0, a.send(b.place.slot(), bytes(500, 2)), "lost");
            clock.addAndGet(1_000_000_000);
            assertEquals(500, a.send(b.place.slot(), bytes(500, 3)));
            limited.device.throttle = null;
        }
        assertEquals(2, a.g.guest.counters().framesDropped.sum());
        assertEquals(List.of(2000L, 2000L), List.of(a.device.bytes.sum(), b.device.bytes.sum()));
    }

    @Test
    void aFullReceiverIsWokenAndHasOneChance() throws Exception {
        for (ShareNets runtime : List.of(here, there)) {
            Peer a = new Peer(here), b = new Peer(runtime);
            int list = b.listen(1, 1514);
            assertEquals(10, a.send(b.place.slot(), bytes(10, 1)));
            b.g.guest.lines().reset(0);
            assertEquals(0, a.send(b.place.slot(), bytes(20, 2)), "nobody refills");
            assertEquals(1 << 6, b.g.guest.lines().pending(), "but it was told");
            assertEquals(10, b.g.used(list));
            b.g.guest.lines().onRaise(() -> b.g.guest.memory().store32(list, 0)); // now it refills when told
            assertEquals(30, a.send(b.place.slot(), bytes(30, 3)));
        }
    }

    @Test
    void aReceiverThatStandsStillIsWaitedForOnce() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        int list = b.listen(1, 1514);
        assertEquals(10, a.send(b.place.slot(), bytes(10, 1)));
        assertEquals(0, a.send(b.place.slot(), bytes(20, 2)));
        long before = b.g.guest.lines().raised();
        for (int i = 0; i < 100; i++) assertEquals(0, a.send(b.place.slot(), bytes(20, 2)));
        assertEquals(200, b.g.guest.lines().raised() - before, "each frame is tried twice, and nobody waits and looks again");
        assertTrue(b.g.guest.dma().find(b.page + 4 * b.place.slot()).slow);
        b.g.guest.memory().store32(list, 0);
        assertEquals(30, a.send(b.place.slot(), bytes(30, 3)));
        assertFalse(b.g.guest.dma().find(b.page + 4 * b.place.slot()).slow, "and is again, when it has gone on");
    }

    @Test
    void aFileThatIsCutOffIsLeftWithASentence() throws Exception {
        Peer a = new Peer(here);
        try (var file = java.nio.channels.FileChannel.open(folder.resolve("lan"), java.nio.file.StandardOpenOption.WRITE)) {
            file.truncate(0);
        }
        a.place.close();
        assertTrue(a.g.guest.log().events().stream().anyMatch(e -> e.text().contains("is not what it was")), () -> a.g.guest.log().events().toString());
        assertEquals(0, new Peer(here).place.slot(), "and can be used again");
    }

    @Test
    void nobodyGetsWhatIsSentToNobodyOrToOneself() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        int own = a.listen(1, 1514);
        assertEquals(0, a.send(a.place.slot(), bytes(10, 1)));
        assertEquals(0, a.g.used(own));
        assertEquals(0, a.send(500, bytes(10, 1)));
        b.listen(1, 1514);
        b.g.guest.dma().unbind(b.page + 4 * b.place.slot(), 0x20000);
        b.place.changed(b.g.guest, 4 * b.place.slot());
        assertEquals(0, a.send(b.place.slot(), bytes(10, 1)));
        assertFalse(a.g.guest.dead());
    }

    @Test
    void whoSaysSomethingImpossibleDiesAndTheOtherGoesOn() throws Exception {
        for (ShareNets runtime : List.of(here, there)) {
            Peer a = new Peer(here), b = new Peer(runtime), c = new Peer(runtime);
            int list = b.listen(2, 1514);
            a.place.send(a.g.guest, 4 * b.place.slot(), a.g.list(0x8F00, 0x200));
            assertEquals("bad DMA entry: 512@0x8f00", a.g.guest.endingNow().reason());
            assertEquals(0, b.g.used(list));
            b.g.write(list, 0x500000, 100);
            assertEquals(0, c.send(b.place.slot(), bytes(10, 1)));
            assertEquals("bad DMA entry: 100@0x500000", b.g.guest.endingNow().reason());
            assertFalse(c.g.guest.dead());
            c.g.guest.dma().bind(c.page + 4 * c.place.slot(), -200, 3, 6);
            c.place.changed(c.g.guest, 4 * c.place.slot());
            Peer d = new Peer(here);
            assertEquals(0, d.send(c.place.slot(), bytes(10, 1)));
            assertEquals("bad address in registered DMA struct", c.g.guest.endingNow().reason());
            assertFalse(d.g.guest.dead());
        }
    }

    @Test
    void theAddressOfOneThatWasKilledGoesWhenItsPlaceIsTaken() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        a.g.guest.memory().store32(a.page + 6, 0x0302);
        b.place.handOver(); // and nobody takes over, as with one that was killed
        b.place.close();
        assertEquals(0x0302, a.g.guest.memory().load32(a.page + 6));
        assertEquals(1, new Peer(here).place.slot());
        assertEquals(0, a.g.guest.memory().load32(a.page + 6));
    }

    @Test
    void aRuntimeThatIsGoneIsNobody() throws Exception {
        Peer a = new Peer(here), b = new Peer(there);
        b.listen(4, 1514);
        assertEquals(10, a.send(b.place.slot(), bytes(10, 1)));
        int place = b.place.slot();
        b.place.close();
        peers.remove(b);
        assertEquals(0, a.send(place, bytes(10, 1)));
        b.g.close();
        Peer again = new Peer(there);
        assertEquals(place, again.place.slot());
        again.listen(4, 1514);
        assertEquals(20, a.send(place, bytes(20, 1)), "and the next in that place gets what is his");
    }

    private ShareDoor door(int secret, ShareLine.Taker taker) throws IOException { return door(secret, taker, PATIENT); }

    private ShareDoor door(int secret, ShareLine.Taker taker, int patience) throws IOException {
        ShareDoor door = new ShareDoor(bytes(32, secret), taker, patience);
        doors.add(door);
        return door;
    }

    @Test
    void strangersAreTurnedAway() throws Exception {
        var taken = new CompletableFuture<byte[]>();
        ShareDoor door = door(1, (offset, data, patient) -> {
            taken.complete(data);
            return data.length;
        });
        assertEquals(Delivery.NOBODY, door(2, (offset, data, patient) -> 0).send(door.port(), 4, new byte[10], false));
        try (Socket s = new Socket(InetAddress.getLoopbackAddress(), door.port())) {
            s.getOutputStream().write(new byte[100]);
            s.getOutputStream().flush();
            s.setSoTimeout(PATIENT);
            assertEquals(64, s.getInputStream().readNBytes(65).length, "the door is shut after the proof");
        }
        assertFalse(taken.isDone());
        assertEquals(10, door(1, (offset, data, patient) -> Delivery.NOBODY).send(door.port(), 4, new byte[10], true));
        assertEquals(10, taken.get(120, TimeUnit.SECONDS).length);
    }

    @Test
    void whoeverStandsBetweenTwoRuntimesCannotPassOnWhatTheyShow() throws Exception {
        ShareDoor door = door(1, (offset, data, patient) -> data.length);
        try (ServerSocket between = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket caller = between.accept(); Socket called = new Socket(InetAddress.getLoopbackAddress(), door.port())) {
                    Thread forth = Thread.ofVirtual().start(() -> pass(caller, called));
                    pass(called, caller);
                    forth.join();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertEquals(Delivery.NOBODY, door(1, (offset, data, patient) -> 0).send(between.getLocalPort(), 4, new byte[10], false));
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            return; // they have hung up
        }
    }

    @Test
    void aSilentRuntimeKeepsAGuestWaitingOnceAndIsFoundAgainWhenItAnswers() throws Exception {
        var stopped = new CountDownLatch(1);
        ShareDoor door = door(1, (offset, data, patient) -> {
            try {
                stopped.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return data.length;
        });
        ShareDoor caller = door(1, (offset, data, patient) -> 0, IMPATIENT);
        assertEquals(Delivery.NOBODY, caller.send(door.port(), 4, new byte[10], false));
        stopped.countDown();
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120); caller.send(door.port(), 4, new byte[10], false) != 10;)
            assertTrue(System.nanoTime() < end, "never found again");
    }

    @Test
    void somebodyElseAtThePortOfADeadRuntimeKeepsAGuestWaitingOnce() throws Exception {
        try (ServerSocket somebody = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            ShareDoor caller = door(1, (offset, data, patient) -> 0, IMPATIENT);
            // a thousand frames to nobody: if each waited, this test's time would be over
            for (int i = 0; i <= 1000; i++) assertEquals(Delivery.NOBODY, caller.send(somebody.getLocalPort(), 4, new byte[10], false));
        }
    }

    @Test
    void filesThatAreNoneAndGuestsThatCannotAreRefused() throws Exception {
        Files.write(folder.resolve("disk.img"), new byte[10_000]);
        try (ClassicGuest g = new ClassicGuest()) {
            assertTrue(refused(g.guest, folder.resolve("disk.img").toString()).endsWith("is no network file: it has 10000 bytes; name one that does not exist yet"));
            assertTrue(refused(g.guest, folder.resolve("no/such/lan").toString()).contains("cannot be made"));
            assertTrue(refused(g.guest, "").contains("want share:FILE"));
        }
        try (ClassicGuest g = new ClassicGuest()) {
            var e = assertThrows(IOException.class, () -> new Addresses(new Plugs(r -> null)).open(g.guest, "02:00:00:00:00:07,user:"));
            assertEquals("Linux 2.6.23 makes the address of its card itself: leave 'mac:02:00:00:00:00:07,' away", e.getMessage());
        }
        Guest virtio = TestGuests.of(4);
        assertTrue(refused(virtio, folder.resolve("lan").toString()).contains("for guests of Linux 2.6.23"));
        assertFalse(Files.exists(folder.resolve("lan")));
        virtio.memory().close();
    }

    private String refused(Guest g, String rest) { return assertThrows(IOException.class, () -> here.open(g, rest)).getMessage(); }

    @Test
    void aPlaceIsHandedOverToTheNextProvider() throws Exception {
        Peer a = new Peer(here), b = new Peer(here);
        a.g.guest.memory().store32(a.page + 6, 0x0302);
        byte[] state = b.place.handOver();
        b.place.close();
        SharePlace next = (SharePlace) here.open(b.g.guest, folder.resolve("lan").toString());
        next.takeOver(state);
        next.attached(b.device);
        b.listen(1, 1514);
        assertEquals(1, next.slot());
        assertEquals(0x0302, b.g.guest.memory().load32(b.page + 6), "its address is where it wrote it");
        assertEquals(10, a.send(1, bytes(10, 1)));
        next.close();
    }

    @Test
    void nothingThatGuestsSendToEachOtherThrows() throws Exception {
        int died = 0, sent = 0;
        for (int round = 0; round < 24; round++) {
            var random = new Random(round);
            Peer a = new Peer(here), b = new Peer(round % 2 == 0 ? here : there);
            for (int i = 0; i < 60 && !a.g.guest.dead() && !b.g.guest.dead(); i++) {
                if (random.nextInt(3) > 0) b.g.litter(random);
                int at = random.nextInt(3) == 0 ? ClassicGuest.hostile(random) : b.g.list(0x30000 + random.nextInt(4096), random.nextInt(2000));
                int offset = 4 * random.nextInt(1024);
                b.g.guest.dma().bind(b.page + offset, at, random.nextInt(3), 1 + random.nextInt(31));
                b.place.changed(b.g.guest, offset);
                a.place.send(a.g.guest, offset, random.nextInt(4) == 0 ? ClassicGuest.hostile(random) : a.g.list(0x8000, 1 + random.nextInt(1500)));
                if (random.nextInt(20) == 0) b.g.guest.dma().clear();
            }
            sent += (int) a.g.guest.counters().framesSent.sum();
            if (a.g.guest.dead() || b.g.guest.dead()) died++;
            a.close();
            b.close();
            peers.clear();
        }
        assertTrue(died > 12 && sent > 24, died + " of 24 died, " + sent + " messages arrived");
    }
}
