package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.part.NetBackend;
import org.lguest.testkit.TestGuests;

class SwitchTest {
    private static final int ALL = 0xFF;

    private final List<Guest> guests = new ArrayList<>();
    private long now;
    private final Switch lan = new Switch("lan", () -> now, s -> { });
    private final byte[] buffer = new byte[NetBackend.MAX_PACKET];

    private Guest guest() {
        Guest g = TestGuests.of(1);
        guests.add(g);
        return g;
    }

    @AfterEach
    void unplug() { guests.forEach(g -> g.memory().close()); }

    /** A frame between stations that are known by a number; {@link #ALL} is broadcast. */
    static byte[] frame(int to, int from, int bytes) {
        byte[] p = new byte[NetBackend.HEADER + bytes];
        if (to == ALL) Arrays.fill(p, NetBackend.HEADER, NetBackend.HEADER + 6, (byte) 0xFF);
        else station(p, NetBackend.HEADER, to);
        station(p, NetBackend.HEADER + 6, from);
        p[p.length - 1] = (byte) bytes;
        return p;
    }

    private static void station(byte[] p, int at, int number) {
        p[at] = 2;
        p[at + 4] = (byte) (number >>> 8);
        p[at + 5] = (byte) number;
    }

    private static void send(NetBackend from, byte[] p) { assertTrue(from.send(p, p.length)); }

    private byte[] receive(NetBackend at) { return Arrays.copyOf(buffer, at.receive(buffer)); }

    private void nothingFor(NetBackend... ports) {
        for (NetBackend p : ports) assertEquals(0, p.receive(buffer));
    }

