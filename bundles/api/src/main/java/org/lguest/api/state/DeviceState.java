package org.lguest.api.state;

import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.lguest.api.abi.DeviceType;

/**
 * One device of a guest: what its descriptor says, and input that has left the backend but not yet reached the guest.
 *
 * <p>Status, accepted features and configuration are in the descriptor page, in guest memory; {@link DevicePage} knows where.
 */
public final class DeviceState {
    /** Position on the bus, 0-based, in creation order. */
    public final int index;
    /** What it is. */
    public final DeviceType type;
    /** What the user asked for, such as {@code raw:/tmp/disk.img}; the host finds model and backend by it. */
    public final String spec;
    /** Feature bits offered (bit b = feature b); none where descriptors are tagged. */
    public final long offered;
    /** The queues. */
    public final List<VirtqueueState> queues;
    /**
     * Guest-physical addresses of the descriptor, its status byte, the accepted features and the configuration, which tagged descriptors
     * do not have in one piece.
     */
    public final long descriptor, status, accepted, config;
    /** Bytes of one feature bitmap and of the configuration; zero where descriptors are tagged. */
    public final int featureBytes, configBytes;

    /** Requests that the guest has back, and bytes read and written for them. */
    public final LongAdder requests = new LongAdder(), bytes = new LongAdder();
    /** Bytes read from the backend and not yet given to the guest; guarded by this object. */
    public byte[] undelivered = {};
    /**
     * What the model keeps of this device beside its rings, in a form of its own, for itself and for whoever takes its seat; a reset by the
     * guest leaves it alone. On the queue's thread; guarded by this object where a device has several queues.
     */
    public byte[] kept = {};
    /** Nanoseconds in which nobody served the queues because the model or the backend changed. Written by one thread at a time. */
    public volatile long stillNanos;
    /** What the last backend left to the next, in a form of its own; empty while there is one. */
    public byte[] handedOver = {};
    /** A file that the last backend left to the next; null while there is one, and when it left none. */
    public FileChannel handedOverFile;

    /** Position among the devices of the guest's spec, by which it has its limits: not {@link #index} where the guest had to wait for another. */
    public volatile int place;
    /** Holds it back; null while nobody wants that. */
    public volatile Throttle throttle;

    /** A device as {@link DevicePage} lays it out. */
    DeviceState(int index, DeviceType type, String spec, long offered, List<VirtqueueState> queues,
            long descriptor, long status, long accepted, long config, int featureBytes, int configBytes) {
        this.index = index;
        this.type = type;
        this.spec = spec;
        this.offered = offered;
        this.queues = List.copyOf(queues);
        this.descriptor = descriptor;
        this.status = status;
        this.accepted = accepted;
        this.config = config;
        this.featureBytes = featureBytes;
        this.configBytes = configBytes;
    }

    /** The features that the guest has accepted, reduced to those offered: the guest may write anything there. */
    public long acceptedFeatures(GuestMemory memory) {
        long bits = 0;
        for (int i = 0; i < featureBytes; i++) bits |= (long) memory.load8(accepted + i) << 8 * i;
        return bits & offered;
    }

    /** Its interrupt lines: one for each queue; on a classic bus, where there are none, one by its slot. */
    public List<Integer> lines() { return queues.isEmpty() ? List.of(index + 1) : queues.stream().map(q -> q.irq).toList(); }

    /** A name for messages: {@code block 1}. */
    @Override
    public String toString() { return type + " " + index; }
}
