package org.lguest.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.Throttle;

/**
 * D:110 The thread of one virtqueue. It waits for a kick, and then calls whoever sits in the device's seat; the frame at
 * the bottom of its stack is here, so that model and backend can be replaced while it waits.
 */
public final class QueueThread {
    /** Who serves the device: both present, or nobody. */
    public record Seat(DeviceModel model, Backend backend) {
        /** Whether the queue can be served. */
        public boolean taken() { return model != null && backend != null; }
    }

    /** How often a device that is held back looks whether it still is: its limit may have changed. */
    private static final long LOOK_NANOS = 100_000_000;

    private final Guest guest;
    private final DeviceState device;
    private final int queue;
    private final Thread thread;
    private final Object inside = new Object();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile Seat seat;
    private volatile boolean live;
    private volatile boolean kicked;
    private volatile Throwable failure;

    /** A thread that serves a queue of a device. */
    public QueueThread(Guest guest, DeviceState device, int queue, Seat seat) {
        this.guest = guest;
        this.device = device;
        this.queue = queue;
        this.seat = seat;
        thread = Thread.ofVirtual().name("queue " + guest + " " + device + "." + queue).unstarted(this::serve);
    }

    /** Starts it. */
    public void start() { thread.start(); }

    /** Look at the queue. Any thread. */
    public void kick() {
        kicked = true;
        LockSupport.unpark(thread);
    }

    /** The device became live (true) or was reset (false). Returns when a service call that was under way has ended. */
    public void live(boolean on) {
        synchronized (inside) { live = on; }
        if (on) kick();
    }

    /** Replaces the seat. Returns when nobody is inside the old one; the queue is looked at once with the new one. */
    public void change(Seat next) {
        synchronized (inside) { seat = next; }
        kick();
    }

    /**
     * Serves the queue once more, on the calling thread, before the guest ends: its last words are in the ring, and the
     * queue's own thread stops looking when the guest is dead. Nothing holds the device back any more.
     */
    public void settle() {
        device.throttle = null;
        synchronized (inside) { look(); }
    }

    /** Completes when the thread has ended, after the guest's death. */
    public CompletableFuture<Void> finished() { return finished.copy(); }

    /** What a model threw; null when none did. */
    public Throwable failure() { return failure; }

    private void look() {
        Seat s = seat;
        if (live && s.taken() && !guest.dead()) s.model().service(guest, device, queue, s.backend());
    }

    /** Until there is something to look at, and the device may. */
    private void await() {
        for (long delay; !guest.dead() && ((delay = delay()) > 0 || !kicked);) {
            if (delay > 0) LockSupport.parkNanos(this, Math.min(delay, LOOK_NANOS));
            else LockSupport.park(this);
        }
    }

    private long delay() {
        Throttle t = device.throttle;
        return t == null ? 0 : t.delay();
    }

    private void serve() {
        try {
            while (!guest.dead()) {
                boolean limited = device.throttle != null;
                long requests = device.requests.sum();
                await();
                kicked = false;
                synchronized (inside) { look(); }
                // it may have stopped in the middle, even if by now it might go on: nobody else will tell it to
                if (delay() > 0 || (limited || device.throttle != null) && device.requests.sum() != requests) kicked = true;
            }
        } catch (RuntimeException | Error e) { // the model broke its contract: the guest dies, the host lives
            failure = e;
            guest.kill(device + ", queue " + queue + " failed: " + e);
        } finally {
            finished.complete(null);
        }
    }
}
