package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.osgi.service.component.annotations.Component;

/**
 * H:450 Waiting (ABI sections 5.4 and 7.1). A kernel with nothing to do sets the alarm (H:500) for the moment at which it will have something
 * to do, and halts; then no code of it runs until an interrupt can be delivered. The third call says "I take interrupts again", and all
 * that it does is to bring the Guest here: the way back looks at the lines, as always. In the very first version the time of day was a call, too.
 */
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
