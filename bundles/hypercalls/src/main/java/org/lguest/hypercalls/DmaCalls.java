package org.lguest.hypercalls;

import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.lguest.api.part.SharedPage;
import org.lguest.api.state.DmaBindings;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.InterruptLines;
import org.osgi.service.component.annotations.Component;

/**
 * H:465 The words that drivers had before virtio: BIND_DMA, "what is sent to this key, put it there", and SEND_DMA, "here is something for
 * this key" (ABI section 10.3).
 *
 * <p>A key is an address in the Guest, and means the memory that is there. If that is the Guest's own, the message is for the launcher: the
 * Guest stands still until it has been taken. If it is a page that Guests share, the message is for whoever else has bound the same place on it,
 * and the Guest goes on as soon as it has been copied.
 */
@Component
public final class DmaCalls implements HypercallFamily {
    @Override
    public Hypercall.Family family() { return Hypercall.Family.DMA; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        switch (call) {
            case BIND_DMA -> guest.ring().answer = bind(guest, a1, a2, a3 >>> 8 & 0xFFFF, a3 & 0xFF) ? 1 : 0;
            case SEND_DMA -> send(guest, a1, a2);
            default -> Misdirected.kill(guest, this, call);
        }
    }

    /** An interrupt line of 0 takes the binding back. */
    private static boolean bind(Guest guest, int key, int array, int count, int irq) {
        if (irq >= InterruptLines.LINES) return false;
        if (!DmaBindings.isKey(guest.memory(), key)) {
            guest.kill("bad dma key " + KillText.hex(key));
            return false;
        }
        boolean done = irq == 0 ? guest.dma().unbind(key, array) : guest.dma().bind(key, array, count, irq);
        SharedPage page = guest.dma().sharedPage(key);
        if (done && page != null) page.changed(guest, key & GuestMemory.PAGE - 1);
        return done;
    }

    private static void send(Guest guest, int key, int dma) {
        if (!DmaBindings.isKey(guest.memory(), key)) {
            guest.kill("bad sending DMA key");
            return;
        }
        SharedPage page = guest.dma().sharedPage(key);
        if (page != null) page.send(guest, key & GuestMemory.PAGE - 1, dma);
        else guest.dma().post(dma, key);
    }
}
