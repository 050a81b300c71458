package org.lguest.device.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lguest.api.part.NetBackend;
import org.lguest.device.net.Frames.Seen;
import org.lguest.device.net.Frames.Tcp;

class OffloadTest {
    private static final Abilities NOTHING = new Abilities(false, false, false, false), CHECKSUM = new Abilities(true, false, false, false),
        ALL = new Abilities(true, true, true, true);
    private static final int V4 = 1, V6 = 4, ECN = 0x80;

    private final Offload offload = new Offload();
    private final List<byte[]> taken = new ArrayList<>();
    private int room = Integer.MAX_VALUE;

    private boolean take(byte[] b, int length) {
        if (room == 0) return false;
        room--;
        return taken.add(Arrays.copyOf(b, length));
    }

    private final Packet packet = new Packet();

    /** There is one at a time. */
    private Packet packet(byte[] bytes) {
        Packet p = packet;
        System.arraycopy(bytes, 0, p.bytes, 0, bytes.length);
        p.length = bytes.length;
        return p;
    }

    private int pass(byte[] bytes, Abilities can, int done) {
        Packet p = packet(bytes);
        assertTrue(p.check(), "a good packet");
        return offload.pass(p, can, done, this::take);
    }

    private byte[] only() {
        assertEquals(1, taken.size());
        return taken.removeFirst();
    }

    @Test
    void whatAsksForNothingPassesUntouched() {
        byte[] p = Frames.join(new byte[NetBackend.HEADER], Frames.plain(60));
        assertEquals(Offload.ALL, pass(p, NOTHING, 0));
        assertArrayEquals(p, only());
    }

    @Test
    void aChecksumIsFinishedForThoseOnlyWhoCannot() {
        byte[] p = Frames.udp(Frames.data(101));
        assertTrue(Frames.udpSum(p) != 0xFFFF);
        pass(p, CHECKSUM, 0);
        assertArrayEquals(p, only());
        pass(p, NOTHING, 0);
        byte[] finished = only();
        assertEquals(0xFFFF, Frames.udpSum(finished));
        assertArrayEquals(new byte[NetBackend.HEADER], Arrays.copyOf(finished, NetBackend.HEADER));
    }

    @Test
    void aUdpChecksumThatComesOutZeroIsSentAsItsOtherForm() {
        byte[] data = new byte[2];
        for (int i = 0; i < 0x10000; i++) { // one of them makes the sum 0xFFFF
            data[0] = (byte) (i >>> 8);
            data[1] = (byte) i;
            pass(Frames.udp(data), NOTHING, 0);
            byte[] p = only();
            if (p[50] == (byte) 0xFF && p[51] == (byte) 0xFF) return;
            assertFalse(p[50] == 0 && p[51] == 0, "no checksum at all");
        }
        throw new AssertionError("no datagram with that checksum");
    }

    @Test
    void thatAChecksumIsGoodIsToldToThoseWhoUnderstandIt() {
        byte[] p = Frames.join(Frames.header(2, 0, 0, 0, 0), Frames.plain(60));
        pass(p, CHECKSUM, 0);
        assertEquals(2, only()[0]);
        pass(p, NOTHING, 0);
        assertEquals(0, only()[0]);
    }

