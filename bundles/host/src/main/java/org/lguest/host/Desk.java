package org.lguest.host;

import org.lguest.api.Guest;
import org.lguest.api.QueueThread;
import org.lguest.api.state.DeviceState;

/**
 * Where a device without queues is served: one that a kernel of before virtio talks to by messages. The {@link LauncherThread} comes by while
 * the guest stands still; who serves changes while it is not inside.
 */
final class Desk {
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

    /** The model takes the guest's message if it is for this device, and hands over what the backend has. False when nobody is there. */
    synchronized boolean serve() {
        if (!seat.taken() || guest.dead()) return false;
        seat.model().service(guest, device, 0, seat.backend());
        return true;
    }

    /** Serves as soon as somebody is there; returns when that is done, or the guest is dead. */
    synchronized void serveAtLast() throws InterruptedException {
        while (!serve() && !guest.dead()) wait();
    }

    /** Whether a message with this key is for the device: an address in its pages, and for one without pages 0. */
    boolean means(int key) {
        long into = Integer.toUnsignedLong(key) - device.config;
        return into == 0 || into > 0 && into < device.configBytes;
    }

    /** The guest is dead: nobody needs to wait. */
    synchronized void leave() { notifyAll(); }
}