    @Test
    void whatWaitsIsHandedOver() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest());
        byte[] first = frame(2, 1, 60), second = frame(2, 1, 1500);
        send(a, first);
        send(a, second);
        byte[] left = b.handOver();
        send(a, frame(2, 1, 70)); // nobody takes it any more
        b.close();
        NetBackend next = new Switch("lan", () -> now, s -> { }).plug(guest());
        next.takeOver(left);
        assertArrayEquals(first, receive(next));
        assertArrayEquals(second, receive(next));
        nothingFor(next);
        next.takeOver(new byte[] {0, 0, 1, 0, 7}); // of another kind
        nothingFor(next);
        assertEquals(1, guests.get(1).counters().framesDropped.sum(), "the late one");
    }

    @Test
    void framesForUnknownStationsGoToAllOthersUntilTheyAreHeard() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest()), c = lan.plug(guest());
        byte[] hello = frame(2, 1, 60);
        send(a, hello);
        assertArrayEquals(hello, receive(b));
        assertArrayEquals(hello, receive(c));
        byte[] answer = frame(1, 2, 61);
        send(b, answer);
        assertArrayEquals(answer, receive(a));
        send(a, hello);
        assertArrayEquals(hello, receive(b));
        nothingFor(a, b, c);
    }

    @Test
    void broadcastAndMulticastGoToAllOthers() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest()), c = lan.plug(guest());
        byte[] multicast = frame(9, 1, 60);
        multicast[NetBackend.HEADER] = 1;
        for (byte[] p : List.of(frame(ALL, 1, 60), multicast)) {
            send(a, p);
            assertArrayEquals(p, receive(b));
            assertArrayEquals(p, receive(c));
        }
        nothingFor(a, b, c);
    }

    @Test
    void aStationThatMovesIsFollowed() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest()), c = lan.plug(guest());
        send(b, frame(ALL, 7, 60));
        send(c, frame(ALL, 7, 60));
        while (a.receive(buffer) > 0 || b.receive(buffer) > 0 || c.receive(buffer) > 0) { }
        send(a, frame(7, 1, 60));
        nothingFor(b);
        assertEquals(70, c.receive(buffer));
    }

    @Test
    void aStationIsForgottenAfterFiveMinutesOfSilence() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest()), c = lan.plug(guest());
        send(b, frame(1, 2, 60));
        receive(a);
        receive(c);
        now += AddressTable.AGE_NANOS;
        send(a, frame(2, 1, 60));
        nothingFor(c);
        now++;
        send(a, frame(2, 1, 60));
        assertEquals(70, c.receive(buffer));
    }

    @Test
    void framesBetweenStationsBehindOnePortStayThere() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest());
        send(a, frame(ALL, 1, 60));
        receive(b);
        send(a, frame(1, 3, 60));
        nothingFor(a, b);
    }

    @Test
    void aGuestThatTakesNothingLosesItsFramesAndNobodyElseDoes() {
        Guest lazy = guest();
        NetBackend a = lan.plug(guest()), b = lan.plug(lazy), c = lan.plug(guest());
        for (int i = 0; i < 2000; i++) {
            send(a, frame(ALL, 1, 60));
            assertEquals(70, c.receive(buffer));
        }
        assertEquals(2000 - PacketQueue.MOST_PACKETS, lazy.counters().framesDropped.sum());
        assertTrue(b.describe().contains(2000 - PacketQueue.MOST_PACKETS + " dropped"), b.describe());
        for (int i = 0; i < PacketQueue.MOST_PACKETS; i++) assertEquals(70, b.receive(buffer));
        nothingFor(b);
    }

    @Test
    void largeSegmentsAreBoundedByTheirBytes() {
        Guest lazy = guest();
        NetBackend a = lan.plug(guest());
        lan.plug(lazy);
        for (int i = 0; i < 100; i++) send(a, frame(ALL, 1, 60_000));
        assertEquals(100 - PacketQueue.MOST_BYTES / 60_010, lazy.counters().framesDropped.sum());
    }

    @Test
    void aCardIsWokenWhenItsQueueGetsItsFirstFrame() {
        NetBackend a = lan.plug(guest()), b = lan.plug(guest());
        AtomicInteger woken = new AtomicInteger();
        b.onReady(woken::incrementAndGet);
        woken.set(0);
        send(a, frame(ALL, 1, 60));
        send(a, frame(ALL, 1, 60));
        assertEquals(1, woken.get());
        while (b.receive(buffer) > 0) { }
        send(a, frame(ALL, 1, 60));
        assertEquals(2, woken.get());
    }

    @Test
    void whoIsUnpluggedIsForgottenAndWhatWaitedIsCounted() {
        Guest left = guest();
        NetBackend a = lan.plug(guest()), b = lan.plug(left), c = lan.plug(guest());
        send(b, frame(ALL, 2, 60));
        receive(a);
        receive(c);
        send(a, frame(2, 1, 60));
        b.close();
        b.close();
        assertEquals(1, left.counters().framesDropped.sum());
        send(a, frame(2, 1, 60));
        assertEquals(70, c.receive(buffer), "flooded again");
        assertEquals(2, lan.ports().size());
    }

    @Test
    void whatIsNoFrameIsCounted() {
        Guest g = guest();
        NetBackend a = lan.plug(g);
        assertTrue(a.send(new byte[21], 21));
        assertEquals(1, g.counters().framesDropped.sum());
    }

    @Test
    void theTableIsBoundedAndMakesRoomByAge() {
        AddressTable<String> t = new AddressTable<>(() -> now);
        for (int i = 0; i < 2 * AddressTable.MOST; i++) t.learn(i, "a");
        assertEquals(AddressTable.MOST, t.size());
        now += AddressTable.AGE_NANOS + 1;
        t.learn(99_999, "b");
        assertEquals("b", t.find(99_999));
        assertEquals(1, t.size());
    }

    @Test
    void portsOfOneNameMeetAndOthersDoNot() throws IOException {
        var switches = new Switches();
        try (var a = (NetBackend) switches.open(guest(), "one"); var b = (NetBackend) switches.open(guest(), "one");
             var c = (NetBackend) switches.open(guest(), "two")) {
            send(a, frame(ALL, 1, 60));
            assertEquals(70, b.receive(buffer));
            nothingFor(c);
            assertTrue(b.describe().startsWith("switch one, 2 ports"), b.describe());
        }
        try (var a = (NetBackend) switches.open(guest(), "one")) {
            assertTrue(a.describe().startsWith("switch one, 1 port, 0 addresses"), a.describe());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "../x", "-x"})
    void aSwitchHasAName(String name) {
        assertTrue(assertThrows(IOException.class, () -> new Switches().open(guest(), name)).getMessage().contains("switch:NAME"));
    }
}
