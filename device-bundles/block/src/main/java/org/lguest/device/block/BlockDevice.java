package org.lguest.device.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:300 The virtio block device: requests on one queue, a disk behind it (ABI section 11.8).
 *
 * <p>It knows requests, not files: {@link BlockRequest} says what is asked, the backend moves the bytes straight between the
 * disk and guest memory. A request is acknowledged when the backend has done it, a flush when the bytes are safe.
 */
@Component
public final class BlockDevice implements DeviceModel {
    private static final Logger LOG = LoggerFactory.getLogger(BlockDevice.class);
    private static final int CONFIG_BYTES = 16, SEG_MAX_AT = 12;

    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public Shape shape(Backend backend) { return shape(backend, Generation.LINUX_3_1); }

    @Override
    public Shape shape(Backend backend, Generation generation) {
        int entries = generation.bus().queueSize();
        BlockBackend disk = (BlockBackend) backend;
        long features = 1L << Virtio.BLK_F_BARRIER | 1L << Virtio.BLK_F_SEG_MAX | 1L << Virtio.BLK_F_FLUSH;
        if (disk.readOnly()) features |= 1L << Virtio.BLK_F_RO;
        ByteBuffer config = ByteBuffer.allocate(CONFIG_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        config.putLong(0, disk.size() / BlockRequest.SECTOR);
        config.putInt(SEG_MAX_AT, entries - 2);
        return new Shape(new int[] {entries}, features, config.array());
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        var q = new Virtqueue(guest, device, queue);
        String id = "jlguest-" + guest.id() + "-" + device.index;
        do {
            q.suppressKicks(true);
            for (Chain c; (c = q.next()) != null;) {
                var request = new BlockRequest(c, guest.generation().bus().blockHeaderBytes(), (BlockBackend) backend);
                if (!request.wellFormed()) {
                    guest.kill(device + ": a request without header or status");
                    return;
                }
                guest.counters().deviceBytes.add(c.readable() + c.writable());
                q.used(c, request.perform(id, e -> LOG.warn("{}: {} of {}", guest, device, backend.describe(), e)));
                if (!q.waiting()) q.interrupt();
            }
            q.interrupt();
            q.suppressKicks(false);
        } while (q.waiting());
    }
}
