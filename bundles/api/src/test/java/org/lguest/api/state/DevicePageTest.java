package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.abi.ConfigField;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Virtio;

/** The descriptor page, byte by byte as ABI section 11.1 has it. */
class DevicePageTest {
    private static final long RAM = 1 << 20;
    private GuestMemory memory;
    private DevicePage page;

    @BeforeEach
    void map() throws IOException {
        memory = GuestMemory.create(RAM);
        page = new DevicePage(memory);
    }

    @AfterEach
    void unmap() { memory.close(); }

    @Test
    void thePageIsJustAboveRam() {
        assertEquals(RAM, page.address());
        assertEquals(RAM + 4096, memory.limit());
    }

    @Test
    void aBlockDescriptorReadsAsTheGuestExpects() {
        byte[] config = new byte[16];
        config[0] = 99;
        DeviceState d = page.add(DeviceType.BLOCK, "mem:1M", new int[] {256}, 1L << 9 | 1 << 2, config);
        int[] header = {2, 1, 2, 16, 0};
        for (int i = 0; i < header.length; i++) assertEquals(header[i], memory.load8(RAM + i));
        assertEquals(256, memory.load16(RAM + 5));
        assertEquals(1, memory.load16(RAM + 7));
        assertEquals(d.queues.get(0).ring >>> 12, memory.load32(RAM + 9));
        assertEquals(0x04, memory.load8(RAM + 13));
        assertEquals(0x02, memory.load8(RAM + 14));
        assertEquals(RAM + 15, d.accepted);
        assertEquals(99, memory.load8(RAM + 17));
        assertEquals(0, memory.load8(RAM + 33));
    }

    @Test
    void queuesGetLinesAndRingsInTheOrderOfCreation() {
        DeviceState console = page.add(DeviceType.CONSOLE, "hub:", new int[] {256, 256}, 0, new byte[0]);
        DeviceState rng = page.add(DeviceType.RNG, "host:", new int[] {256}, 0, new byte[0]);
        assertEquals(1, console.queues.get(0).irq);
        assertEquals(2, console.queues.get(1).irq);
        assertEquals(3, rng.queues.get(0).irq);
        assertEquals(RAM + 4096, console.queues.get(0).ring);
        assertEquals(RAM + 4 * 4096, console.queues.get(1).ring);
        assertEquals(console.descriptor + 5 + 16, rng.descriptor);
        assertEquals(4, memory.load8(rng.descriptor));
    }

    @Test
    void acceptedFeaturesThatWereNotOfferedDoNotCount() {
        DeviceState d = page.add(DeviceType.BLOCK, "mem:1M", new int[] {128}, 1L << 9, new byte[16]);
        memory.store8(d.accepted, 0xFF);
        memory.store8(d.accepted + 1, 0xFF);
        assertEquals(1L << 9, d.acceptedFeatures(memory));
    }

    @Test
    void resetClearsStatusFeaturesAndRings() {
        DeviceState d = page.add(DeviceType.RNG, "host:", new int[] {256}, 1, new byte[0]);
        memory.store8(d.status, 7);
        memory.store8(d.accepted, 1);
        memory.store16(d.queues.get(0).used() + 2, 5);
        d.queues.get(0).lastAvail = 5;
        page.reset(d);
        assertEquals(0, memory.load8(d.status));
        assertEquals(0, memory.load8(d.accepted));
        assertEquals(0, memory.load16(d.queues.get(0).used() + 2));
        assertEquals(0, d.queues.get(0).lastAvail);
    }

