package org.lguest.api.part;

import org.lguest.api.Guest;

/**
 * Something that sits in a seat of the machine and can be replaced while guests run.
 *
 * <p>A part serves all guests at once. What it keeps for one is a cache: built on {@link #adopt} or later from
 * {@code org.lguest.api.state}, thrown away on {@link #release}. Both are called on the guest's vCPU thread (for devices
 * and backends: on the thread that changes the seat, while no queue thread is inside), never during any other call for
 * the same guest, and between them the part is used only from the threads that its own contract names.
 *
 * <p>No guest input makes a part throw: it calls {@link Guest#kill} with a sentence and goes on with harmless values.
 */
public interface Part {
    /** The guest will use this part from now on. */
    default void adopt(Guest guest) { }

    /** The guest uses this part no more; all that it needs is in its state. */
    default void release(Guest guest) { }
}
