package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.lguest.api.part.NetBackend;

/** A card at a backend, and who uses it: one thread may send while another receives. */
final class Station {
    private static final long PATIENCE_SECONDS = 120;

    final NetBackend port;
    private final Semaphore sender = new Semaphore(0), receiver = new Semaphore(0);
    private final byte[] buffer = new byte[NetBackend.MAX_PACKET];

    Station(NetBackend port) {
        this.port = port;
        port.onReady(() -> {
            sender.release();
            receiver.release();
        });
    }

    /** Sends, and waits as long as the backend wants it later. */
    void send(byte[] packet) throws InterruptedException {
        while (!port.send(packet, packet.length)) await(sender);
    }

    private static void await(Semaphore woken) throws InterruptedException {
        assertTrue(woken.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS), "woken in time");
        woken.drainPermits();
    }

    /** The next packet, when it has come. */
    byte[] receive() throws InterruptedException {
        for (;;) {
            int n = port.receive(buffer);
            if (n > 0) return Arrays.copyOf(buffer, n);
            await(receiver);
        }
    }

    /** Until the description has this word: the only way to see from outside that a cable has a peer. */
    void await(String word) throws InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS); !port.describe().contains(word);) {
            assertTrue(System.nanoTime() < end, port.describe() + " without " + word);
            if (receiver.tryAcquire(10, TimeUnit.MILLISECONDS)) receiver.drainPermits();
        }
    }
}
