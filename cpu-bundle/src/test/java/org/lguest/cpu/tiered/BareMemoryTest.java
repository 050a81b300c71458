package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.GuestMemory;

class BareMemoryTest {
    private static final long TOP = 0xFFFF_FFFFL;

    private GuestMemory memory;
    private MemorySegment segment;
    private long origin;

    @BeforeEach
    void start() throws IOException {
        memory = GuestMemory.create(1 << 20);
        segment = memory.segment();
        origin = memory.origin();
        assertTrue(BareMemory.reaches(memory), "JDK 25 has it, and a test has 4 GiB of addresses");
    }

    @AfterEach
    void close() { memory.close(); }

    @Test
    void whatIsWrittenBareIsReadThroughTheSegmentAndTheOtherWayRound() {
        for (boolean written : new boolean[] {true, false}) {
            boolean read = !written;
            BareMemory.write64(written, segment, origin, origin + 0x101, 0x8877_6655_4433_2211L);
            assertEquals(0x8877_6655_4433_2211L, BareMemory.read64(read, segment, origin, origin + 0x101));
            assertEquals(0x8877_6655, BareMemory.read32(read, segment, origin, origin + 0x105));
            assertEquals(0x8877, BareMemory.read16(read, segment, origin, origin + 0x107));
            assertEquals(0x88, BareMemory.read8(read, segment, origin, origin + 0x108));
            BareMemory.write32(written, segment, origin, origin + 0x101, -1);
            BareMemory.write16(written, segment, origin, origin + 0x106, -1);
            BareMemory.write8(written, segment, origin, origin + 0x105, -1);
            assertEquals(0x88FF_FFFF_FFFF_FFFFL, BareMemory.read64(read, segment, origin, origin + 0x101));
        }
    }

    @Test
    void itIsReachedDirectlyWhereTheJvmWasToldToAllowThat() {
        assertEquals(Reach.DIRECT, Reach.DIRECT.upTo(memory, getClass().getModule()), "tests run with --add-exports");
        assertEquals(Reach.BARE, Reach.DIRECT.upTo(memory, String.class.getModule().getLayer().findModule("java.xml").orElseThrow()));
        assertEquals(Reach.SEGMENT, Reach.SEGMENT.upTo(memory, getClass().getModule()));
    }

    @Test
    void theLargestAddressLeadsToNobodyElse() throws IOException {
        try (GuestMemory other = GuestMemory.create(1 << 20)) {
            BareMemory.write64(true, segment, origin, origin + TOP, -1);
            assertEquals(-1, BareMemory.read64(true, segment, origin, origin + TOP));
            assertEquals(0, memory.load64(0));
            assertEquals(0, other.load64(0));
        }
    }
}
