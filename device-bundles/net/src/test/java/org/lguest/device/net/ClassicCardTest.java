package org.lguest.device.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.testkit.ClassicGuest;

/** ABI section 10.7, the card that is not between guests. */
class ClassicCardTest {
    private static final class Cable implements NetBackend {
        final List<byte[]> gone = new ArrayList<>();
        final ArrayDeque<byte[]> coming = new ArrayDeque<>();
        boolean full;

        @Override
        public long offloads() { return 0; }

        @Override
        public boolean send(byte[] packet, int length) {
            if (!full) gone.add(java.util.Arrays.copyOf(packet, length));
            return !full;
        }

        @Override
        public int receive(byte[] to) {
            byte[] next = coming.poll();
            if (next == null) return 0;
            System.arraycopy(next, 0, to, 0, next.length);
            return next.length;
        }

        @Override
        public String describe() { return "cable"; }

        @Override
        public void close() { }
    }

    private final ClassicGuest g = new ClassicGuest();
    private final Cable cable = new Cable();
    private final ClassicCard card = new ClassicCard();
    private final DeviceState device = g.plug(card, cable);
    private final int page = (int) device.config;

    @AfterEach
    void close() { g.close(); }

    private static byte[] packet(int frameBytes, int seed) {
        byte[] p = new byte[NetBackend.HEADER + frameBytes];
        new Random(seed).nextBytes(p);
        java.util.Arrays.fill(p, 0, NetBackend.HEADER, (byte) 0);
        return p;
    }

    private byte[] memory(int at, int bytes) {
        byte[] b = new byte[bytes];
        g.guest.memory().read(at, b, 0, bytes);
        return b;
    }

    @Test
    void theGuestIsInPlaceOneAndPlaceZeroWantsEverything() {
        assertEquals(2, g.guest.memory().load16(device.descriptor));
        assertEquals(0x8001, g.guest.memory().load16(device.descriptor + 2));
        assertEquals(1, g.guest.memory().load8(page) & 1);
        assertEquals(0, g.guest.memory().load8(page + 6), "the guest writes its own");
    }

    @Test
    void whatIsSentToPlaceZeroGoesOut() {
        byte[] p = packet(100, 1);
        g.guest.memory().write(0x2000, p, 10, 100);
        assertEquals(100, g.send(card, device, cable, page, g.list(0x2000, 60, 0x203C, 40)));
        assertArrayEquals(p, cable.gone.getFirst());
    }

    @Test
    void whatNobodyTakesNowOrEverIsLostAndTheGuestKnows() {
        cable.full = true;
        assertEquals(0, g.send(card, device, cable, page, g.list(0x2000, 100)));
        cable.full = false;
        assertEquals(0, g.send(card, device, cable, page, g.list(0x2000, 1600)), "no frame of that size");
        assertEquals(0, g.send(card, device, cable, page, g.list(0x2000, 5)), "no frame at all");
        assertEquals(0, g.send(card, device, cable, page + 8, g.list(0x2000, 100)), "nobody is in place 2");
        assertEquals(0, cable.gone.size());
        assertEquals(3, g.guest.counters().framesDropped.sum());
        assertFalse(g.guest.dma().pending());
    }

    @Test
    void framesArriveInTheBuffersOfPlaceOne() {
        int first = g.list(0x3000, 1514), second = g.list(0x4000, 1514);
        g.guest.dma().bind(page + 4, first, 2, 2);
        byte[] a = packet(60, 2), b = packet(1514, 3);
        cable.coming.addAll(List.of(a, b));
        // lists are 128 bytes apart, the array's elements 100: the second is written where it belongs
        g.write(first + 100, 0x4000, 1514);
        card.service(g.guest, device, 0, cable);
        assertEquals(60, g.used(first));
        assertEquals(1514, g.used(first + 100));
        assertArrayEquals(java.util.Arrays.copyOfRange(a, 10, 70), memory(0x3000, 60));
        assertArrayEquals(java.util.Arrays.copyOfRange(b, 10, 1524), memory(0x4000, 1514));
        assertEquals(1 << 2, g.guest.lines().pending());
        assertEquals(0, g.used(second));
    }

    @Test
    void aFrameWaitsForAFreeBufferAndIsNotLost() {
        int list = g.list(0x3000, 1514);
        g.guest.dma().bind(page + 4, list, 1, 2);
        cable.coming.addAll(List.of(packet(60, 2), packet(70, 3)));
        card.service(g.guest, device, 0, cable);
        card.service(g.guest, device, 0, cable);
        assertEquals(60, g.used(list));
        g.guest.memory().store32(list, 0);
        card.service(g.guest, device, 0, cable);
        assertEquals(70, g.used(list));
    }

    @Test
    void whatComesBeforeSomebodyListensIsLostAndCounted() {
        cable.coming.add(packet(60, 2));
        card.service(g.guest, device, 0, cable);
        assertEquals(1, g.guest.counters().framesDropped.sum());
    }

    @Test
    void nothingThatAGuestSendsOrBindsThrows() {
        int died = 0;
        for (int round = 0; round < 300; round++) {
            var random = new Random(round);
            try (ClassicGuest other = new ClassicGuest()) {
                DeviceState d = other.plug(card, cable);
                for (int i = 0; i < 30 && !other.guest.dead(); i++) {
                    other.litter(random);
                    cable.coming.add(packet(14 + random.nextInt(1500), i));
                    other.guest.dma().bind((int) d.config + 4, ClassicGuest.hostile(random), random.nextInt(5), 1 + random.nextInt(31));
                    other.send(card, d, cable, (int) d.config + 4 * random.nextInt(2), ClassicGuest.hostile(random));
                }
                if (other.guest.dead()) died++;
            }
        }
        assertTrue(died > 150, "only " + died + " of 300 died: nothing hostile in it");
    }
}
