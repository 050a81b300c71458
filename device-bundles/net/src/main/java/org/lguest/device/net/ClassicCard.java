package org.lguest.device.net;

import java.nio.ByteBuffer;
import org.lguest.api.DmaMessages;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.NetBackend;
import org.lguest.api.part.PeerNetwork;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;
import org.osgi.service.component.annotations.Component;

/**
 * D:490 The network card of Linux 2.6.23: a page with a hardware address of six bytes for everybody on the network (ABI section 10.7). Whoever is
 * on it finds his own place in the features, writes his address there, and binds buffers to a key, four bytes for each place. To send a frame
 * is to look through the page for those whom it concerns, and to send a message to the key of each.
 *
 * <p>On a {@link PeerNetwork} the others are guests, and all happens between them. On any other the Guest is alone with its Host: it has place 1,
 * and place 0 has an address that wants everything, whose messages come here. This card leaves no work to others, for its driver would not
 * understand them: checksums are finished and large segments cut before the Guest sees them.
 */
@Component
public final class ClassicCard implements DeviceModel {
    private static final DeviceType TYPE = new DeviceType(2, "net");
    private static final int RANDOMNESS = 0x8000, NO_CHECKSUMS = 0x4000;
    private static final int HOST = 0, GUEST = 1, KEY_BYTES = 4;
    /** Place 0: nobody's address, with the bit that asks for every frame. */
    private static final byte[] EVERYTHING = {0x03, 0, 0, 0, 0, 0x01};
    /** Undelivered: how many frames of a large segment the guest has, and the packet. */
    private static final int PROGRESS = 4;

    private final Scratch scratch = new Scratch();

    @Override
    public DeviceType type() { return TYPE; }

    @Override
    public boolean serves(Generation generation) { return generation.bus().classic(); }

    @Override
    public String usualBackend() { return "user:"; }

    @Override
    public Shape shape(Backend backend) {
        byte[] page = new byte[GuestMemory.PAGE];
        if (backend instanceof PeerNetwork peers) return new Shape(new int[0], NO_CHECKSUMS | peers.slot(), page);
        System.arraycopy(EVERYTHING, 0, page, 0, EVERYTHING.length);
        return new Shape(new int[0], RANDOMNESS | GUEST, page);
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        if (!(backend instanceof NetBackend port)) {
            guest.dma().taken(); // a network of peers has no business here; what came was for a place that nobody shares any more
            return;
        }
        Scratch.Desk desk = scratch.take();
        int page = (int) device.config;
        DmaList sent = DmaMessages.sent(guest, page + KEY_BYTES * HOST);
        if (sent != null) send(guest, device, port, desk, sent);
        else guest.dma().taken();
        if (!guest.dead()) receive(guest, device, port, desk, page + KEY_BYTES * GUEST);
        scratch.giveBack(desk);
    }

    /** The guest stands still meanwhile: what the backend cannot take now is lost, and the guest counts it. */
    private static void send(Guest guest, DeviceState device, NetBackend port, Scratch.Desk desk, DmaList sent) {
        Packet p = desk.packet();
        int bytes = sent.bytes();
        boolean taken = false;
        if (bytes <= NetBackend.MAX_FRAME) {
            byte[] frame = sent.gather(guest.memory());
            p.clearHeader();
            System.arraycopy(frame, 0, p.bytes, Packet.FRAME, bytes);
            p.length = Packet.FRAME + bytes;
            taken = p.check() && port.send(p.bytes, p.length);
        }
        (taken ? guest.counters().framesSent : guest.counters().framesDropped).increment();
        DmaMessages.taken(guest, device, sent, taken ? bytes : 0);
    }

    private void receive(Guest guest, DeviceState device, NetBackend port, Scratch.Desk desk, int key) {
        Packet p = desk.packet();
        while (!guest.dead()) {
            int progress = take(device, p, port);
            if (p.length == 0) return;
            if (!DmaMessages.bound(guest, key) || !p.check()) {
                guest.counters().framesDropped.increment(); // too early, as a rule: nobody listens yet
                continue;
            }
            int done = desk.offload().pass(p, Abilities.ofGuest(0), progress, (bytes, length) -> deliver(guest, device, key, bytes, length));
            if (done == Offload.ALL) continue;
            keep(device, p, done);
            return;
        }
    }

    /** The next packet, or one of which the guest has some already: how many frames. */
    private static int take(DeviceState device, Packet p, NetBackend port) {
        synchronized (device) {
            byte[] kept = device.undelivered;
            if (kept.length > PROGRESS) {
                device.undelivered = new byte[0];
                p.length = kept.length - PROGRESS;
                System.arraycopy(kept, PROGRESS, p.bytes, 0, p.length);
                return ByteBuffer.wrap(kept).getInt();
            }
        }
        p.length = port.receive(p.bytes);
        return 0;
    }

    private static void keep(DeviceState device, Packet p, int progress) {
        ByteBuffer kept = ByteBuffer.allocate(PROGRESS + p.length).putInt(progress).put(p.bytes, 0, p.length);
        synchronized (device) { device.undelivered = kept.array(); }
    }

    /** False when the guest has no free buffer now. */
    private static boolean deliver(Guest guest, DeviceState device, int key, byte[] packet, int length) {
        int bytes = length - Packet.FRAME;
        DmaList buffer = DmaMessages.buffer(guest, key);
        if (buffer == null) return guest.dead();
        if (bytes > buffer.bytes()) {
            buffer.used(guest.memory(), 0);
            guest.counters().framesDropped.increment();
            return true;
        }
        buffer.scatter(guest.memory(), packet, Packet.FRAME, bytes);
        guest.counters().framesReceived.increment();
        DmaMessages.filled(guest, device, buffer, bytes);
        return true;
    }
}
