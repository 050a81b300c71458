package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.abi.DeviceType;

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
}
