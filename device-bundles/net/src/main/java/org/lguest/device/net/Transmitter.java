package org.lguest.device.net;

import org.lguest.api.Guest;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.VirtqueueState;
import org.lguest.virtio.Chain;

/**
 * From the guest to the backend. A frame that no card could send is lost, as it would be on a real wire; a chain that has not even
 * room for the header is no frame, and ends the guest.
 */
final class Transmitter extends Wire {
    /** Chains after which others who wait for a processor get one: a guest that never stops sending does not starve its neighbours. */
    private static final int STRETCH = 64;

    private final Offload offload;
    private final VirtqueueState state;
    private final Abilities can;

    Transmitter(Guest guest, DeviceState device, int queue, NetBackend backend, Packet packet, Offload offload) {
        super(guest, device, queue, backend, packet);
        this.offload = offload;
        state = device.queues.get(queue);
        can = Abilities.ofBackend(backend.offloads());
    }

    @Override
    void serve() {
        do {
            queue.suppressKicks(true);
            int served = 0;
            for (Chain c; (c = queue.next()) != null; served++) {
                if (c.readable() < headerBytes) {
                    kill("a frame to send without its header: " + c.readable() + " bytes");
                    return;
                }
                if (!send(c)) { // the backend wakes us; till then no kick is needed
                    queue.putBack();
                    queue.interrupt();
                    return;
                }
                queue.used(c, 0);
                if (served % STRETCH == STRETCH - 1) {
                    queue.interrupt();
                    Thread.yield();
                }
            }
            queue.interrupt();
            queue.suppressKicks(false);
        } while (queue.waiting());
    }

    /** False when the backend wants the packet, or what is left of it, later. */
    private boolean send(Chain c) {
        long frame = c.readable() - headerBytes;
        guest.counters().deviceBytes.add(frame);
        if (frame > NetBackend.MAX_PACKET - Packet.FRAME) return lost();
        load(c);
        if (!packet.check() || !packet.large() && frame > NetBackend.MAX_FRAME && !can.large()) return lost();
        int done = offload.pass(packet, can, state.progress, backend::send);
        state.progress = Math.max(0, done);
        if (done == Offload.ALL) guest.counters().framesSent.increment();
        return done == Offload.ALL;
    }

    private boolean lost() {
        state.progress = 0;
        drop();
        return true;
    }
}
