package org.lguest.device.block;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.testkit.DeviceContract;
import org.lguest.testkit.FakeDriver;
import org.lguest.testkit.FakeDriver.Piece;

class BlockDeviceTest extends DeviceContract {
    private static final int IN = 0, OUT = 1, SCSI = 2, FLUSH = 4, GET_ID = 8;
    private static final int OK = 0, IOERR = 1, UNSUPP = 2;

    /** 16 sectors and 100 bytes that nobody sees. */
    private static class Disk implements BlockBackend {
        final byte[] bytes = new byte[16 * 512 + 100];
        boolean readOnly, broken, flushFails;
        int flushes;
        Runnable atFlush = () -> { };

        @Override public long size() { return bytes.length; }
        @Override public boolean readOnly() { return readOnly; }

        @Override public void read(long offset, MemorySegment to) throws IOException {
            if (broken) throw new IOException("head crash");
            MemorySegment.copy(MemorySegment.ofArray(bytes), offset, to, 0, to.byteSize());
        }

        @Override public void write(long offset, MemorySegment from) throws IOException {
            if (broken) throw new IOException("head crash");
            MemorySegment.copy(from, 0, MemorySegment.ofArray(bytes), offset, from.byteSize());
        }

        @Override public void flush() throws IOException {
            flushes++;
            atFlush.run();
            if (flushFails) throw new IOException("no space left");
        }

        @Override public int blockSize() { return 4096; }
        @Override public String describe() { return "test disk"; }
        @Override public void close() { }
    }

    private final Disk disk = new Disk();

    @Override protected DeviceModel model() { return new BlockDevice(); }

    @Override protected Backend backend() { return disk; }

    private static Piece header(int type, long sector) {
        return Piece.of(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(sector).array());
    }

    private static byte[] pattern(int n) {
        byte[] b = new byte[n];
        for (int i = 0; i < n; i++) b[i] = (byte) (i * 7 + 3);
        return b;
    }

    /** Makes a request, answers its status. */
    private int request(FakeDriver d, Piece... pieces) {
        int head = d.offer(pieces);
        service(0);
        var used = d.used();
        assertEquals(1, used.size(), () -> "dead: " + guest.endingNow());
        int room = 0;
        for (Piece p : pieces) if (p.bytes() == null) room += p.room();
        return d.written(head, room)[room - 1];
    }

    @Test
    void theConfigurationTellsWholeSectorsAndSegments() {
        assertEquals(16, guest.memory().load64(device.config));
        assertEquals(254, guest.memory().load32(device.config + 12));
        assertEquals(1L << 0 | 1L << 2 | 1L << 4 | 1L << 6 | 1L << 9, device.offered);
    }

