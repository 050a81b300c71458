package org.lguest.device.net;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.osgi.service.component.annotations.Component;

/**
 * D:510 The virtio network card: queue 0 brings frames, queue 1 takes them away (ABI section 11.8).
 *
 * <p>A card of real hardware sums up checksums and cuts large segments because silicon does that faster than the processor. Here the
 * same offers are made for the opposite reason: between two Guests the work need not be done at all, and {@link Offload} does it only
 * for those who cannot take a packet as it came. Everything that a driver can leave to its card it may therefore leave to this one,
 * whatever is behind it; large segments towards the Guest are offered only where the backend has some, since old drivers set aside
 * 64 KiB for each.
 *
 * <p>A frame may get lost, as on any wire. Each is counted.
 */
@Component
public final class NetDevice implements DeviceModel {
    private static final int RECEIVE = 0;
    private static final long ALWAYS = bits(Virtio.NET_F_CSUM, Virtio.NET_F_GUEST_CSUM, Virtio.NET_F_HOST_TSO4, Virtio.NET_F_HOST_TSO6,
        Virtio.NET_F_HOST_ECN, Virtio.NET_F_MRG_RXBUF, Virtio.NET_F_STATUS, Virtio.F_ANY_LAYOUT, Virtio.F_INDIRECT_DESC);
    private static final long IF_GIVEN = bits(Virtio.NET_F_GUEST_TSO4, Virtio.NET_F_GUEST_TSO6, Virtio.NET_F_GUEST_ECN);
    /** MAC, u16 status. */
    private static final int CONFIG_BYTES = 8, STATUS_AT = 6;

    private final Scratch scratch = new Scratch();

    private static long bits(int... features) {
        long bits = 0;
        for (int f : features) bits |= 1L << f;
        return bits;
    }

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String usualBackend() { return "user:"; }

    @Override
    public Shape shape(Backend backend) {
        NetBackend port = (NetBackend) backend;
        byte[] config = new byte[CONFIG_BYTES];
        config[STATUS_AT] = Virtio.NET_S_LINK_UP; // the lguest bus has no way to tell of a change: the cable is always in
        return new Shape(new int[] {Virtio.QUEUE_SIZE, Virtio.QUEUE_SIZE}, ALWAYS | port.offloads() & IF_GIVEN, config);
    }

    @Override
    public Shape shape(Backend backend, Guest guest) {
        Shape shape = shape(backend, guest.expected());
        byte[] chosen = ((NetBackend) backend).mac();
        byte[] mac = chosen == null ? HardwareAddress.next(guest) : chosen;
        System.arraycopy(mac, 0, shape.config(), 0, mac.length);
        return new Shape(shape.queueSizes(), shape.features() | 1L << Virtio.NET_F_MAC, shape.config());
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        NetBackend port = (NetBackend) backend;
        Scratch.Desk desk = scratch.take();
        Wire wire = queue == RECEIVE ? new Receiver(guest, device, queue, port, desk.packet(), desk.offload())
            : new Transmitter(guest, device, queue, port, desk.packet(), desk.offload());
        wire.serve();
        scratch.giveBack(desk);
    }
}
