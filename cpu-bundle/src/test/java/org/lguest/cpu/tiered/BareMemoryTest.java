package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import sun.misc.Unsafe;

class BareMemoryTest {
    @Test
    void bareMemoryIsTheSegments() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(16);
            Unsafe bare = BareMemory.of(segment);
            assertNotNull(bare, "JDK 25 has it");
            bare.putInt(segment.address() + 4, 0x1234_5678);
            assertEquals(0x1234_5678, segment.get(ValueLayout.JAVA_INT, 4));
        }
    }

    @Test
    void anArrayHasNoAddress() { assertNull(BareMemory.of(MemorySegment.ofArray(new byte[16]))); }
}
