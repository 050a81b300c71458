package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.part.ConsoleHub;

@Timeout(20)
class BackendsTest {
    @TempDir Path folder;

    private static byte[] bytes(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    private Path image(int size) throws IOException { return Files.write(folder.resolve("disk.img"), new byte[size]); }

    private static BlockBackend raw(String spec) throws IOException { return (BlockBackend) new RawDisks().open(null, spec); }

    @Test
    void aRawDiskIsItsFile() throws IOException {
        Path file = image(2048);
        try (BlockBackend disk = raw(file.toString())) {
            assertEquals(2048, disk.size());
            disk.write(512, MemorySegment.ofArray(bytes("sector one")));
            disk.flush();
            byte[] back = new byte[10];
            disk.read(512, MemorySegment.ofArray(back));
            assertEquals("sector one", new String(back, StandardCharsets.US_ASCII));
        }
        assertEquals('s', Files.readAllBytes(file)[512]);
    }

    @Test
    void anImageCannotBeWrittenByTwoGuests() throws IOException {
        Path file = image(512);
        try (BlockBackend first = raw(file.toString())) {
            assertFalse(first.readOnly());
            assertTrue(assertThrows(IOException.class, () -> raw(file.toString())).getMessage().contains("in use"));
        }
        raw(file.toString()).close();
    }

    @Test
    void aReadOnlyDiskIsOpenedForReadingOnly() throws IOException {
        Path file = image(512);
        try (BlockBackend disk = raw(file + ",ro")) {
            assertTrue(disk.readOnly());
            assertThrows(RuntimeException.class, () -> disk.write(0, MemorySegment.ofArray(new byte[512])));
        }
    }

    @Test
    void missingImagesAndFoldersAreNamed() {
        assertTrue(assertThrows(IOException.class, () -> raw(folder.resolve("nothing").toString())).getMessage().contains("does not exist"));
        assertTrue(assertThrows(IOException.class, () -> raw(folder.toString())).getMessage().contains("is a directory"));
    }

    @Test
    void memoryDisksTakeSizesWithUnits() throws IOException {
        try (BlockBackend disk = (BlockBackend) new MemoryDisks().open(null, "3M")) {
            assertEquals(3 << 20, disk.size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "-1M", "99999G", "12Q", "0"})
    void nonsenseSizesAreRefused(String size) { assertThrows(IOException.class, () -> new MemoryDisks().open(null, size)); }

    private static ConsoleHub hub() { return (ConsoleHub) new HubConsoles().open(null, ""); }

    @Test
    void whoAttachesLateSeesWhatWas() {
        ConsoleHub hub = hub();
        hub.write(bytes("before "), 0, 7);
        var late = new StringBuilder();
        var live = new StringBuilder();
        hub.attach((b, o, n) -> late.append(new String(b, o, n, StandardCharsets.US_ASCII)), true);
        var second = hub.attach((b, o, n) -> live.append(new String(b, o, n, StandardCharsets.US_ASCII)), false);
        hub.write(bytes("after"), 0, 5);
        second.close();
        hub.write(bytes("!"), 0, 1);
        assertEquals("before after!", late.toString());
        assertEquals("after", live.toString());
    }

    @Test
    void theScrollBackKeepsTheLast64KiB() {
        ConsoleHub hub = hub();
        byte[] block = new byte[1000];
        for (int i = 0; i < 100; i++) {
            java.util.Arrays.fill(block, (byte) i);
            hub.write(block, 0, block.length);
        }
        byte[][] seen = {null};
        hub.attach((b, o, n) -> seen[0] = java.util.Arrays.copyOfRange(b, o, o + n), true);
        assertEquals(64 * 1024, seen[0].length);
        assertEquals(99, seen[0][seen[0].length - 1]);
    }

    @Test
    void aReaderThatThrowsLosesItsSeatAndHarmsNobody() {
        ConsoleHub hub = hub();
        var other = new StringBuilder();
        hub.attach((b, o, n) -> { throw new IllegalStateException("broken terminal"); }, false);
        hub.attach((b, o, n) -> other.append(n), false);
        hub.write(bytes("ab"), 0, 2);
        hub.write(bytes("c"), 0, 1);
        assertEquals("21", other.toString());
    }

    @Test
    void typingFasterThanTheGuestReadsWaitsAndLosesNothing() throws InterruptedException {
        ConsoleHub hub = hub();
        byte[] text = new byte[100_000];
        for (int i = 0; i < text.length; i++) text[i] = (byte) (i % 251);
        var done = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                hub.feed(text, 0, text.length);
                done.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        byte[] got = new byte[text.length];
        for (int at = 0; at < got.length;) {
            int n = hub.read(got, at, Math.min(777, got.length - at));
            if (n == 0) Thread.onSpinWait();
            at += n;
        }
        assertTrue(done.await(5, TimeUnit.SECONDS));
        assertArrayEquals(text, got);
    }

    @Test
    void closingAFullConsoleLetsTheTypistGo() throws InterruptedException {
        ConsoleHub hub = hub();
        var done = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                hub.feed(new byte[10_000], 0, 10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            done.countDown();
        });
        hub.close();
        assertTrue(done.await(5, TimeUnit.SECONDS));
    }

    @Test
    void typedBytesWakeTheDevice() throws InterruptedException {
        ConsoleHub hub = hub();
        int[] wakes = {0};
        hub.onReady(() -> wakes[0]++);
        int before = wakes[0];
        hub.feed(bytes("x"), 0, 1);
        assertTrue(wakes[0] > before);
    }

    @Test
    void entropyDiffersFromCallToCall() {
        var source = (org.lguest.api.part.EntropySource) new HostEntropy().open(null, "");
        byte[] a = new byte[32];
        byte[] b = new byte[32];
        source.next(a, 0, 32);
        source.next(b, 0, 32);
        assertFalse(java.util.Arrays.equals(a, b));
    }
}
