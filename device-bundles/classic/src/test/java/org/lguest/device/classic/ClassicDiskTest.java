package org.lguest.device.classic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.testkit.ClassicGuest;

/** ABI section 10.6. */
class ClassicDiskTest {
    private static final int READ = 0, WRITE = 1, DONE = 1, FAILED = 2;

    private static final class Disk implements BlockBackend {
        final byte[] bytes = new byte[16 * 512];
        boolean readOnly, broken;
        int flushes;

        @Override
        public long size() { return bytes.length; }

        @Override
        public boolean readOnly() { return readOnly; }

        @Override
        public void read(long offset, MemorySegment to) throws IOException {
            if (broken) throw new IOException("head crash");
            to.copyFrom(MemorySegment.ofArray(bytes).asSlice(offset, to.byteSize()));
        }

        @Override
        public void write(long offset, MemorySegment from) throws IOException {
            if (broken) throw new IOException("head crash");
            MemorySegment.ofArray(bytes).asSlice(offset, from.byteSize()).copyFrom(from);
        }

        @Override
        public void flush() { flushes++; }

        @Override
        public String describe() { return "test disk"; }

        @Override
        public void close() { }
    }

    private final ClassicGuest g = new ClassicGuest();
    private final Disk disk = new Disk();
    private final ClassicDisk model = new ClassicDisk();
    private final DeviceState device = g.plug(model, disk);
    private final int page = (int) device.config;

    @AfterEach
    void close() { g.close(); }

    /** A request with data in these pieces; answers the result. */
    private int request(int type, int sector, int bytes, int... pieces) {
        g.guest.memory().store32(page, type);
        g.guest.memory().store32(page + 4, sector);
        g.guest.memory().store32(page + 8, bytes);
        g.guest.memory().store32(page + 12, 0);
        int buffer = g.list(type == READ ? pieces : new int[0]);
        g.guest.dma().bind(page, buffer, 1, 5);
        g.send(model, device, disk, page, g.list(type == WRITE ? pieces : new int[0]));
        g.guest.dma().unbind(page, buffer);
        return g.guest.memory().load32(page + 12);
    }

    private byte[] memory(int at, int bytes) {
        byte[] b = new byte[bytes];
        g.guest.memory().read(at, b, 0, bytes);
        return b;
    }

    @Test
    void thePageTellsTheSizeAndTheSlotTellsOfRandomTiming() {
        assertEquals(16, g.guest.memory().load32(page + 16));
        assertEquals(3, g.guest.memory().load16(device.descriptor));
        assertEquals(0x8000, g.guest.memory().load16(device.descriptor + 2));
        assertEquals(1, g.guest.memory().load16(device.descriptor + 6));
        assertEquals(page >>> 12, g.guest.memory().load32(device.descriptor + 8));
    }

    @Test
    void whatIsReadGoesIntoTheBoundBufferAndAnInterruptTells() {
        new Random(1).nextBytes(disk.bytes);
        assertEquals(DONE, request(READ, 3, 1024, 0x2000, 512, 0x4000, 512));
        assertArrayEquals(java.util.Arrays.copyOfRange(disk.bytes, 3 * 512, 4 * 512), memory(0x2000, 512));
        assertArrayEquals(java.util.Arrays.copyOfRange(disk.bytes, 4 * 512, 5 * 512), memory(0x4000, 512));
        assertEquals(1 << 5, g.guest.lines().pending());
        assertFalse(g.guest.dma().pending());
    }

    @Test
    void whatIsWrittenIsOnTheDiskAndSafe() {
        byte[] data = new byte[1024];
        new Random(2).nextBytes(data);
        g.guest.memory().write(0x2000, data, 0, 1024);
        assertEquals(DONE, request(WRITE, 14, 1024, 0x2000, 1000, 0x23E8, 24));
        assertArrayEquals(data, java.util.Arrays.copyOfRange(disk.bytes, 14 * 512, 16 * 512));
        assertEquals(1, disk.flushes, "the driver has no way to ask for it");
    }

    @Test
    void aReadAcrossTheEndIsShortAndFails() {
        assertEquals(FAILED, request(READ, 15, 1024, 0x2000, 1024));
        assertFalse(g.guest.dead());
    }

    @Test
    void otherBytesThanThePageSaysAreAFailure() { assertEquals(FAILED, request(READ, 0, 512, 0x2000, 1024)); }

    @Test
    void whoeverBeginsBehindTheEndIsKilled() {
        request(READ, 16, 512, 0x2000, 512);
        assertEquals("Bad offset 8192 vs 8192", g.guest.endingNow().reason());
    }

    @Test
    void whoeverWritesPastTheEndIsKilledAndNothingIsWritten() {
        request(WRITE, 15, 1024, 0x2000, 1024);
        assertEquals("Write past end 7680+1024", g.guest.endingNow().reason());
        assertArrayEquals(new byte[16 * 512], disk.bytes);
    }

    @Test
    void aRequestWithoutABufferKills() {
        g.send(model, device, disk, page, g.list());
        assertEquals("Block request didn't give us a dma buffer", g.guest.endingNow().reason());
    }

    @Test
    void diskErrorsAndWritesToAReadOnlyDiskAreFailures() {
        disk.broken = true;
        assertEquals(FAILED, request(READ, 0, 512, 0x2000, 512));
        assertEquals(FAILED, request(WRITE, 0, 512, 0x2000, 512));
        disk.broken = false;
        disk.readOnly = true;
        assertEquals(FAILED, request(WRITE, 0, 512, 0x2000, 512));
        assertEquals(DONE, request(READ, 0, 512, 0x2000, 512));
        assertFalse(g.guest.dead());
    }

    @Test
    void nothingThatAGuestAsksForThrows() {
        int died = 0;
        for (int round = 0; round < 400; round++) {
            var random = new Random(round);
            try (ClassicGuest other = new ClassicGuest()) {
                DeviceState d = other.plug(model, disk);
                int key = (int) d.config;
                for (int i = 0; i < 30 && !other.guest.dead(); i++) {
                    other.litter(random);
                    for (int w = 0; w < 3; w++) other.guest.memory().store32(key + 4 * w, random.nextBoolean() ? random.nextInt(20) : random.nextInt());
                    other.guest.dma().bind(key, ClassicGuest.hostile(random), random.nextInt(5), 1 + random.nextInt(31));
                    other.send(model, d, disk, key, ClassicGuest.hostile(random));
                }
                if (other.guest.dead()) died++;
            }
        }
        assertTrue(died > 300, "only " + died + " of 400 died: nothing hostile in it");
    }
}
