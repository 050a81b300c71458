package org.lguest.device.net;

import java.util.Arrays;
import org.lguest.api.Guest;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.VirtqueueState;
import org.lguest.virtio.Chain;

/**
 * From the backend to the guest. Frames wait at the backend while the guest offers no buffer; the one that has been taken already and
 * found too little room waits in the device's state. What comes before the guest's driver is ready is lost, as with a real card; only
 * then is it sure, with all kernels, which features it has accepted.
 */
final class Receiver extends Wire {
    private static final byte[] NOTHING = {};
    private static final int TOO_FEW = 0, TOO_SMALL = -1;

    private final Offload offload;
    private final VirtqueueState state;
    private final Abilities can;
    private final boolean ready;
    private boolean asking;

    Receiver(Guest guest, DeviceState device, int queue, NetBackend backend, Packet packet, Offload offload) {
        super(guest, device, queue, backend, packet);
        this.offload = offload;
        state = device.queues.get(queue);
        can = Abilities.ofGuest(accepted);
        ready = (guest.memory().load8(device.status) & Virtio.DRIVER_OK) != 0;
    }

    @Override
    void serve() {
        if (!ready) {
            while (take()) drop();
            return;
        }
        suppressKicks(true); // most buffers are offered long before they are needed
        while (!guest.dead()) {
            if (!queue.waiting()) {
                if (outOfBuffers()) return;
            } else if (!take()) {
                return;
            } else if (!packet.check()) {
                drop();
            } else if (give()) {
                if (asking) suppressKicks(true);
            } else if (outOfBuffers()) {
                return;
            }
        }
    }

    private void suppressKicks(boolean on) {
        queue.suppressKicks(on);
        asking = !on;
    }

    /** Has the guest kick when it offers buffers. False when that is news to it: it may have offered some in between, so look again. */
    private boolean outOfBuffers() {
        if (asking) return true;
        suppressKicks(false);
        return false;
    }

    /** The next packet: the one that waits, or the backend's next. False when there is none. */
    private boolean take() {
        synchronized (device) {
            packet.length = device.undelivered.length;
            System.arraycopy(device.undelivered, 0, packet.bytes, 0, packet.length);
            device.undelivered = NOTHING;
        }
        if (packet.length == 0) {
            state.progress = 0;
            packet.length = backend.receive(packet.bytes);
        }
        return packet.length > 0;
    }

    /** False when the guest's buffers did not suffice: the packet waits, with a note how much of it the guest has. */
    private boolean give() {
        int done = offload.pass(packet, can, state.progress, this::deliver);
        state.progress = Math.max(0, done);
        if (done == Offload.ALL) return true;
        synchronized (device) { device.undelivered = Arrays.copyOf(packet.bytes, packet.length); }
        return false;
    }

    /** Puts a frame into the guest's buffers. False when it has to offer more first. */
    private boolean deliver(byte[] bytes, int length) {
        int need = headerBytes + length - Packet.FRAME;
        Chain c = queue.next();
        if (c == null || !buffer(c)) return guest.dead();
        if (c.writable() >= need) {
            write(c, bytes, 0, need, 1);
        } else {
            queue.putBack();
            int buffers = merging ? count(need) : TOO_SMALL;
            if (buffers == TOO_FEW) return guest.dead();
            if (buffers == TOO_SMALL) {
                drop();
                return true;
            }
            scatter(bytes, need, buffers);
        }
        queue.publish();
        queue.interrupt();
        guest.counters().framesReceived.increment();
        guest.counters().deviceBytes.add(need);
        return true;
    }

    /** Whether it is one. */
    private boolean buffer(Chain c) {
        if (c.readable() > 0 || c.writable() < headerBytes) kill("no buffer for a frame: " + c.readable() + " bytes to read, " + c.writable() + " to write");
        return !guest.dead();
    }

    /** How many buffers it takes; they are looked at, and stay on the ring. */
    private int count(int need) {
        int buffers = 0;
        for (long room = 0; room < need; buffers++) {
            Chain c = queue.next();
            if (c == null || !buffer(c)) {
                queue.putBack(buffers);
                return buffers == state.num ? TOO_SMALL : TOO_FEW;
            }
            room += c.writable();
        }
        queue.putBack(buffers);
        return buffers;
    }

    /** Fills as many buffers as were counted; the guest sees them all at once. */
    private void scatter(byte[] bytes, int need, int buffers) {
        int at = 0;
        for (int i = 0; i < buffers && at < need; i++) {
            Chain c = queue.next();
            if (c == null || !buffer(c)) return;
            int n = (int) Math.min(c.writable(), need - at);
            write(c, bytes, at, n, buffers);
            at += n;
        }
        if (at < need) kill("buffers for frames became smaller while they were filled");
    }

    /** Bytes [at, at + n) of header and frame. */
    private void write(Chain c, byte[] bytes, int at, int n, int buffers) {
        int head = at == 0 ? headerBytes : 0;
        if (at == 0) storeHeader(c, bytes, buffers);
        c.write(head, bytes, Packet.FRAME + at + head - headerBytes, n - head);
        queue.hold(c, n);
    }
}
