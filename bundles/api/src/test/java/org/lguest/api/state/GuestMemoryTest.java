package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestMemoryTest {
    private static final long RAM = 1 << 20;
    private GuestMemory memory;

    @BeforeEach
    void map() throws IOException { memory = GuestMemory.create(RAM); }

    @AfterEach
    void unmap() { memory.close(); }

    @Test
    void freshMemoryIsZeroAndLittleEndianAtAnyAlignment() {
        assertEquals(0, memory.load32(RAM - 4));
        memory.store32(1, 0x12345678);
        assertEquals(0x78, memory.load8(1));
        assertEquals(0x1234, memory.load16(3));
        memory.store64(9, 0x1122334455667788L);
        assertEquals(0x55667788, memory.load32(9));
        assertEquals(0x1122334455667788L, memory.load64(9));
    }

    @Test
    void nothingBeyondTheLimitCanBeReached() {
        assertThrows(IndexOutOfBoundsException.class, () -> memory.load8(RAM));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.store32(RAM - 3, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.load8(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.write(RAM - 1, new byte[2], 0, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, RAM + 1, Long.MAX_VALUE, Long.MIN_VALUE})
    void containsRefusesAddressesThatWrapOrLieOutside(long address) { assertFalse(memory.contains(address, Long.MAX_VALUE)); }

    @Test
    void aBlockThatEndsAtTheLastByteIsInside() {
        assertTrue(memory.contains(RAM - 16, 16));
        assertFalse(memory.contains(RAM - 15, 16));
    }

    @Test
    void devicePagesMoveTheLimitUntilTheWindowIsUsedUp() {
        assertEquals(RAM, memory.allocateDevicePages(1));
        assertEquals(RAM + 4096, memory.allocateDevicePages(GuestMemory.DEVICE_PAGES - 1));
        assertTrue(memory.contains(RAM, GuestMemory.DEVICE_PAGES * 4096L));
        assertThrows(IllegalStateException.class, () -> memory.allocateDevicePages(1));
    }

    @Test
    void stringsEndAtNulAtTheirMaximumAndAtTheEndOfMemory() {
        memory.write(RAM - 3, new byte[] {'a', 'b', 'c'}, 0, 3);
        assertEquals("abc", memory.string(RAM - 3, 100));
        assertEquals("ab", memory.string(RAM - 3, 2));
        memory.write(0, new byte[] {'x', 0, 'y'}, 0, 3);
        assertEquals("x", memory.string(0, 100));
    }

    @Test
    void aStoreToAFrameWithCodeMakesItStaleOnceAndSoundsTheAlarm() {
        List<Integer> stale = new ArrayList<>();
        int[] alarms = {0};
        memory.code().onStale(() -> alarms[0]++);
        memory.store8(0x5000, 1);
        assertEquals(0, alarms[0]);
        memory.code().mark(5);
        memory.write(0x4FFF, new byte[3], 0, 3);
        assertEquals(1, alarms[0]);
        memory.code().drainStale(stale::add);
        assertEquals(List.of(5), stale);
        memory.code().drainStale(f -> fail("drained twice"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -4096, 4097, (3L << 30) + 4096})
    void ramIsAPositiveMultipleOfAPageUpTo3GiB(long bytes) { assertThrows(IllegalArgumentException.class, () -> GuestMemory.create(bytes)); }

    @Test
    void theFileIsInMemoryWhereThereIsRoomForIt(@TempDir Path dir) throws IOException {
        assertEquals(dir, GuestMemory.folder(dir, 1 << 20));
        Path elsewhere = Path.of(System.getProperty("java.io.tmpdir"));
        assertEquals(elsewhere, GuestMemory.folder(dir, Long.MAX_VALUE / 2));
        assertEquals(elsewhere, GuestMemory.folder(dir.resolve("none"), 1 << 20));
    }
}