    static Stream<Tcp> shapes() {
        List<Tcp> all = new ArrayList<>();
        for (boolean v6 : new boolean[] {false, true})
            for (boolean vlan : new boolean[] {false, true})
                for (int options : new int[] {0, 8, 16})
                    for (int bytes : new int[] {1, 1448, 1449, 2896, 40_001, 65_000})
                        all.add(new Tcp(v6, vlan, options, options == 16 ? 40 : 12, Frames.ACK | Frames.FIN | Frames.PSH | Frames.CWR, bytes));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aLargeSegmentIsCutIntoFramesThatMakeTheSameStream(Tcp t) {
        byte[] p = t.packet(t.v6() ? V6 : V4, 1448);
        assertEquals(Offload.ALL, pass(p, NOTHING, 0));
        check(t, true);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whoFinishesChecksumsHimselfGetsTheSumsOfThePseudoHeaders(Tcp t) {
        pass(t.packet((t.v6() ? V6 : V4) | ECN, 1448), CHECKSUM, 0);
        for (byte[] f : taken) assertTrue(packet(f).check() && packet(f).needsChecksum() && !packet(f).large());
        check(t, false);
        List<byte[]> partial = List.copyOf(taken);
        taken.clear();
        for (byte[] f : partial) pass(f, NOTHING, 0);
        check(t, true);
    }

    private void check(Tcp t, boolean finished) {
        var stream = new ByteArrayOutputStream();
        int count = (t.bytes() + 1447) / 1448;
        assertEquals(count, taken.size());
        for (int i = 0; i < count; i++) {
            Seen s = t.see(taken.get(i));
            assertTrue(finished ? s.checksumRight() : s.checksumLeft(), "checksum of frame " + i);
            if (finished) assertArrayEquals(new byte[NetBackend.HEADER], Arrays.copyOf(taken.get(i), NetBackend.HEADER));
            assertEquals(0xFFFF_FF00 + stream.size(), s.sequence());
            assertEquals(t.v6() ? 0 : 0xFFFE + i & 0xFFFF, s.id());
            int flags = Frames.ACK | (i == 0 ? Frames.CWR : 0) | (i == count - 1 ? Frames.FIN | Frames.PSH : 0);
            assertEquals(flags, s.flags(), "flags of frame " + i);
            stream.writeBytes(s.data());
        }
        assertArrayEquals(Frames.data(t.bytes()), stream.toByteArray());
    }

    @Test
    void whoTakesLargeSegmentsGetsThemWhole() {
        Tcp t = new Tcp(false, false, 0, 12, Frames.ACK, 30_000);
        byte[] p = t.packet(V4 | ECN, 1448);
        pass(p, ALL, 0);
        assertArrayEquals(p, only());
        pass(p, new Abilities(true, true, true, false), 0);
        assertEquals(21, taken.size(), "cut, because of congestion notification");
        taken.clear();
        pass(p, new Abilities(true, false, true, true), 0);
        assertEquals(21, taken.size(), "cut, because of IPv4");
    }

    @Test
    void whoStoppedInTheMiddleGoesOnThere() {
        Tcp t = new Tcp(false, false, 0, 12, Frames.ACK, 30_000);
        byte[] p = t.packet(V4, 1448);
        pass(p, NOTHING, 0);
        List<byte[]> atOnce = List.copyOf(taken);
        taken.clear();
        int done = 0;
        for (int round = 0; done != Offload.ALL; round++) {
            assertTrue(round < 10);
            room = 7;
            done = pass(p, NOTHING, done);
            assertTrue(done == Offload.ALL || done == taken.size());
        }
        assertEquals(atOnce.size(), taken.size());
        for (int i = 0; i < atOnce.size(); i++) assertArrayEquals(atOnce.get(i), taken.get(i));
    }

    @Test
    void aRefusedPacketIsTheSameWhenItComesAgain() {
        byte[] p = Frames.udp(Frames.data(64));
        room = 0;
        assertEquals(0, pass(p, NOTHING, 0));
        room = 1;
        assertEquals(Offload.ALL, pass(p, NOTHING, 0));
        assertEquals(0xFFFF, Frames.udpSum(only()));
    }

    private boolean good(byte[] p) { return packet(p).check(); }

    @Test
    void headersThatLieAreFound() {
        Tcp t = new Tcp(false, false, 0, 0, Frames.ACK, 3000);
        assertTrue(good(t.packet(V4, 1448)));
        assertFalse(good(t.packet(V6, 1448)), "IPv4 called IPv6");
        assertFalse(good(t.packet(3, 1448)), "UDP is cut by nobody");
        assertFalse(good(t.packet(2, 1448)), "no such kind");
        assertFalse(good(t.packet(V4, 0)), "frames without data");
        byte[] without = t.packet(V4, 1448);
        without[0] = 0;
        assertFalse(good(without), "a large segment with a finished checksum");
        byte[] p = Frames.udp(Frames.data(10));
        p[8] = (byte) 200;
        assertFalse(good(p), "a checksum behind the end");
        p[8] = (byte) 0xFF;
        p[9] = (byte) 0xFF;
        assertFalse(good(p), "a checksum far behind the end");
        assertFalse(good(new byte[NetBackend.HEADER + 13]), "shorter than its Ethernet header");
    }

    @Test
    void noHeaderWhateverItSaysMakesItFail() {
        Random r = new Random(3);
        int good = 0;
        for (int round = 0; round < 200_000; round++) {
            Tcp t = new Tcp(r.nextBoolean(), r.nextBoolean(), 8 * r.nextInt(2), 0, r.nextInt(256), r.nextInt(300));
            byte[] p = t.packet(r.nextInt(6) | r.nextInt(2) << 7, r.nextInt(100));
            for (int i = r.nextInt(4); i > 0; i--) p[r.nextInt(Math.min(p.length, 80))] = (byte) r.nextInt();
            Packet packet = packet(Arrays.copyOf(p, r.nextInt(8) == 0 ? r.nextInt(p.length) : p.length));
            if (!packet.check()) continue;
            good++;
            Abilities can = new Abilities(r.nextBoolean(), false, false, false);
            assertEquals(Offload.ALL, offload.pass(packet, can, 0, (b, length) -> length >= NetBackend.HEADER + 14));
        }
        assertTrue(good > 10_000, good + " good ones");
    }
}
