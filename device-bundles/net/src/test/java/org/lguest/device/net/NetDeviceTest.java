package org.lguest.device.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.Rate;
import org.lguest.api.state.Throttle;
import org.lguest.device.net.Frames.Tcp;
import org.lguest.testkit.DeviceContract;
import org.lguest.testkit.FakeDriver;
import org.lguest.testkit.FakeDriver.Piece;
import org.lguest.testkit.FakeDriver.Used;

class NetDeviceTest extends DeviceContract {
    private static final int RX = 0, TX = 1;
    private static final byte[] NO_HEADER = new byte[NetBackend.HEADER];
    private static final long EVERYTHING = 1L << Virtio.NET_F_CSUM | 1L << Virtio.NET_F_HOST_TSO4 | 1L << Virtio.NET_F_HOST_TSO6 | 1L << Virtio.NET_F_HOST_ECN
        | 1L << Virtio.NET_F_GUEST_CSUM | 1L << Virtio.NET_F_GUEST_TSO4 | 1L << Virtio.NET_F_GUEST_TSO6 | 1L << Virtio.NET_F_GUEST_ECN;

    /** A wire of which both ends are the test's. */
    private static final class Cable implements NetBackend {
        final List<byte[]> sent = new ArrayList<>();
        final ArrayDeque<byte[]> coming = new ArrayDeque<>();
        long offloads = EVERYTHING;
        byte[] mac;
        int room = Integer.MAX_VALUE;

        @Override public long offloads() { return offloads; }

        @Override public byte[] mac() { return mac; }

        @Override public boolean send(byte[] packet, int length) {
            if (room == 0) return false;
            room--;
            return sent.add(Arrays.copyOf(packet, length));
        }

        @Override public int receive(byte[] to) {
            byte[] p = coming.poll();
            if (p == null) return 0;
            System.arraycopy(p, 0, to, 0, p.length);
            return p.length;
        }

        @Override public String describe() { return "test"; }

        @Override public void close() { }
    }

    private final Cable cable = new Cable();

    @Override protected DeviceModel model() { return new NetDevice(); }

    @Override protected Backend backend() {
        for (int i = 0; i < 20; i++) cable.coming.add(packet(Frames.plain(100)));
        return cable;
    }

    @BeforeEach
    void driverIsReady() { guest.memory().store8(device.status, Virtio.ACKNOWLEDGE | Virtio.DRIVER | Virtio.DRIVER_OK); }

    private static byte[] packet(byte[] frame) { return Frames.join(NO_HEADER, frame); }

    private void accept(int... features) {
        long bits = 0;
        for (int f : features) bits |= 1L << f;
        for (int i = 0; i < device.featureBytes; i++) guest.memory().store8(device.accepted + i, (int) (bits >>> 8 * i));
    }

    private void nothingComing() { cable.coming.clear(); }

    private long dropped() { return guest.counters().framesDropped.sum(); }

    @Test
    void theCardOffersWhatItCanDoForItsDriverWhateverIsBehindIt() {
        cable.offloads = 0;
        long without = model.shape(cable, guest).features();
        cable.offloads = EVERYTHING;
        long with = model.shape(cable, guest).features();
        for (int f : new int[] {Virtio.NET_F_CSUM, Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_MAC, Virtio.NET_F_HOST_TSO4, Virtio.NET_F_HOST_TSO6,
            Virtio.NET_F_HOST_ECN, Virtio.NET_F_MRG_RXBUF, Virtio.NET_F_STATUS, Virtio.F_INDIRECT_DESC, Virtio.F_ANY_LAYOUT})
            assertNotEquals(0, without & with & 1L << f, "feature " + f);
        assertEquals(1L << Virtio.NET_F_GUEST_TSO4 | 1L << Virtio.NET_F_GUEST_TSO6 | 1L << Virtio.NET_F_GUEST_ECN, with & ~without);
        assertEquals(Virtio.NET_S_LINK_UP, guest.memory().load16(device.config + 6));
    }

    private static byte[] address(String name, String... plugs) throws IOException {
        var devices = Arrays.stream(plugs).map(p -> new GuestSpec.Device(DeviceType.NET, p)).toList();
        try (var memory = GuestMemory.create(1 << 20)) {
            var g = new Guest(new GuestSpec(name, 1, null, null, "", devices, null), memory);
            byte[] config = null;
            for (String p : plugs) {
                DeviceModel.Shape s = new NetDevice().shape(new Cable(), g);
                g.devicePage().add(DeviceType.NET, p, s.queueSizes(), s.features(), config = s.config());
            }
            return Arrays.copyOf(config, 6);
        }
    }

