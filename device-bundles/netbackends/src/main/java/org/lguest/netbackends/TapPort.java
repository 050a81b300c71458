package org.lguest.netbackends;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.lguest.api.Guest;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:540 A card of the Host's own network: a tap. Packets are read and written with the header that they have here, so large segments go
 * through the Host's kernel as they are.
 *
 * <p>The card's threads read and write without waiting. A thread of the tap waits for input in their place: {@link #receive} lets it
 * look when it has found nothing, and it looks once. Frames that the Guest does not fetch wait, and are dropped, in the kernel's queue.
 */
final class TapPort implements NetBackend {
    private static final Logger LOG = LoggerFactory.getLogger(TapPort.class);
    private static final long BOTH = bits(Virtio.NET_F_CSUM, Virtio.NET_F_HOST_TSO4, Virtio.NET_F_HOST_TSO6, Virtio.NET_F_HOST_ECN,
        Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_GUEST_TSO4, Virtio.NET_F_GUEST_TSO6, Virtio.NET_F_GUEST_ECN);
    /** struct pollfd {int fd; short events, revents}. */
    private static final int POLLFD = 8, EVENTS = 4;
    private static final long PATIENCE_MILLIS = 2000;

    private final Guest guest;
    private final TapDevice tap;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment in = arena.allocate(MAX_PACKET), out = arena.allocate(MAX_PACKET), one = arena.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment polled = arena.allocate(2 * POLLFD, 8);
    private final LongAdder dropped = new LongAdder();
    private final Semaphore wanted = new Semaphore(0);
    private final int stop;
    private final Thread watcher;
    private volatile Runnable wake = () -> { };
    private volatile boolean closed;

    TapPort(Guest guest, TapDevice tap) throws IOException {
        this.guest = guest;
        this.tap = tap;
        stop = Libc.eventfd();
        poll(0, tap.file);
        poll(1, stop);
        watcher = Thread.ofPlatform().daemon().name("tap " + tap.name + " of " + guest).start(this::watch); // blocks in the kernel
    }

    private static long bits(int... features) {
        long bits = 0;
        for (int f : features) bits |= 1L << f;
        return bits;
    }

    private void poll(int i, int file) {
        polled.set(ValueLayout.JAVA_INT, (long) i * POLLFD, file);
        polled.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD + EVENTS, Libc.POLLIN);
    }

    private void watch() {
        try {
            while (true) {
                wanted.acquire();
                if (closed) return;
                Libc.poll(polled, 2, -1);
                if (closed) return;
                wake.run();
            }
        } catch (Libc.Failure e) {
            broken(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long offloads() { return tap.offloads ? BOTH : 0; }

    @Override
    public boolean send(byte[] packet, int length) {
        MemorySegment.copy(packet, 0, out, ValueLayout.JAVA_BYTE, 0, length);
        try {
            Libc.write(tap.file, out, length);
        } catch (Libc.Failure e) { // the interface is down, or does not like the frame, or has no room
            dropped.increment();
            guest.counters().framesDropped.increment();
        }
        return true;
    }

    @Override
    public int receive(byte[] to) {
        try {
            int n = (int) Libc.read(tap.file, in, MAX_PACKET);
            MemorySegment.copy(in, ValueLayout.JAVA_BYTE, 0, to, 0, n);
            return n;
        } catch (Libc.Failure e) {
            if (e.errno != Libc.EAGAIN) broken(e);
            else if (wanted.availablePermits() == 0) wanted.release();
            return 0;
        }
    }

    /** Somebody has deleted the interface, say: it is not looked at again. */
    private void broken(Libc.Failure e) {
        guest.log().add("the tap " + tap.name + " gives nothing any more: " + e.getMessage());
        LOG.warn("{}: {}", guest, describe(), e);
    }

    @Override
    public void onReady(Runnable wake) {
        this.wake = wake;
        wake.run();
    }

    @Override
    public String describe() { return "tap " + tap.name + ", " + dropped.sum() + " dropped"; }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            one.set(ValueLayout.JAVA_LONG, 0, 1);
            Libc.write(stop, one, ValueLayout.JAVA_LONG.byteSize());
            wanted.release();
            watcher.join(PATIENCE_MILLIS);
            Libc.close(stop);
            tap.close();
            arena.close();
        } catch (IOException e) {
            LOG.warn("{}: closing the tap {}", guest, tap.name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
