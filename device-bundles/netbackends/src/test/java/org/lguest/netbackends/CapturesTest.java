package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Guest;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.NetBackend;
import org.lguest.testkit.TestGuests;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Backends in front of others: captures, addresses, and what is between. */
class CapturesTest {
    @TempDir Path folder;
    private final Map<ServiceReference<BackendProvider>, BackendProvider> services = new HashMap<>();
    private final Plugs plugs = new Plugs(services::get);
    private final Captures captures = new Captures(plugs);
    private Guest guest;
    private Ref switches;

    /** A reference with a ranking. */
    private record Ref(int ranking) implements ServiceReference<BackendProvider> {
        @Override public Object getProperty(String key) { return null; }
        @Override public String[] getPropertyKeys() { return new String[0]; }
        @Override public Bundle getBundle() { return null; }
        @Override public Bundle[] getUsingBundles() { return null; }
        @Override public boolean isAssignableTo(Bundle bundle, String className) { return true; }
        @Override public int compareTo(Object other) { return Integer.compare(ranking, ((Ref) other).ranking); }
        @Override public Dictionary<String, Object> getProperties() { return new Hashtable<>(); }
        @Override public <A> A adapt(Class<A> type) { return null; }
    }

    @BeforeEach
    void providers() {
        guest = TestGuests.of(1);
        guest.identify(1, "rex");
        switches = come(0, new Switches());
        come(1, captures);
        come(2, new Addresses(plugs));
    }

    private Ref come(int ranking, BackendProvider p) {
        Ref r = new Ref(ranking);
        services.put(r, p);
        plugs.bindProvider(r);
        return r;
    }

    private void go(Ref r) {
        services.remove(r);
        plugs.unbindProvider(r);
    }

    @AfterEach
    void close() { guest.memory().close(); }

    private NetBackend card(String spec) throws IOException { return plugs.open(guest, spec); }

    private static byte[] frame(int number, int bytes) { return SwitchTest.frame(0xFF, number, bytes); }

    /** A block of a capture file. */
    private record Block(int type, ByteBuffer body) {
        /** Value of an option behind the first bytes; null when it is not there. */
        byte[] option(int behind, int code) {
            ByteBuffer b = body.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(behind);
            for (;;) {
                int c = b.getShort() & 0xFFFF;
                int n = b.getShort() & 0xFFFF;
                if (c == 0) return null;
                byte[] value = new byte[n];
                b.get(value).position(b.position() + 3 & ~3);
                if (c == code) return value;
            }
        }
    }

    private static List<Block> blocks(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Block> all = new ArrayList<>();
        while (b.hasRemaining()) {
            int at = b.position();
            int type = b.getInt();
            int length = b.getInt();
            assertEquals(0, length % 4);
            assertEquals(length, b.getInt(at + length - 4), "the length stands at both ends");
            all.add(new Block(type, b.slice(at + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN)));
            b.position(at + length);
        }
        return all;
    }

    @Test
    void aCaptureHasSectionInterfaceAndEveryFrameWithItsDirection() throws Exception {
        Path file = folder.resolve("a.pcapng");
        try (NetBackend other = card("switch:lan"); NetBackend card = card("pcap:" + file + ",switch:lan")) {
            byte[] buffer = new byte[NetBackend.MAX_PACKET];
            long before = System.currentTimeMillis();
            card.send(frame(1, 61), 71);
            other.receive(buffer);
            other.send(frame(2, 1514), 1524);
            assertEquals(1524, card.receive(buffer));
            assertEquals(0, card.receive(buffer));
            assertTrue(card.describe().endsWith("captured in " + file + ": 2 frames"), card.describe());
            List<Block> b = blocks(file);
            assertEquals(List.of(0x0A0D0D0A, 1, 6, 6), b.stream().map(Block::type).toList());
            assertEquals(0x1A2B3C4D, b.get(0).body.getInt(0));
            assertEquals(1, b.get(0).body.getInt(4), "version 1.0");
            assertEquals(1, b.get(1).body.getShort(0), "Ethernet");
            assertArrayEquals(new byte[] {9}, b.get(1).option(8, 9), "nanoseconds");
            assertEquals("rex switch:lan", new String(b.get(1).option(8, 2), StandardCharsets.UTF_8));
            check(b.get(2), frame(1, 61), 2, before);
            check(b.get(3), frame(2, 1514), 1, before);
        }
    }

    private static void check(Block b, byte[] packet, int direction, long notBefore) {
        int length = packet.length - NetBackend.HEADER;
        assertEquals(length, b.body.getInt(12));
        assertEquals(length, b.body.getInt(16));
        byte[] frame = new byte[length];
        b.body.get(20, frame);
        assertArrayEquals(Arrays.copyOfRange(packet, NetBackend.HEADER, packet.length), frame);
        assertArrayEquals(new byte[] {(byte) direction, 0, 0, 0}, b.option(20 + (length + 3 & ~3), 2));
        long millis = ((long) b.body.getInt(4) << 32 | b.body.getInt(8) & 0xFFFF_FFFFL) / 1_000_000;
        assertTrue(millis >= notBefore && millis <= System.currentTimeMillis(), "stamp " + Instant.ofEpochMilli(millis));
    }