    @Test
    void addressesAreLocalAlwaysTheSameAndDifferentForEachCard() throws IOException {
        byte[] a = address("rex", "switch:a");
        assertEquals(2, a[0] & 3, "locally administered, one card's");
        assertArrayEquals(a, address("rex", "switch:a"));
        for (byte[] other : new byte[][] {address("fido", "switch:a"), address("rex", "socket:listen=1"), address("rex", "switch:a", "switch:a")})
            assertFalse(Arrays.equals(a, other));
    }

    @Test
    void aBackendMayChooseTheAddress() {
        cable.mac = new byte[] {2, 1, 2, 3, 4, 5};
        assertArrayEquals(cable.mac, Arrays.copyOf(model.shape(cable, guest).config(), 6));
    }

    @Test
    void framesLeaveAsTheyAreHoweverTheyAreCut() {
        byte[] p = packet(Frames.plain(700));
        FakeDriver d = driver(TX);
        int one = d.offer(Piece.of(p));
        int two = d.offer(Piece.of(Arrays.copyOf(p, 10)), Piece.of(Arrays.copyOfRange(p, 10, p.length)));
        int three = d.offer(Piece.of(Arrays.copyOf(p, 3)), Piece.of(Arrays.copyOfRange(p, 3, 40)), Piece.of(Arrays.copyOfRange(p, 40, p.length)));
        service(TX);
        assertEquals(List.of(new Used(one, 0), new Used(two, 0), new Used(three, 0)), d.used());
        assertEquals(3, cable.sent.size());
        for (byte[] s : cable.sent) assertArrayEquals(p, s);
        assertTrue(d.interrupted());
        assertEquals(3, guest.counters().framesSent.sum());
    }

    @Test
    void aDriverThatMergesBuffersSendsTwoBytesMoreOfHeader() {
        accept(Virtio.NET_F_MRG_RXBUF);
        byte[] f = Frames.plain(64);
        driver(TX).offer(Piece.of(new byte[12]), Piece.of(f));
        service(TX);
        assertArrayEquals(packet(f), cable.sent.getFirst());
    }

    @Test
    void aBackendWithoutOffloadsGetsFramesThatAreComplete() {
        cable.offloads = 0;
        Tcp t = new Tcp(false, false, 0, 12, Frames.ACK, 5000);
        FakeDriver d = driver(TX);
        d.offer(Piece.of(t.packet(Virtio.NET_HDR_GSO_TCPV4, 1448)));
        d.offer(Piece.of(Frames.udp(Frames.data(99))));
        service(TX);
        assertEquals(5, cable.sent.size());
        for (int i = 0; i < 4; i++) assertTrue(t.see(cable.sent.get(i)).checksumRight());
        assertEquals(0xFFFF, Frames.udpSum(cable.sent.get(4)));
        assertEquals(2, guest.counters().framesSent.sum());
    }

    @Test
    void whatTheBackendDoesNotWantNowIsOfferedAgainFromWhereItStoppedByWhicheverModel() {
        cable.offloads = 0;
        cable.room = 2;
        Tcp t = new Tcp(false, false, 0, 0, Frames.ACK, 5000);
        FakeDriver d = driver(TX);
        int large = d.offer(Piece.of(t.packet(Virtio.NET_HDR_GSO_TCPV4, 1000)));
        int small = d.offer(Piece.of(packet(Frames.plain(60))));
        service(TX);
        assertEquals(2, cable.sent.size());
        assertTrue(d.used().isEmpty());
        cable.room = 100;
        new NetDevice().service(guest, device, TX, cable);
        assertEquals(List.of(new Used(large, 0), new Used(small, 0)), d.used());
        assertEquals(6, cable.sent.size());
        for (int i = 0; i < 5; i++) assertEquals(0xFFFF_FF00 + 1000 * i, t.see(cable.sent.get(i)).sequence());
        assertEquals(0, device.queues.get(TX).progress);
    }

    @Test
    void framesThatNoCardCouldSendAreLostAndCounted() {
        cable.offloads = 0;
        FakeDriver d = driver(TX);
        d.offer(Piece.of(packet(Frames.plain(NetBackend.MAX_FRAME + 1))));
        d.offer(Piece.of(packet(new byte[13])));
        d.offer(Piece.of(Frames.join(Frames.header(1, 0, 0, 60, 2), Frames.plain(60))));
        d.offer(Piece.of(packet(new byte[0])));
        d.offer(Piece.of(new byte[70_000]));
        d.offer(Piece.of(packet(Frames.plain(NetBackend.MAX_FRAME))));
        service(TX);
        assertEquals(6, d.used().size());
        assertEquals(1, cable.sent.size());
        assertEquals(5, dropped());
        assertFalse(guest.dead());
    }

    @Test
    void aBackendForLargeSegmentsTakesLargeFramesToo() {
        driver(TX).offer(Piece.of(packet(Frames.plain(9000))));
        service(TX);
        assertEquals(1, cable.sent.size());
    }

