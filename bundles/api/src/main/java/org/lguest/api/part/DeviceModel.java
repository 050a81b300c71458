package org.lguest.api.part;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.state.DeviceState;

/**
 * Gives a kind of device its meaning: takes descriptor chains off queues, asks the backend, answers.
 *
 * <p>Life of a device, as its guest sees it: {@code reset -> ACKNOWLEDGE -> DRIVER -> features -> live -> (reset)}.
 * Status changes are handled by the Host; the model sees queues only.
 */
public interface DeviceModel extends Part {
    /**
     * What a new device of this model looks like on the bus.
     *
     * @param queueSizes entries of each queue; none on a classic bus
     * @param config     the configuration; on a classic bus the content of the device's pages
     */
    record Shape(int[] queueSizes, long features, byte[] config) {
        /** The same with rings of at most {@code most} entries. */
        public Shape rings(int most) {
            return new Shape(java.util.Arrays.stream(queueSizes).map(n -> Math.min(n, most)).toArray(), features, config);
        }
    }

    /** Which device. The same for the model's whole life. */
    DeviceType type();

    /**
     * Whether kernels of this generation have drivers for such devices: those of virtio, by default. Models of different types may share a
     * label, and the guest gets the one that is for its kernel.
     */
    default boolean serves(Generation generation) { return !generation.bus().classic(); }

    /**
     * The backend, {@code scheme:rest}, of a device for which the user named none; empty for a device that needs none and is served with
     * {@link Backend#NONE}, which is the default.
     */
    default String usualBackend() { return ""; }

    /** The shape for a backend. Called by the host before the guest runs. */
    Shape shape(Backend backend);

    /** The shape for a backend and a kernel of this generation: by default with rings as small as its own launcher made them. */
    default Shape shape(Backend backend, Generation generation) { return shape(backend).rings(generation.bus().queueSize()); }

    /**
     * The shape for a backend and the device that is added to the bus of this guest next; what the host asks for. By default of the guest
     * nothing counts but its kernel's generation.
     */
    default Shape shape(Backend backend, Guest guest) { return shape(backend, guest.expected()); }

    /**
     * Serves a queue until there is nothing more to do without waiting. Called on the queue's thread only; after each
     * kick, after the backend said it is ready, and once after the seat changed. A malformed ring or chain kills the
     * guest with a sentence.
     *
     * <p>A device on a classic bus has no queue: {@code queue} is 0, the guest stands still ({@link org.lguest.api.Control}), and
     * the model takes the guest's message when its key is one of the device, and gives the guest what the backend has for it.
     *
     * @param backend null never: a device whose backend is absent is not served; {@link Backend#NONE} for a device that needs none
     */
    void service(Guest guest, DeviceState device, int queue, Backend backend);
}
