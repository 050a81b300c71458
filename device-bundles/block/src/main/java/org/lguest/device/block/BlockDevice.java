package org.lguest.device.block;

import java.io.IOException;
import java.util.function.Consumer;
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
 * D:310 The virtio block device: requests on one queue, a disk behind it (ABI section 11.8).
 *
 * <p>It knows requests, not files: {@link BlockRequest} says what is asked, the backend moves the bytes straight between the
 * disk and guest memory. A request is acknowledged when the backend has done it, a flush when the bytes are safe; {@link Answers}
 * tells of drivers that make no flushes.
 */
@Component
public final class BlockDevice implements DeviceModel {
    private static final Logger LOG = LoggerFactory.getLogger(BlockDevice.class);
    private static final long WARNING_NANOS = 1_000_000_000;

    private volatile long lastWarning = System.nanoTime() - WARNING_NANOS;

    @Override
    public DeviceType type() { return DeviceType.BLOCK; }

    @Override
    public String usualBackend() { return "mem:64M"; }

    @Override
    public Shape shape(Backend backend) { return shape(backend, Generation.LINUX_3_1); }

    @Override
    public Shape shape(Backend backend, Generation generation) {
        int entries = generation.bus().queueSize();
        BlockBackend disk = (BlockBackend) backend;
        return new Shape(new int[] {entries}, BlockConfig.features(disk), BlockConfig.bytes(disk, entries));
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        BlockBackend disk = (BlockBackend) backend;
        Consumer<IOException> errors = e -> failed(guest, device, disk, e);
        boolean flushes = (device.acceptedFeatures(guest.memory()) >>> Virtio.BLK_F_FLUSH & 1) != 0;
        var q = new Virtqueue(guest, device, queue);
        var answers = new Answers(q, disk, flushes, errors);
        String id = "jlguest-" + guest.id() + "-" + device.index;
        do {
            q.suppressKicks(true);
            for (Chain c; (c = q.next()) != null;) {
                var request = new BlockRequest(c, guest.generation().bus().blockHeaderBytes(), disk);
                if (!request.wellFormed()) {
                    guest.kill(device + ": a request without header or status");
                    break;
                }
                guest.counters().deviceBytes.add(c.readable() + c.writable());
                answers.give(c, request, request.perform(id, errors));
                if (!q.waiting()) q.interrupt();
            }
            answers.settle();
            q.interrupt();
            q.suppressKicks(false);
        } while (q.waiting());
    }

    /** Every error is in the guest's own log, which is bounded; a guest that makes one after the other does not fill the host's. */
    private void failed(Guest guest, DeviceState device, BlockBackend disk, IOException e) {
        guest.log().add(device + ": " + e.getMessage());
        long now = System.nanoTime();
        if (now - lastWarning < WARNING_NANOS) return;
        lastWarning = now;
        LOG.warn("{}: {}, {}: {}", guest, device, disk.describe(), e.toString());
        LOG.debug("where that happened", e);
    }
}
