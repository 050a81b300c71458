package org.lguest.device.net;

import org.lguest.api.Guest;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;

/**
 * What both directions of a card have in common during one service of a queue: the guest, the ring, the form of the header that the
 * guest and the device have agreed on, and buffers.
 *
 * <p>The header is that of {@link NetBackend}. A driver that has accepted MRG_RXBUF has two bytes more behind it, the number of
 * buffers that the frame is in; Linux 2.6.24 knows no hdr_len and has eight bytes (ABI section 11.8).
 */
abstract class Wire {
    private static final int MERGING = NetBackend.HEADER + 2;

    final Guest guest;
    final DeviceState device;
    final Virtqueue queue;
    final NetBackend backend;
    final Packet packet;
    final long accepted;
    final int headerBytes;
    final boolean merging;
    private final byte[] header = new byte[MERGING];

    Wire(Guest guest, DeviceState device, int queue, NetBackend backend, Packet packet) {
        this.guest = guest;
        this.device = device;
        this.queue = new Virtqueue(guest, device, queue);
        this.backend = backend;
        this.packet = packet;
        accepted = device.acceptedFeatures(guest.memory());
        merging = (accepted >>> Virtio.NET_F_MRG_RXBUF & 1) != 0;
        headerBytes = merging ? MERGING : guest.generation().bus().netHeaderBytes();
    }

    /** Serves the queue until there is nothing more to do without waiting. */
    abstract void serve();

    /** Takes a chain of the guest's into the packet; its size has been looked at. */
    final void load(Chain c) {
        packet.length = (int) c.readable() - headerBytes + Packet.FRAME;
        packet.clearHeader();
        if (headerBytes >= Packet.FRAME) c.read(0, packet.bytes, 0, Packet.FRAME); // the short one has nothing to say: no feature was offered
        c.read(headerBytes, packet.bytes, Packet.FRAME, packet.frameBytes());
    }

    /** Writes the header of a packet, the way the guest wants it. */
    final void storeHeader(Chain c, byte[] from, int buffers) {
        System.arraycopy(from, 0, header, 0, Packet.FRAME);
        header[Packet.FRAME] = (byte) buffers;
        header[Packet.FRAME + 1] = (byte) (buffers >>> 8);
        c.write(0, header, 0, headerBytes);
    }

    final void drop() { guest.counters().framesDropped.increment(); }

    final void kill(String what) { guest.kill(device + ": " + what); }
}
