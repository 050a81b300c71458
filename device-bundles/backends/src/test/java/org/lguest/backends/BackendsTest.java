package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.ConsoleHub;

@Timeout(20)
class BackendsTest {
    private static byte[] bytes(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

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
