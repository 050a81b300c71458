package org.lguest.device.rng;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.EntropySource;
import org.lguest.api.state.DeviceState;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;
import org.osgi.service.component.annotations.Component;

/** D:410 The virtio entropy device: every buffer that the guest offers comes back full of random bytes. */
@Component
public final class RngDevice implements DeviceModel {
    /** Bytes given at most for one buffer: a guest that asks for more than it needs does not keep the queue busy. */
    private static final int MOST = 4096;

    @Override
    public DeviceType type() { return DeviceType.RNG; }

    @Override
    public String usualBackend() { return "host:"; }

    @Override
    public Shape shape(Backend backend) { return new Shape(new int[] {Virtio.QUEUE_SIZE}, 0, new byte[0]); }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        var q = new Virtqueue(guest, device, queue);
        byte[] bytes = new byte[MOST];
        for (Chain c; (c = q.next()) != null;) {
            int n = (int) Math.min(MOST, c.writable());
            ((EntropySource) backend).next(bytes, 0, n);
            c.write(0, bytes, 0, n);
            guest.counters().deviceBytes.add(n);
            q.used(c, n);
        }
        q.interrupt();
    }
}
