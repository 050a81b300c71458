package org.lguest.api.part;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;

/** Performs the hypercalls of one family. vCPU thread only, between two stretches of guest code. */
public interface HypercallFamily extends Part {
    /** Which family. */
    Hypercall.Family family();

    /**
     * Performs a call of this family. Arguments come from the guest and may be anything; registers are not touched.
     *
     * @param a1 to {@code a4} the arguments in the order of ABI section 1.3; those that the generation lacks are 0
     */
    void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4);
}
