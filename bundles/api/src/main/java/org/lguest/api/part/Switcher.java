package org.lguest.api.part;

import org.lguest.api.Guest;

/** The run loop: crosses into the engine and back, and acts on what comes back. vCPU thread only. */
public interface Switcher extends Part {
    /** What the vCPU thread does next. */
    enum Next {
        /** Another turn at once. */ RUN,
        /** The guest sleeps: wait until attention is raised. */ SLEEP
    }

    /** One turn: pending hypercalls, interrupts, halted?, run the guest, look at the trap. */
    Next turn(Guest guest, Parts parts);

    /**
     * Reflects a trap into the guest as section 5.2 of the ABI has it, outside of a turn's own handling.
     *
     * @return false when the guest has no handler, or its stack cannot be reached
     */
    boolean reflect(Guest guest, Parts parts, int trap, int errorCode);
}
