package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.ConsoleHub;

@Timeout(300)
class HubConsoleTest {
    @TempDir Path folder;

    private static byte[] bytes(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    private static ConsoleHub hub(String spec) throws IOException { return (ConsoleHub) new HubConsoles().open(null, spec); }

    private static ConsoleHub hub() throws IOException { return hub(""); }

    @Test
    void whoAttachesLateSeesWhatWas() throws Exception {
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
    void theScrollBackKeepsTheLast64KiB() throws Exception {
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
    void aReaderThatThrowsLosesItsSeatAndHarmsNobody() throws Exception {
        ConsoleHub hub = hub();
        var other = new StringBuilder();
        hub.attach((b, o, n) -> { throw new IllegalStateException("broken terminal"); }, false);
        hub.attach((b, o, n) -> other.append(n), false);
        hub.write(bytes("ab"), 0, 2);
        hub.write(bytes("c"), 0, 1);
        assertEquals("21", other.toString());
    }

    @Test
    void typingFasterThanTheGuestReadsWaitsAndLosesNothing() throws Exception {
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
            if (n == 0) LockSupport.parkNanos(100_000);
            at += n;
        }
        assertTrue(done.await(60, TimeUnit.SECONDS));
        assertArrayEquals(text, got);
    }

    @Test
    void closingAFullConsoleLetsTheTypistGo() throws Exception {
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
        assertTrue(done.await(60, TimeUnit.SECONDS));
    }

    @Test
    void typedBytesWakeTheDevice() throws Exception {
        ConsoleHub hub = hub();
        int[] wakes = {0};
        hub.onReady(() -> wakes[0]++);
        int before = wakes[0];
        hub.feed(bytes("x"), 0, 1);
        assertTrue(wakes[0] > before);
    }

    private static final class Screen implements ConsoleHub.Reader {
        final StringBuilder text = new StringBuilder();

        @Override
        public void output(byte[] bytes, int offset, int length) { text.append(new String(bytes, offset, length, StandardCharsets.US_ASCII)); }
    }

    private static ConsoleHub successor(ConsoleHub hub) throws IOException {
        byte[] state = hub.handOver();
        hub.close();
        ConsoleHub next = hub();
        next.takeOver(state);
        return next;
    }

    @Test
    void whoIsAttachedGoesOnAtTheSuccessorAndSeesNothingTwice() throws Exception {
        ConsoleHub hub = hub();
        hub.write(bytes("one "), 0, 4);
        Screen screen = new Screen();
        var place = hub.attach(screen, 0);
        hub.write(bytes("two "), 0, 4);
        assertEquals(8, place.position());
        ConsoleHub next = successor(hub);
        next.write(bytes("three "), 0, 6); // before the reader is back
        var there = next.attach(screen, place.position());
        next.write(bytes("four"), 0, 4);
        assertEquals("one two three four", screen.text.toString());
        assertEquals(18, there.position());
        Screen late = new Screen();
        next.attach(late, true);
        assertEquals("one two three four", late.text.toString());
    }

    @Test
    void aReaderThatIsAheadOfTheSuccessorJustGoesOn() throws Exception {
        ConsoleHub next = hub();
        next.write(bytes("x"), 0, 1);
        Screen screen = new Screen();
        next.attach(screen, 5000);
        next.write(bytes("y"), 0, 1);
        assertEquals("y", screen.text.toString());
    }

    @Test
    void inputThatNobodyReadAndTheSizeAreTheSuccessors() throws Exception {
        ConsoleHub hub = hub();
        assertEquals(5, hub.feed(bytes("hello"), 0, 5));
        hub.resize(new ConsoleBackend.Size(132, 50));
        ConsoleHub next = successor(hub);
        assertEquals(0, hub.feed(bytes("lost?"), 0, 5), "a hub that was handed over takes nothing");
        byte[] got = new byte[10];
        assertEquals(5, next.read(got, 0, 10));
        assertEquals("hello", new String(got, 0, 5, StandardCharsets.US_ASCII));
        assertEquals(new ConsoleBackend.Size(132, 50), next.size());
    }

    @Test
    void aTypistWhoWaitsIsToldHowMuchTheOldHubTook() throws Exception {
        ConsoleHub hub = hub();
        byte[] text = new byte[10_000];
        for (int i = 0; i < text.length; i++) text[i] = (byte) (i % 251);
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        Thread typist = Thread.ofPlatform().daemon().start(() -> {
            try {
                taken.complete(hub.feed(text, 0, text.length));
            } catch (InterruptedException e) {
                taken.completeExceptionally(e);
            }
        });
        for (long end = System.nanoTime() + 60_000_000_000L; typist.getState() != Thread.State.WAITING; LockSupport.parkNanos(100_000))
            assertTrue(System.nanoTime() < end, "the typist does not wait");
        ConsoleHub next = successor(hub);
        int n = taken.get(60, TimeUnit.SECONDS);
        byte[] got = new byte[text.length];
        assertEquals(n, next.read(got, 0, got.length));
        assertArrayEquals(java.util.Arrays.copyOf(text, n), java.util.Arrays.copyOf(got, n));
    }

    @Test
    void whatIsNoStateOfAHubIsIgnored() throws Exception {
        ConsoleHub hub = hub();
        for (byte[] state : new byte[][] {{}, {1, 2, 3}, new byte[100], java.util.Arrays.copyOf(hub.handOver(), 19)}) {
            ConsoleHub next = hub();
            next.takeOver(state);
            assertEquals(0, next.read(new byte[10], 0, 10));
        }
        byte[] lying = hub.handOver();
        lying[19] = 100;
        hub().takeOver(lying);
    }

    @Test
    void aChangeOfSizeWakesTheDevice() throws Exception {
        ConsoleHub hub = hub();
        assertEquals(ConsoleBackend.Size.UNKNOWN, hub.size());
        int[] wakes = {0};
        hub.onReady(() -> wakes[0]++);
        int before = wakes[0];
        hub.resize(new ConsoleBackend.Size(80, 24));
        assertTrue(wakes[0] > before);
        assertThrows(IllegalArgumentException.class, () -> new ConsoleBackend.Size(-1, 24));
    }

    @Test
    void aLogHasEveryByteOnceAlsoWhenTheHubIsReplaced() throws Exception {
        Path log = Files.writeString(folder.resolve("console.log"), "yesterday\n");
        ConsoleHub hub = hub("log=" + log);
        hub.write(bytes("one "), 0, 4);
        byte[] state = hub.handOver();
        hub.close();
        ConsoleHub next = hub("log=" + log);
        next.takeOver(state);
        next.write(bytes("two"), 0, 3);
        assertTrue(next.describe().contains("0 attached, log in " + log), next.describe());
        next.close();
        assertEquals("yesterday\none two", Files.readString(log));
    }

    @Test
    void aLogThatCannotBeWrittenIsToldBeforeTheGuestBegins() {
        Path nowhere = folder.resolve("no/such/folder/log");
        String message = assertThrows(IOException.class, () -> hub("log=" + nowhere)).getMessage();
        assertEquals("the console's log " + nowhere + " cannot be written: there is no folder " + nowhere.getParent(), message);
        assertTrue(assertThrows(IOException.class, () -> hub("log=" + folder)).getMessage().contains("is a directory"));
        assertTrue(assertThrows(IOException.class, () -> hub("file=x")).getMessage().contains("log=FILE"));
    }

    /** /dev/full says that there is no space left, whatever is written to it. */
    @Test
    void aLogOnAFullDiskIsGivenUpAndTheGuestGoesOn() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(Path.of("/dev/full")));
        ConsoleHub hub = hub("log=/dev/full");
        Screen screen = new Screen();
        hub.attach(screen, true);
        hub.write(bytes("a"), 0, 1);
        hub.write(bytes("b"), 0, 1);
        assertEquals("ab", screen.text.toString());
    }
}
