package org.lguest.api.part;

import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;

/** Makes guests: loads the kernel image, lays out memory and devices, sets the registers (ABI sections 2.2 and 11.3). */
public interface Launcher {
    /**
     * Checks the spec, builds a guest and registers it with the host; it does not run yet.
     *
     * @throws LaunchException with a sentence for the user; nothing is left behind
     */
    Guest launch(GuestSpec spec) throws LaunchException;
}