    @Test
    void aFrameToSendWithoutWholeHeaderKills() {
        driver(TX).offer(Piece.of(new byte[9]));
        service(TX);
        assertTrue(guest.endingNow().reason().contains("without its header: 9 bytes"), guest.endingNow().reason());
    }

    @Test
    void framesArriveInTheBuffersOffered() {
        nothingComing();
        byte[] one = packet(Frames.plain(60)), two = packet(Frames.plain(1514));
        FakeDriver d = driver(RX);
        int a = d.offer(Piece.room(NetBackend.HEADER), Piece.room(1514));
        int b = d.offer(Piece.room(1524));
        d.offer(Piece.room(1524));
        cable.coming.addAll(List.of(one, two));
        service(RX);
        assertEquals(List.of(new Used(a, 70), new Used(b, 1524)), d.used());
        assertArrayEquals(one, d.written(a, 70));
        assertArrayEquals(two, d.written(b, 1524));
        assertTrue(d.interrupted());
        assertEquals(2, guest.counters().framesReceived.sum());
    }

    @Test
    void framesWaitForBuffersAndTheGuestIsAskedToKick() {
        FakeDriver d = driver(RX);
        d.offer(Piece.room(1524));
        service(RX);
        assertEquals(19, cable.coming.size());
        assertEquals(0, guest.memory().load16(device.queues.get(RX).used()), "kicks are wanted");
        for (int i = 0; i < 30; i++) d.offer(Piece.room(1524));
        service(RX);
        assertEquals(20, d.used().size());
        assertEquals(Virtio.USED_NO_NOTIFY, guest.memory().load16(device.queues.get(RX).used()), "there are buffers enough");
        assertEquals(0, dropped());
    }

    @Test
    void whatComesBeforeTheDriverIsReadyIsLostAndCounted() {
        guest.memory().store8(device.status, Virtio.ACKNOWLEDGE | Virtio.DRIVER);
        FakeDriver d = driver(RX);
        d.offer(Piece.room(1524));
        service(RX);
        assertTrue(d.used().isEmpty());
        assertEquals(20, dropped());
        assertTrue(cable.coming.isEmpty());
    }

    @Test
    void aFrameThatDoesNotFitIsLostAndTheBufferIsNot() {
        nothingComing();
        FakeDriver d = driver(RX);
        int head = d.offer(Piece.room(100));
        cable.coming.add(packet(Frames.plain(91)));
        cable.coming.add(packet(Frames.plain(90)));
        service(RX);
        assertEquals(List.of(new Used(head, 100)), d.used());
        assertEquals(1, dropped());
    }

    @Test
    void theDriverGetsNoMoreThanItHasAcceptedToUnderstand() {
        nothingComing();
        Tcp t = new Tcp(true, false, 0, 12, Frames.ACK, 3000);
        cable.coming.add(t.packet(Virtio.NET_HDR_GSO_TCPV6, 1428));
        FakeDriver d = driver(RX);
        for (int i = 0; i < 3; i++) d.offer(Piece.room(1524));
        service(RX);
        List<Used> used = d.used();
        assertEquals(3, used.size());
        for (Used u : used) assertTrue(t.see(d.written(u.head(), u.written())).checksumRight());
        accept(Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_GUEST_TSO6);
        byte[] whole = t.packet(Virtio.NET_HDR_GSO_TCPV6, 1428);
        cable.coming.add(whole);
        int head = d.offer(Piece.room(10), Piece.room(4000));
        service(RX);
        assertArrayEquals(whole, d.written(head, whole.length));
    }

    @Test
    void aFrameMaySpreadOverMergedBuffersWhichComeBackTogether() {
        nothingComing();
        accept(Virtio.NET_F_MRG_RXBUF);
        byte[] f = Frames.plain(2500);
        cable.coming.add(packet(f));
        FakeDriver d = driver(RX);
        int[] heads = {d.offer(Piece.room(1000)), d.offer(Piece.room(1000))};
        service(RX);
        assertTrue(d.used().isEmpty(), "not before there is room for all");
        assertEquals(0, device.queues.get(RX).lastAvail);
        int last = d.offer(Piece.room(1000));
        new NetDevice().service(guest, device, RX, cable);
        assertEquals(List.of(new Used(heads[0], 1000), new Used(heads[1], 1000), new Used(last, 512)), d.used());
        byte[] all = Frames.join(d.written(heads[0], 1000), d.written(heads[1], 1000), d.written(last, 512));
        assertEquals(3, all[10] | all[11] << 8, "number of buffers");
        assertArrayEquals(f, Arrays.copyOfRange(all, 12, all.length));
        assertEquals(0, device.undelivered.length);
    }

