package org.lguest.api.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.lguest.api.abi.DeviceType;

/**
 * The descriptor page of the lguest bus (ABI section 11.1): the page just above RAM that lists the devices, and the rings
 * behind it. Flat descriptors, as Linux 2.6.25 to 3.19 read them:
 *
 * <pre>
 *  0 u8 type   1 u8 num_vq   2 u8 feature_len   3 u8 config_len   4 u8 status
 *  5 num_vq times {u16 num, u16 irq, u32 pfn}
 *    feature_len bytes offered, feature_len bytes accepted, config_len bytes of configuration
 * </pre>
 *
 * <p>Built by the launcher before the guest runs; the layout does not change afterwards.
 */
public final class DevicePage {
    private final GuestMemory memory;
    private final List<DeviceState> devices = new ArrayList<>();
    private final long page;
    private long next;
    private int irq = 1;

    /** Hands out the descriptor page. */
    public DevicePage(GuestMemory memory) {
        this.memory = memory;
        page = memory.allocateDevicePages(1);
        next = page;
    }

    /**
     * Adds a device behind those that are there, with its rings and interrupt lines.
     *
     * @param queueSizes entries of each queue, powers of two
     * @param offered    feature bits
     * @param config     initial content of the configuration
     * @throws IllegalStateException when the page, the device window or the interrupt lines are used up
     */
    public DeviceState add(DeviceType type, String spec, int[] queueSizes, long offered, byte[] config) {
        int featureBytes = (64 - Long.numberOfLeadingZeros(offered) + 7) / 8;
        int length = 5 + 8 * queueSizes.length + 2 * featureBytes + config.length;
        if (next + length >= page + GuestMemory.PAGE) throw new IllegalStateException("the descriptor page is full");
        if (irq + queueSizes.length > InterruptLines.LINES) throw new IllegalStateException("no interrupt line is left");
        List<VirtqueueState> queues = new ArrayList<>();
        for (int i = 0; i < queueSizes.length; i++)
            queues.add(new VirtqueueState(i, queueSizes[i], irq++, memory.allocateDevicePages(VirtqueueState.pages(queueSizes[i]))));
        long features = next + 5 + 8L * queues.size();
        var d = new DeviceState(devices.size(), type, spec, offered, queues, next, features + featureBytes, features + 2L * featureBytes, featureBytes, config.length);
        write(d, features, config);
        devices.add(d);
        next += length;
        return d;
    }

    private void write(DeviceState d, long features, byte[] config) {
        memory.store8(d.descriptor, d.type.id());
        memory.store8(d.descriptor + 1, d.queues.size());
        memory.store8(d.descriptor + 2, d.featureBytes);
        memory.store8(d.descriptor + 3, d.configBytes);
        for (VirtqueueState q : d.queues) {
            long at = d.descriptor + 5 + 8L * q.index;
            memory.store16(at, q.num);
            memory.store16(at + 2, q.irq);
            memory.store32(at + 4, (int) (q.ring >>> 12));
        }
        for (int i = 0; i < d.featureBytes; i++) memory.store8(features + i, (int) (d.offered >>> 8 * i));
        memory.write(d.config, config, 0, config.length);
    }

    /** The devices in bus order. */
    public List<DeviceState> devices() { return Collections.unmodifiableList(devices); }

    /** Address of the page: the guest looks for it at the end of its RAM. */
    public long address() { return page; }

    /**
     * Back to what it was when the guest was launched: statuses and accepted features zero, rings empty.
     */
    public void reset() {
        for (DeviceState d : devices) reset(d);
    }

    /** A device reset: status and accepted features zero, rings empty (ABI section 11.6). */
    public void reset(DeviceState d) {
        memory.store8(d.status, 0);
        memory.zero(d.accepted, d.featureBytes);
        for (VirtqueueState q : d.queues) {
            memory.zero(q.ring, VirtqueueState.bytes(q.num));
            q.reset();
        }
    }
}
