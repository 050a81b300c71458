package org.lguest.api.state;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;

/**
 * The descriptor page of the lguest bus (ABI sections 10.4 and 11.1): the page just above RAM that lists the devices, and their rings or
 * pages behind it. How a device is described there depends on the kernel's generation; {@link Descriptors} has two forms, {@link SlotTable} the oldest.
 *
 * <p>A device gets its place, its rings and its lines once, and keeps them; another may be added behind it at any time. A descriptor of
 * type 0 ends the list, so a new one becomes visible when its type is written, last of all. Who looks when is up to the kernel: Linux
 * reads the list once, as it boots; puppy does so again when it is told to.
 *
 * <p>Threads: one at a time adds devices; the list may be read by any.
 */
public final class DevicePage {
    private final GuestMemory memory;
    private volatile List<DeviceState> devices = List.of();
    private final long page;
    private Generation.Bus bus = Generation.Bus.FLAT;
    private long next;
    private int irq = 1;

    /** Hands out the descriptor page. */
    public DevicePage(GuestMemory memory) {
        this.memory = memory;
        page = memory.allocateDevicePages(1);
        next = page;
    }

    /**
     * The form of descriptors from now on.
     *
     * @throws IllegalStateException when devices in another form are there already
     */
    public void speak(Generation.Bus bus) {
        if (!devices.isEmpty() && (bus.tagged() != this.bus.tagged() || bus.classic() != this.bus.classic()))
            throw new IllegalStateException("devices are on the bus already");
        this.bus = bus;
    }

    /** {@link #add(DeviceType, String, int[], long, byte[], Consumer) Adds} a device for a guest that does not run yet. */
    public DeviceState add(DeviceType type, String spec, int[] queueSizes, long offered, byte[] config) {
        return add(type, spec, queueSizes, offered, config, d -> { });
    }

    /**
     * Adds a device behind those that are there, with its rings and interrupt lines.
     *
     * @param queueSizes entries of each queue, powers of two; none on a classic bus
     * @param offered    feature bits
     * @param config     initial content of the configuration; on a classic bus, of the device's pages
     * @param ready      called when the device is complete and in the list, but the guest cannot see it yet: whoever is to serve it gets ready
     * @throws IllegalStateException when the page, the device window or the interrupt lines are used up
     */
    public synchronized DeviceState add(DeviceType type, String spec, int[] queueSizes, long offered, byte[] config, Consumer<DeviceState> ready) {
        DeviceState d = bus.classic() ? SlotTable.describe(memory, page, devices.size(), type, spec, offered, config)
            : describe(type, spec, queueSizes, offered, config);
        List<DeviceState> all = new ArrayList<>(devices);
        all.add(d);
        devices = List.copyOf(all);
        ready.accept(d);
        java.lang.invoke.VarHandle.releaseFence();
        memory.store8(d.descriptor, type.id());
        return d;
    }

    /** With rings and lines, and without its type. */
    private DeviceState describe(DeviceType type, String spec, int[] queueSizes, long offered, byte[] config) {
        byte[] description = Descriptors.describe(bus, type, queueSizes.length, offered, config);
        if (next + description.length >= page + GuestMemory.PAGE) throw new IllegalStateException("the descriptor page is full");
        if (irq + queueSizes.length > InterruptLines.LINES) throw new IllegalStateException("no interrupt line is left");
        List<VirtqueueState> queues = new ArrayList<>();
        for (int i = 0; i < queueSizes.length; i++)
            queues.add(new VirtqueueState(i, queueSizes[i], irq++, memory.allocateDevicePages(VirtqueueState.pages(queueSizes[i]))));
        memory.write(next + 1, description, 1, description.length - 1); // all but the type
        DeviceState d = Descriptors.state(memory, bus, devices.size(), type, spec, offered, queues, next, config.length);
        next += description.length;
        return d;
    }

    /** The devices in bus order. */
    public List<DeviceState> devices() { return devices; }

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
        if (bus.classic()) return;
        if (bus.tagged()) Descriptors.unread(memory, d);
        else memory.zero(d.accepted, d.featureBytes);
        for (VirtqueueState q : d.queues) {
            memory.zero(q.ring, VirtqueueState.bytes(q.num));
            q.reset();
        }
    }
}
