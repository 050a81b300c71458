package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ABI section 10.3, the launcher's and the engine's side. */
class DmaBindingsTest {
    private final DmaBindings dma = new DmaBindings();
    private GuestMemory memory;

    @BeforeEach
    void memory() throws IOException { memory = GuestMemory.create(1 << 20); }

    @AfterEach
    void close() { memory.close(); }

    @Test
    void thereAreThirtyTwoAndThenNoMore() {
        for (int i = 0; i < 32; i++) assertTrue(dma.bind(4 * i, 0x1000, 1, 3));
        assertFalse(dma.bind(0x200, 0x1000, 1, 3));
        assertTrue(dma.unbind(8, 0x1000));
        assertTrue(dma.bind(0x200, 0x1000, 1, 3));
        assertEquals(32, dma.count());
    }

    @Test
    void unbindingTakesKeyAndArray() {
        dma.bind(4, 0x1000, 1, 3);
        assertFalse(dma.unbind(4, 0x2000));
        assertFalse(dma.unbind(8, 0x1000));
        assertTrue(dma.unbind(4, 0x1000));
        assertFalse(dma.unbind(4, 0x1000));
        assertNull(dma.find(4));
    }

    @Test
    void theYoungestOfTwoBindingsIsFound() {
        dma.bind(4, 0x1000, 1, 3);
        dma.bind(8, 0x1000, 1, 3);
        dma.unbind(4, 0x1000);
        dma.bind(4, 0x2000, 1, 4);
        dma.bind(4, 0x3000, 1, 5);
        assertEquals(5, dma.find(4).irq);
    }

    @Test
    void theLauncherGetsTheFirstFreeBufferAndElseTheLast() {
        dma.bind(4, 0x1000, 3, 7);
        memory.store32(0x1000, 5);
        assertEquals(new DmaBindings.Buffer(0x1000 + 100, 7), dma.buffer(memory, 4));
        memory.store32(0x1000 + 100, 5);
        memory.store32(0x1000 + 200, 5);
        assertEquals(new DmaBindings.Buffer(0x1000 + 200, 7), dma.buffer(memory, 4), "all are full: the last is overwritten");
        assertNull(dma.buffer(memory, 8));
        dma.bind(8, 0x1000, 0, 7);
        assertNull(dma.buffer(memory, 8), "an array of no buffers");
        dma.bind(12, (1 << 20) + 0x1000, 2, 7);
        assertNull(dma.buffer(memory, 12), "buffers beyond memory");
    }

    @Test
    void aListEndsAtTheFirstZero() {
        memory.store32(0x2000, 9);
        memory.store32(0x2004, 0x3000);
        memory.store32(0x2008, 0x4000);
        memory.store16(0x2000 + 68, 3);
        memory.store16(0x2000 + 72, 5);
        DmaList list = DmaList.read(memory, 0x2000);
        assertEquals(9, list.usedLen());
        assertEquals(1, list.pieces());
        assertEquals(3, list.bytes());
        for (int i = 0; i < 16; i++) memory.store16(0x2000 + 68 + 2 * i, 0xFFFF);
        assertEquals(16 * 0xFFFF, DmaList.read(memory, 0x2000).bytes(), "at sixteen at the latest");
    }

    @Test
    void whatIsScatteredIsGathered() {
        byte[] data = new byte[40];
        new Random(1).nextBytes(data);
        int[] at = {0x3000, 0x5003, 0x6000}, length = {10, 17, 13};
        for (int i = 0; i < 3; i++) {
            memory.store32(0x2004 + 4 * i, at[i]);
            memory.store16(0x2000 + 68 + 2 * i, length[i]);
        }
        DmaList apart = DmaList.read(memory, 0x2000);
        assertEquals(40, apart.scatter(memory, data, 0, 40));
        assertArrayEquals(data, apart.gather(memory));
        assertEquals(25, apart.scatter(memory, data, 0, 25));
        assertEquals(40, apart.scatter(memory, new byte[100], 0, 100), "no more than there is room for");
    }

    @Test
    void piecesBeyondMemoryAreFound() {
        memory.store32(0x2004, (int) memory.limit() - 4);
        memory.store16(0x2000 + 68, 4);
        assertEquals(-1, DmaList.read(memory, 0x2000).outside(memory));
        memory.store16(0x2000 + 68, 5);
        assertEquals(0, DmaList.read(memory, 0x2000).outside(memory));
        memory.store32(0x2004, -1);
        memory.store16(0x2000 + 68, 2);
        assertEquals(0, DmaList.read(memory, 0x2000).outside(memory), "an address that would wrap around");
    }

    @Test
    void keysAreAddressesOfWordsInMemory() {
        assertTrue(DmaBindings.isKey(memory, 0));
        assertTrue(DmaBindings.isKey(memory, (int) memory.limit() - 4));
        assertFalse(DmaBindings.isKey(memory, 2));
        assertFalse(DmaBindings.isKey(memory, (int) memory.limit()));
        assertFalse(DmaBindings.isKey(memory, -4));
    }

    @Test
    void nothingThatAGuestSaysThrows() {
        Random random = new Random(4);
        int given = 0;
        for (int i = 0; i < 100_000; i++) {
            int key = random.nextInt(64) * 4, array = random.nextBoolean() ? random.nextInt() : random.nextInt(1 << 20);
            memory.store32(random.nextInt((1 << 20) - 4), random.nextInt());
            switch (random.nextInt(4)) {
                case 0 -> dma.bind(key, array, random.nextInt(0x10000), 1 + random.nextInt(31));
                case 1 -> dma.unbind(key, array);
                case 2 -> dma.unbind(key, dma.find(key) == null ? 0 : dma.find(key).array);
                default -> {
                    DmaBindings.Buffer b = dma.buffer(memory, key);
                    if (b == null) continue;
                    given++;
                    assertTrue(memory.contains(b.address(), DmaList.BYTES));
                    DmaList.read(memory, b.address()).outside(memory);
                }
            }
        }
        assertTrue(given > 1000, "only " + given + " buffers were ever given");
    }
}