    @Test
    void theNextCaptureBeginsASectionBehindTheLast() throws Exception {
        Path file = folder.resolve("a.pcapng");
        for (int i = 0; i < 2; i++)
            try (NetBackend card = card("pcap:" + file + ",switch:lan")) {
                card.send(frame(1, 60), 70);
            }
        assertEquals(List.of(0x0A0D0D0A, 1, 6, 0x0A0D0D0A, 1, 6), blocks(file).stream().map(Block::type).toList());
    }

    @Test
    void whatIsNoCaptureIsLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("letter"), "dear all");
        String told = assertThrows(IOException.class, () -> card("pcap:" + file + ",switch:lan")).getMessage();
        assertTrue(told.contains("is no pcapng capture"), told);
        assertEquals("dear all", Files.readString(file));
    }

    @Test
    void twoCardsDoNotWriteToOneFile() throws Exception {
        Path file = folder.resolve("a.pcapng");
        try (NetBackend card = card("pcap:" + file + ",switch:lan")) {
            String told = assertThrows(IOException.class, () -> card("pcap:" + file + ",switch:lan")).getMessage();
            assertTrue(told.contains("in use by another card"), told);
            assertTrue(card.describe().startsWith("switch lan, 1 port"), "the second card was unplugged: " + card.describe());
        }
    }

    @Test
    void whatCannotBeOpenedIsTold() {
        assertTrue(assertThrows(IOException.class, () -> card("pcap:" + folder.resolve("no/file") + ",switch:lan")).getMessage()
            .endsWith("cannot be written: no such file or folder"));
        assertTrue(assertThrows(IOException.class, () -> card("pcap:file")).getMessage().contains("want pcap:FILE,SPEC"));
        assertTrue(assertThrows(IOException.class, () -> card("pcap:" + folder.resolve("f") + ",eth0")).getMessage().contains("does not say"));
        assertTrue(assertThrows(IOException.class, () -> card("mac:02:00:00:00:00:01,bridge:x")).getMessage()
            .equals("no backend 'bridge' for net devices is installed; there are: mac, pcap, switch"));
    }

    @Test
    void aCaptureThatFailsEndsAndTheNetworkDoesNot() throws Exception {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full), "no /dev/full here");
        assertTrue(assertThrows(IOException.class, () -> card("pcap:" + full + ",switch:lan")).getMessage().contains("cannot be written"));
    }

    @Test
    void anAddressCanBeChosenForAnyCard() throws Exception {
        try (NetBackend card = card("mac:02:0a:00:00:00:0F,switch:lan"); NetBackend other = card("switch:lan")) {
            assertArrayEquals(new byte[] {2, 10, 0, 0, 0, 15}, card.mac());
            assertNull(other.mac());
            assertEquals(other.offloads(), card.offloads());
        }
        for (String bad : List.of("mac:02:00,switch:lan", "mac:02:00:00:00:00:01", "mac:01:00:00:00:00:01,switch:lan", "mac:switch:lan"))
            assertThrows(IOException.class, () -> card(bad), bad);
    }

    @Test
    void whatIsBehindMayBeReplacedAndFramesWaitMeanwhile() throws Exception {
        try (NetBackend card = card("pcap:" + folder.resolve("a") + ",switch:lan")) {
            var woken = new java.util.concurrent.atomic.AtomicInteger();
            card.onReady(woken::incrementAndGet);
            go(switches);
            assertTrue(card.describe().startsWith("switch:lan (closed)"), card.describe());
            assertTrue(!card.send(frame(1, 60), 70), "wanted later");
            assertEquals(0, card.receive(new byte[NetBackend.MAX_PACKET]));
            woken.set(0);
            var next = new Switches();
            come(0, next);
            assertTrue(woken.get() > 0, "the card looks again");
            assertTrue(card.send(frame(1, 60), 70));
            var better = new Switches();
            Ref b = come(5, better);
            assertTrue(card.describe().startsWith("switch lan, 1 port"), card.describe());
            try (NetBackend other = (NetBackend) better.open(guest, "lan")) {
                card.send(frame(1, 60), 70);
                assertEquals(70, other.receive(new byte[NetBackend.MAX_PACKET]));
            }
            go(b);
            try (NetBackend other = (NetBackend) next.open(guest, "lan")) {
                card.send(frame(1, 60), 70);
                assertEquals(70, other.receive(new byte[NetBackend.MAX_PACKET]));
            }
        }
    }
}
