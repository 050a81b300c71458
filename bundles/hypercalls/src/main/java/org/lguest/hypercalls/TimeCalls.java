package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.osgi.service.component.annotations.Component;

/** H:450 Waiting: the clock event, HALT, and the word that interrupts may come now (ABI sections 5.4 and 7.1); and in the very first version the time of day. */
@Component
public final class TimeCalls implements HypercallFamily {
    @Override
    public Hypercall.Family family() { return Hypercall.Family.TIME; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        switch (call) {
            case SET_CLOCKEVENT -> parts.clock().clockEvent(guest, a1);
            case HALT -> guest.halted = true;
            case GET_WALLCLOCK -> guest.ring().answer = (int) (parts.clock().wallNanos(guest) / 1_000_000_000L);
            case SEND_INTERRUPTS -> { } // the way back to the guest looks at the lines, as always
            default -> Misdirected.kill(guest, this, call);
        }
    }
}
