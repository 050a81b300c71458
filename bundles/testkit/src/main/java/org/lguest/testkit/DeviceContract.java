package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.*;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;

/** What every device model owes: it fits its shape, and no guest, whatever it writes into its rings, makes it throw or hang. */
public abstract class DeviceContract {
    protected Guest guest;
    protected DeviceModel model;
    protected Backend backend;
    protected DeviceState device;

    /** The model. */
    protected abstract DeviceModel model();

    /** A backend that has something to give at once. */
    protected abstract Backend backend() throws Exception;

    @BeforeEach
    void plug() throws Exception {
        guest = TestGuests.of(2);
        model = model();
        backend = backend();
        device = FakeDriver.plug(guest, model, model.type(), backend);
    }

    @AfterEach
    void unplug() {
        backend.close();
        guest.memory().close();
    }

    /** A driver for a queue. */
    protected FakeDriver driver(int queue) { return new FakeDriver(guest, device, queue); }

    /** Serves a queue once. */
    protected void service(int queue) { model.service(guest, device, queue, backend); }

    @Test
    void theDeviceHasQueuesAndItsModelsType() {
        assertFalse(device.queues.isEmpty());
        assertEquals(model.type(), device.type);
        for (var q : device.queues) assertNull(q.check(guest.memory()));
    }

    @Test
    void anEmptyQueueIsLeftAlone() {
        for (var q : device.queues) {
            FakeDriver d = driver(q.index);
            service(q.index);
            assertTrue(d.used().isEmpty());
            assertFalse(d.interrupted());
        }
        assertFalse(guest.dead());
    }

    private void dies(String because) {
        for (var q : device.queues) service(q.index);
        assertTrue(guest.dead(), "the guest should have died: " + because);
        assertTrue(guest.endingNow().reason().contains(because), guest.endingNow().reason());
    }

    @Test
    void aJumpOfTheAvailableIndexKills() {
        driver(0).availableIndex(device.queues.get(0).num + 1);
        dies("jumped");
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 65535})
    void aHeadBeyondTheRingKills(int head) {
        driver(0).publish(head);
        dies("chain head " + head);
    }

    @Test
    void anEndlessChainKills() {
        FakeDriver d = driver(0);
        d.descriptor(0, 0x20000, 1, Virtio.DESC_NEXT, 1);
        d.descriptor(1, 0x20000, 1, Virtio.DESC_NEXT, 0);
        d.publish(0);
        dies("without end");
    }

    @Test
    void aReadablePieceBehindAWritableOneKills() {
        FakeDriver d = driver(0);
        d.descriptor(0, 0x20000, 16, Virtio.DESC_WRITE | Virtio.DESC_NEXT, 1);
        d.descriptor(1, 0x20000, 16, 0, 0);
        d.publish(0);
        dies("behind a writable");
    }

    @ParameterizedTest
    @ValueSource(longs = {0x7FFF_FFFFL, 0xFFFF_FFFF_FFFFL, -1L})
    void aPieceBeyondMemoryKills(long address) {
        FakeDriver d = driver(0);
        d.descriptor(0, address, 16, Virtio.DESC_WRITE, 0);
        d.publish(0);
        dies("names 0x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, -16})
    void anIndirectTableOfOddLengthKills(int bytes) {
        FakeDriver d = driver(0);
        d.descriptor(0, 0x20000, bytes, Virtio.DESC_INDIRECT, 0);
        d.publish(0);
        dies("indirect table");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomRingsNeitherThrowNorHang(long seed) {
        Random r = new Random(seed);
        for (int round = 0; round < 300 && !guest.dead(); round++) {
            int queue = r.nextInt(device.queues.size());
            FakeDriver d = driver(queue);
            for (int i = 0; i < 16; i++)
                d.descriptor(i, r.nextInt(8) == 0 ? r.nextLong() : r.nextInt(0x180000), r.nextInt(8) == 0 ? r.nextInt() : r.nextInt(600),
                    r.nextInt(r.nextInt(4) + 1 == 4 ? 8 : 4), r.nextInt(r.nextBoolean() ? 16 : 300));
            guest.memory().store16(device.queues.get(queue).available() + 4 + 2L * (device.queues.get(queue).lastAvail & 255), r.nextInt(16));
            d.availableIndex(device.queues.get(queue).lastAvail + 1);
            service(queue);
        }
        if (guest.dead()) assertFalse(guest.endingNow().reason().isBlank());
    }
}
