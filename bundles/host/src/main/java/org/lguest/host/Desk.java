package org.lguest.host;

import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.QueueThread;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.Throttle;

/**
 * Where a device without queues is served: one that a kernel of before virtio talks to by messages. The {@link LauncherThread} comes by while
 * the guest stands still; who serves changes while it is not inside.
 */
final class Desk {
    /** How often a device that is held back looks whether it still is: its limit may have changed. */
    private static final long LOOK_NANOS = 100_000_000;

    private final Guest guest;
    private final DeviceState device;
    private QueueThread.Seat seat;

    Desk(Guest guest, DeviceState device, QueueThread.Seat seat) {
        this.guest = guest;
        this.device = device;
        this.seat = seat;
    }

    /** Returns when nobody is inside those who leave. */
    synchronized void change(QueueThread.Seat next) {
        seat = next;
        notifyAll();
    }

    /**
     * The model takes the guest's message if it is for this device, and hands over what the backend has. False when nobody is there, or the device has
     * used more than it may.
     */
    synchronized boolean serve() {
        if (!seat.taken() || guest.dead() || delay() > 0) return false;
        seat.model().service(guest, device, 0, seat.backend());
        return true;
    }

    private long delay() {
        Throttle t = device.throttle;
        return t == null ? 0 : t.delay();
    }

    /** The same for input: when the device may not have it now, the guest goes on, and we look again soon. */
    synchronized void input() {
        if (!serve() && seat.taken()) guest.control().comeBack();
    }

    /**
     * Serves as soon as somebody is there and the device may; returns when that is done, or the guest is dead. The guest stands still until then: it has
     * handed its message over, and a message is all that such a device ever has in hand.
     */
    synchronized void serveAtLast() throws InterruptedException {
        while (!serve() && !guest.dead()) {
            if (seat.taken()) TimeUnit.NANOSECONDS.timedWait(this, Math.clamp(delay(), 1, LOOK_NANOS));
            else wait();
        }
    }

    /** Whether a message with this key is for the device: an address in its pages, and for one without pages 0. */
    boolean means(int key) {
        long into = Integer.toUnsignedLong(key) - device.config;
        return into == 0 || into > 0 && into < device.configBytes;
    }

    /** The guest is dead: nobody needs to wait. */
    synchronized void leave() { notifyAll(); }
}