    @Test
    void aCardThatIsHeldBackFinishesTheFrameThatItHasBegun() {
        long[] now = {0};
        accept(Virtio.NET_F_MRG_RXBUF);
        nothingComing();
        cable.coming.add(packet(Frames.plain(1000)));
        cable.coming.add(packet(Frames.plain(1000)));
        device.throttle = new Throttle(new Rate(1, 0), () -> now[0]);
        FakeDriver d = driver(RX);
        for (int i = 0; i < 10; i++) d.offer(Piece.room(300));
        service(RX);
        assertEquals(4, d.used().size());
        service(RX);
        assertEquals(0, d.used().size());
        assertEquals(1, cable.coming.size(), "it waits at the backend");
        now[0] += device.throttle.delay();
        service(RX);
        assertEquals(4, d.used().size());
        assertFalse(guest.dead());
    }

    @Test
    void aMergedFrameInOneBufferSaysOne() {
        nothingComing();
        accept(Virtio.NET_F_MRG_RXBUF);
        cable.coming.add(packet(Frames.plain(60)));
        FakeDriver d = driver(RX);
        int head = d.offer(Piece.room(1000));
        service(RX);
        byte[] b = d.written(head, 72);
        assertEquals(1, b[10]);
        assertArrayEquals(Frames.plain(60), Arrays.copyOfRange(b, 12, 72));
    }

    @Test
    void aFrameForWhichTheWholeRingIsTooSmallIsLost() {
        nothingComing();
        accept(Virtio.NET_F_MRG_RXBUF);
        cable.coming.add(packet(Frames.plain(60 * 256)));
        cable.coming.add(packet(Frames.plain(40)));
        FakeDriver d = driver(RX);
        for (int i = 0; i < 256; i++) d.offer(Piece.room(60));
        service(RX);
        assertEquals(1, dropped());
        assertEquals(1, d.used().size());
    }

    @Test
    void segmentsOfAPacketThatTheGuestHasAreNotGivenAgain() {
        nothingComing();
        Tcp t = new Tcp(false, false, 0, 0, Frames.ACK, 5000);
        cable.coming.add(t.packet(Virtio.NET_HDR_GSO_TCPV4, 1000));
        FakeDriver d = driver(RX);
        List<Integer> heads = new ArrayList<>();
        for (int i = 0; i < 2; i++) heads.add(d.offer(Piece.room(1524)));
        service(RX);
        for (int i = 0; i < 5; i++) heads.add(d.offer(Piece.room(1524)));
        new NetDevice().service(guest, device, RX, cable);
        List<Used> used = d.used();
        assertEquals(5, used.size());
        for (int i = 0; i < 5; i++) {
            assertEquals(heads.get(i), used.get(i).head());
            assertEquals(0xFFFF_FF00 + 1000 * i, t.see(d.written(heads.get(i), used.get(i).written())).sequence());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9})
    void aReceiveBufferWithoutRoomForTheHeaderKills(int room) {
        driver(RX).offer(Piece.room(room));
        service(RX);
        assertTrue(guest.endingNow().reason().contains("no buffer for a frame"), guest.endingNow().reason());
    }

    @Test
    void aReadablePieceAmongReceiveBuffersKills() {
        driver(RX).offer(Piece.of(new byte[4]), Piece.room(2000));
        service(RX);
        assertTrue(guest.endingNow().reason().contains("no buffer for a frame: 4 bytes to read"), guest.endingNow().reason());
    }

    @Test
    void aBackendThatGivesNonsenseDoesNoHarm() {
        nothingComing();
        cable.coming.add(new byte[5]);
        cable.coming.add(Frames.join(Frames.header(1, 1, 1448, 500, 16), Frames.plain(60)));
        cable.coming.add(packet(Frames.plain(60)));
        FakeDriver d = driver(RX);
        d.offer(Piece.room(1524));
        service(RX);
        assertEquals(1, d.used().size());
        assertEquals(2, dropped());
    }

    @Test
    void theDriverOfLinux2624HasAnEightByteHeader() throws Exception {
        backend.close();
        guest.memory().close();
        nothingComing();
        guest = org.lguest.testkit.TestGuests.of(2);
        guest.expect(Generation.LINUX_2_6_24);
        device = FakeDriver.plug(guest, model, DeviceType.NET, cable);
        driverIsReady();
        byte[] f = Frames.plain(300);
        driver(TX).offer(Piece.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), Piece.of(f));
        service(TX);
        assertArrayEquals(packet(f), cable.sent.getFirst());
        FakeDriver d = driver(RX);
        int head = d.offer(Piece.room(8), Piece.room(1514));
        cable.coming.add(packet(f));
        service(RX);
        assertEquals(List.of(new Used(head, 308)), d.used());
        assertArrayEquals(Frames.join(new byte[8], f), d.written(head, 308));
        assertEquals(128, device.queues.get(RX).num);
    }
}
