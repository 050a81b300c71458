package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;

/** A call that reached a family it does not belong to: a fault of the machine, told as such. */
final class Misdirected {
    private Misdirected() { }

    static void kill(Guest guest, HypercallFamily family, Hypercall call) {
        guest.kill("the host gave hypercall " + call.number() + " to the family " + family.family());
    }
}