    @Test
    void theBusIsFullWhenLinesRunOut() {
        for (int i = 0; i < 31; i++) page.add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[0]);
        assertThrows(IllegalStateException.class, () -> page.add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[0]));
    }

    // Tagged descriptors, as Linux 2.6.24 reads them

    private byte[] diskConfiguration() {
        var b = java.nio.ByteBuffer.allocate(16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return b.putLong(0, 2048).putInt(8, 77).putInt(12, 126).array();
    }

    /** Finds a field as the 2.6.24 bus driver does: looks for the tag, marks it as read. Answers the address of its data, or -1. */
    private long find(long descriptor, int tag) {
        int i = 0;
        while (i < memory.load8(descriptor + 1)) {
            long field = descriptor + 3 + i;
            if (memory.load8(field) == tag) {
                memory.store8(field, tag | 0x80);
                return field + 2;
            }
            i += 2 + memory.load8(field + 1);
        }
        return -1;
    }

    @Test
    void aTaggedBlockDescriptorHasQueueCapacityAndSegments() {
        page.speak(Generation.LINUX_2_6_24.bus());
        DeviceState d = page.add(DeviceType.BLOCK, "mem:1M", new int[] {128}, 1L << Virtio.BLK_F_SEG_MAX | 1L << Virtio.BLK_F_FLUSH, diskConfiguration());
        int[] bytes = {2, 10 + 10 + 6, 0, ConfigField.VIRTQUEUE, 8, 128, 0, 1, 0};
        for (int i = 0; i < bytes.length; i++) assertEquals(bytes[i], memory.load8(RAM + i), "byte " + i);
        assertEquals(d.queues.getFirst().ring >>> 12, memory.load32(RAM + 9));
        assertEquals(0x0841, memory.load16(RAM + 13));
        assertEquals(2048, memory.load64(RAM + 15));
        assertEquals(0x0443, memory.load16(RAM + 23), "size_max was not offered");
        assertEquals(126, memory.load32(RAM + 25));
        assertEquals(0, memory.load8(RAM + 29));
        assertEquals(RAM + 2, d.status);
        memory.store8(RAM + 15, 0xFF);
        assertEquals(0, d.acceptedFeatures(memory), "there is nothing by which a guest could accept anything");
    }

    @Test
    void aDriverFindsOneQueueAfterTheOtherByMarkingWhatItHasRead() {
        page.speak(Generation.LINUX_2_6_24.bus());
        page.add(DeviceType.NET, "switch:a", new int[] {128, 128}, 1L << Virtio.NET_F_MAC | 1, new byte[] {2, 0, 0, 0, 0, 9, 1, 1});
        DeviceState console = page.add(DeviceType.CONSOLE, "hub:", new int[] {128, 128}, 0, new byte[0]);
        assertEquals(9, memory.load8(find(RAM, 0x41) + 5), "the card's address without what is behind it");
        assertEquals(-1, find(RAM, 0x41));
        assertEquals(RAM + 3 + 2 * 10 + 8, console.descriptor, "right behind the first");
        for (VirtqueueState q : console.queues) {
            long at = find(console.descriptor, 2);
            assertEquals(128, memory.load16(at));
            assertEquals(q.irq, memory.load16(at + 2));
            assertEquals(q.ring >>> 12, memory.load32(at + 4));
        }
        assertEquals(-1, find(console.descriptor, 2));
        memory.store8(console.status, 7);
        page.reset(console);
        assertEquals(0, memory.load8(console.descriptor + 2));
        assertNotEquals(-1, find(console.descriptor, 2), "whoever comes after a reset finds the queues again");
        assertEquals(3, memory.load8(console.descriptor));
    }

    @Test
    void aGuestThatRuinsItsFieldsRuinsNothingElse() {
        page.speak(Generation.LINUX_2_6_24.bus());
        DeviceState d = page.add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[0]);
        memory.store8(d.descriptor + 1, 255);
        for (int i = 0; i < 300; i++) memory.store8(d.descriptor + 3 + i, 0xF0 + i % 16);
        page.reset(d);
        assertEquals(0, memory.load8(d.status));
    }

    @Test
    void theFormOfDescriptorsIsDecidedBeforeTheFirstDevice() {
        page.add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[0]);
        page.speak(Generation.LINUX_2_6_25.bus());
        assertThrows(IllegalStateException.class, () -> page.speak(Generation.LINUX_2_6_24.bus()));
    }

    @Test
    void whatDoesNotFitIntoALengthOfOneByteIsRefused() {
        assertThrows(IllegalStateException.class, () -> page.add(DeviceType.RNG, "host:", new int[] {128}, 0, new byte[256]));
        page.speak(Generation.LINUX_2_6_24.bus());
        assertThrows(IllegalStateException.class, () -> page.add(DeviceType.RNG, "host:", new int[26], 0, new byte[0]));
        assertEquals(RAM + 4096, memory.limit(), "nothing was handed out");
    }
}
