package org.lguest.hypercalls;

import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.osgi.service.component.annotations.Component;

/**
 * H:400 Hypercalls: what the Guest asks for in so many words.
 *
 * <p>A hypercall is a software interrupt with a number in eax and arguments in other registers, or an entry in a ring
 * that the Guest fills while it is in no hurry. By the time one arrives here the switcher has fetched the arguments and
 * put them in order; what is left is to do it, and to trust nothing. The calls are grouped by what they change, and each
 * group is a part of its own: this one holds the first and the last call of every Guest's life.
 */
@Component
public final class LifeCalls implements HypercallFamily {
    /** Bytes that the Host reads of a farewell, NUL included. */
    private static final int TEXT_BYTES = 128;
    private static final int RESTART = 2;

    @Override
    public Hypercall.Family family() { return Hypercall.Family.LIFE; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        switch (call) {
            case FLUSH_ASYNC -> { } // the ring was drained before this call was looked at; nothing is left to do
            case LGUEST_INIT -> Init.perform(guest, parts);
            case SHUTDOWN -> {
                parts.host().settle(guest);
                shutdown(guest, a1, a2);
            }
            case CRASH -> {
                parts.host().settle(guest);
                shutdown(guest, a1, 0);
            }
            default -> Misdirected.kill(guest, this, call);
        }
    }

    /**
     * H:420 The last call. Power off and panic differ only in their text, as they do on lguest; a restart needs none, and
     * some kernels hand over a pointer to nothing with it (ABI section 7.3).
     */
    private static void shutdown(Guest guest, int text, int how) {
        long at = Integer.toUnsignedLong(text);
        boolean readable = guest.memory().contains(at, TEXT_BYTES);
        String reason = readable ? guest.memory().string(at, TEXT_BYTES - 1) : "";
        if (how == RESTART) guest.end(Ending.Kind.RESTART, reason.isEmpty() ? "Restart" : reason);
        else if (!readable) guest.kill(KillText.badRead(text, TEXT_BYTES));
        else guest.end(reason.equals("Power down") ? Ending.Kind.POWER_OFF : Ending.Kind.CRASH, reason);
    }
}
