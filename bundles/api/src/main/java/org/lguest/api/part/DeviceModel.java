package org.lguest.api.part;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.state.DeviceState;

/**
 * Gives a kind of device its meaning: takes descriptor chains off queues, asks the backend, answers.
 *
 * <p>Life of a device, as its guest sees it: {@code reset -> ACKNOWLEDGE -> DRIVER -> features -> live -> (reset)}.
 * Status changes are handled by the Host; the model sees queues only.
 */
public interface DeviceModel extends Part {
    /** What a new device of this model looks like on the bus. */
    record Shape(int[] queueSizes, long features, byte[] config) { }

    /** Which device. */
    DeviceType type();

    /** The shape for a backend. Called by the launcher before the guest runs. */
    Shape shape(Backend backend);

    /**
     * Serves a queue until there is nothing more to do without waiting. Called on the queue's thread only; after each
     * kick, after the backend said it is ready, and once after the seat changed. A malformed ring or chain kills the
     * guest with a sentence.
     *
     * @param backend null never: a device whose backend is absent is not served
     */
    void service(Guest guest, DeviceState device, int queue, Backend backend);
}