    @Test
    void theConfigurationTellsGeometryAndBlockSize() {
        assertEquals(4096, guest.memory().load32(device.config + 20));
        var large = new Disk() {
            @Override public long size() { return 100L << 20; }
        };
        ByteBuffer config = ByteBuffer.wrap(new BlockDevice().shape(large).config()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(24, config.capacity());
        assertEquals((100 << 11) / (16 * 63), config.getShort(16));
        assertEquals(16, config.get(18));
        assertEquals(63, config.get(19));
        var huge = new Disk() {
            @Override public long size() { return 1L << 50; }
        };
        assertEquals(65_535, ByteBuffer.wrap(new BlockDevice().shape(huge).config()).order(ByteOrder.LITTLE_ENDIAN).getShort(16) & 0xFFFF);
    }

    @Test
    void aReadOnlyDiskSaysSo() {
        disk.readOnly = true;
        assertNotEquals(0, new BlockDevice().shape(disk).features() & 1 << 5);
    }

    @Test
    void whatIsWrittenIsReadBackHoweverTheRequestIsCut() {
        FakeDriver d = driver(0);
        byte[] data = pattern(1024);
        assertEquals(OK, request(d, header(OUT, 3), Piece.of(java.util.Arrays.copyOf(data, 100)),
            Piece.of(java.util.Arrays.copyOfRange(data, 100, 1024)), Piece.room(1)));
        assertArrayEquals(data, java.util.Arrays.copyOfRange(disk.bytes, 3 * 512, 5 * 512));
        int head = d.offer(header(IN, 3), Piece.room(1000), Piece.room(25));
        service(0);
        assertEquals(1025, d.used().get(0).written());
        assertArrayEquals(data, java.util.Arrays.copyOf(d.written(head, 1025), 1024));
    }

    @ParameterizedTest
    @CsvSource({"16, 512", "15, 1024", "-1, 512", "9223372036854775807, 512", "36028797018963968, 512", "0, 511", "0, 8704"})
    void requestsBeyondTheEndOrOfPartSectorsFailWithNothingDone(long sector, int bytes) {
        FakeDriver d = driver(0);
        byte[] before = disk.bytes.clone();
        assertEquals(IOERR, request(d, header(OUT, sector), Piece.of(pattern(bytes)), Piece.room(1)));
        assertArrayEquals(before, disk.bytes);
        int head = d.offer(header(IN, sector), Piece.room(bytes), Piece.room(1));
        service(0);
        assertEquals(1, d.used().get(0).written());
        assertArrayEquals(new byte[bytes], d.written(head, bytes));
    }

    @Test
    void writesToAReadOnlyDiskFail() {
        disk.readOnly = true;
        assertEquals(IOERR, request(driver(0), header(OUT, 0), Piece.of(pattern(512)), Piece.room(1)));
        assertEquals(0, disk.bytes[0]);
    }

    @Test
    void aFlushReachesTheDiskBeforeItIsAcknowledged() {
        assertEquals(OK, request(driver(0), header(FLUSH, 0), Piece.room(1)));
        assertEquals(1, disk.flushes);
    }

    @Test
    void anOldBarrierIsAFlushBeforeAndAfter() {
        assertEquals(OK, request(driver(0), header(OUT | 0x80000000, 0), Piece.of(pattern(512)), Piece.room(1)));
        assertEquals(2, disk.flushes);
    }

    private void acceptFlush() { guest.memory().store8(device.accepted + 1, 1 << 9 - 8); }

    private void offerWrites(FakeDriver d, int n) {
        for (int i = 0; i < n; i++) d.offer(header(OUT, i % 16), Piece.of(pattern(512)), Piece.room(1));
    }

    @Test
    void aDriverThatFlushesItselfHasItsWritesAcknowledgedAtOnce() {
        acceptFlush();
        FakeDriver d = driver(0);
        offerWrites(d, 3);
        service(0);
        assertEquals(3, d.used().size());
        assertEquals(0, disk.flushes);
    }

    @Test
    void writesOfADriverWithoutFlushAreSafeTogetherBeforeAnyIsAcknowledged() {
        FakeDriver d = driver(0);
        offerWrites(d, 20);
        disk.atFlush = () -> assertTrue(d.used().isEmpty(), "acknowledged before it was safe");
        service(0);
        assertEquals(1, disk.flushes);
        assertEquals(20, d.used().size());
        assertTrue(d.interrupted());
    }

    @Test
    void aLongRowOfWritesIsNotKeptWaitingForItsEnd() {
        FakeDriver d = driver(0);
        offerWrites(d, 80);
        service(0);
        assertEquals(2, disk.flushes);
        assertEquals(80, d.used().size());
    }

    @Test
    void readsBehindSuchWritesAreAnsweredInTheirOrder() {
        FakeDriver d = driver(0);
        int before = d.offer(header(IN, 0), Piece.room(512), Piece.room(1));
        int write = d.offer(header(OUT, 0), Piece.of(pattern(512)), Piece.room(1));
        int behind = d.offer(header(IN, 0), Piece.room(512), Piece.room(1));
        service(0);
        assertEquals(java.util.List.of(new FakeDriver.Used(before, 513), new FakeDriver.Used(write, 1), new FakeDriver.Used(behind, 513)), d.used());
        assertArrayEquals(new byte[512], d.written(before, 512));
        assertArrayEquals(pattern(512), d.written(behind, 512));
    }

    @Test
    void whatCouldNotBeMadeSafeIsAnErrorForEveryWriteThatWaited() {
        disk.flushFails = true;
        FakeDriver d = driver(0);
        int first = d.offer(header(OUT, 0), Piece.of(pattern(512)), Piece.room(1));
        int second = d.offer(header(OUT, 1), Piece.of(pattern(512)), Piece.room(1));
        service(0);
        assertEquals(2, d.used().size());
        assertEquals(IOERR, d.written(first, 1)[0]);
        assertEquals(IOERR, d.written(second, 1)[0]);
        assertTrue(guest.log().events().stream().anyMatch(e -> e.text().contains("no space left")));
    }

    @Test
    void aFlushThatFailsIsAnError() {
        disk.flushFails = true;
        acceptFlush();
        assertEquals(IOERR, request(driver(0), header(FLUSH, 0), Piece.room(1)));
    }

    @Test
    void errorsOfTheDiskAreTheGuestsIoErrors() {
        disk.broken = true;
        assertEquals(IOERR, request(driver(0), header(IN, 0), Piece.room(512), Piece.room(1)));
        assertFalse(guest.dead());
    }

    @Test
    void scsiCommandsAreUnsupported() { assertEquals(UNSUPP, request(driver(0), header(SCSI, 0), Piece.room(16), Piece.room(1))); }

    @Test
    void theIdNamesTheGuest() {
        FakeDriver d = driver(0);
        int head = d.offer(header(GET_ID, 0), Piece.room(20), Piece.room(1));
        service(0);
        assertEquals(21, d.used().get(0).written());
        assertTrue(new String(d.written(head, 20), java.nio.charset.StandardCharsets.US_ASCII).startsWith("jlguest-"));
    }

    @Test
    void aRequestWithoutRoomForAStatusKills() {
        driver(0).offer(header(IN, 0));
        service(0);
        assertTrue(guest.endingNow().reason().contains("without header or status"));
    }

    @Test
    void moreRequestsThanTheRingHasEntriesGoRound() {
        FakeDriver d = driver(0);
        for (int i = 0; i < 400; i++) {
            d.rewind();
            byte[] data = pattern(512);
            data[0] = (byte) i;
            assertEquals(OK, request(d, header(OUT, i % 16), Piece.of(data), Piece.room(1)));
            assertEquals((byte) i, disk.bytes[i % 16 * 512]);
        }
    }

    /** A request of Linux 2.6.24, whose header has 24 bytes. */
    private static Piece longHeader(int type, long sector) {
        return Piece.of(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(sector).putLong(0x1122334455667788L).array());
    }

    @Test
    void theOldestKernelsHaveALongerHeaderAndShorterRings() {
        guest.expect(Generation.LINUX_3_1);
        assertArrayEquals(new int[] {256}, model.shape(disk).queueSizes());
        DeviceModel.Shape old = model.shape(disk, Generation.LINUX_2_6_24);
        assertArrayEquals(new int[] {128}, old.queueSizes());
        assertEquals(126, ByteBuffer.wrap(old.config()).order(ByteOrder.LITTLE_ENDIAN).getInt(12));

        guest.memory().close();
        guest = org.lguest.testkit.TestGuests.of(2);
        guest.expect(Generation.LINUX_2_6_24);
        device = guest.devicePage().add(model.type(), "test:", old.queueSizes(), old.features(), old.config());
        FakeDriver d = driver(0);
        assertEquals(OK, request(d, longHeader(OUT, 3), Piece.of(pattern(1024)), Piece.room(1)));
        for (int i = 0; i < 1024; i++) assertEquals(pattern(1024)[i], disk.bytes[3 * 512 + i], "byte " + i);
        assertEquals(OK, request(d, longHeader(IN, 3), Piece.room(512), Piece.room(1)));
        assertFalse(guest.dead());
        d.offer(header(IN, 0), Piece.room(512), Piece.room(1));
        service(0);
        assertTrue(guest.dead(), "a header of 16 bytes is none of theirs");
    }
}
