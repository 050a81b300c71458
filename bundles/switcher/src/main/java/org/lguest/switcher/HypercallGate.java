package org.lguest.switcher;

import org.lguest.api.Guest;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.HypercallRing;
import org.lguest.api.state.LguestData;

/**
 * S:110 Where hypercalls come in: the ring first, then the call that trapped (ABI sections 3.1 and 3.2).
 *
 * <p>A kernel that changes a hundred page table entries in a row would not like to trap for each. It writes them into a
 * ring of 64 entries in its own memory and goes on; whatever it asks for next in earnest brings them along. Each entry has
 * a status byte, 0xFF when it is free. We look at all 64 once, at the start, and honour no entry that was filled later:
 * so a Guest cannot keep the Host draining for ever. Linux 2.6.23 counts on the ring being emptied whenever it stops, for whatever
 * reason; and when an entry sends a message to the launcher, the rest waits until that has been taken.
 */
final class HypercallGate {
    private static final int FREE = 0xFF;

    private HypercallGate() { }

    static void perform(Guest guest, Parts parts) {
        Generation g = guest.data().generation();
        if (g == null) {
            guest.ring().pending = false;
            first(guest, parts, guest.cpu().gpr[CpuState.EAX]);
            return;
        }
        drain(guest, parts, g);
        if (guest.dead() || guest.dma().pending() || !guest.ring().pending) return;
        guest.ring().pending = false;
        trapped(guest, parts, g);
    }

    /** The call whose arguments are in registers, and its answer if it has one. */
    private static void trapped(Guest guest, Parts parts, Generation g) {
        int[] gpr = guest.cpu().gpr;
        Hypercall call = g.call(gpr[CpuState.EAX]);
        call(guest, parts, g, gpr[CpuState.EAX], gpr[g.argumentRegister(1)], gpr[g.argumentRegister(2)],
            gpr[g.argumentRegister(3)], gpr[g.argumentRegister(4)]);
        if (call != null && call.answers() && !guest.dead()) gpr[CpuState.EAX] = guest.ring().answer;
    }

    /** Before LGUEST_INIT nobody knows in which registers arguments are: the call looks for itself. */
    private static void first(Guest guest, Parts parts, int number) {
        if (number != Hypercall.LGUEST_INIT.number()) {
            guest.kill("hypercall " + Integer.toUnsignedString(number) + (guest.expected().bus().classic() ? " before LGUEST_INIT" : " before INIT"));
            return;
        }
        guest.counters().hypercalls[number]++;
        Watched.call(guest, Hypercall.LGUEST_INIT, 0, 0, 0, 0);
        parts.family(Hypercall.LGUEST_INIT).perform(guest, parts, Hypercall.LGUEST_INIT, 0, 0, 0, 0);
    }

    private static void drain(Guest guest, Parts parts, Generation g) {
        LguestData data = guest.data();
        GuestMemory memory = guest.memory();
        HypercallRing ring = guest.ring();
        long status = data.address() + g.layout().hcallStatus();
        long ready = ready(memory, status);
        while ((ready >>> ring.cursor & 1) != 0) {
            int n = ring.cursor;
            ready &= ~(1L << n);
            ring.cursor = n + 1 & HypercallRing.ENTRIES - 1;
            long entry = data.address() + g.layout().hcalls() + (long) n * g.ringEntryBytes();
            call(guest, parts, g, word(memory, g, entry, 0), word(memory, g, entry, 1), word(memory, g, entry, 2),
                word(memory, g, entry, 3), word(memory, g, entry, 4));
            memory.store8(status + n, FREE);
            if (guest.dead() || guest.dma().pending()) return;
        }
    }

    /** One bit for each entry that waits. */
    private static long ready(GuestMemory memory, long status) {
        long bits = 0;
        for (int i = 0; i < HypercallRing.ENTRIES; i += 8) {
            long eight = ~memory.load64(status + i);
            if (eight == 0) continue;
            for (int k = 0; k < 8; k++) if ((eight >>> 8 * k & 0xFF) != 0) bits |= 1L << i + k;
        }
        return bits;
    }

    private static int word(GuestMemory memory, Generation g, long entry, int n) {
        int w = g.ringWord(n);
        return w < 0 ? 0 : memory.load32(entry + 4L * w);
    }

    private static void call(Guest guest, Parts parts, Generation g, int number, int a1, int a2, int a3, int a4) {
        Hypercall call = g.call(number);
        if (call == null) {
            guest.kill("Bad hypercall " + Integer.toUnsignedString(number));
            return;
        }
        guest.counters().hypercalls[number]++;
        Watched.call(guest, call, a1, a2, a3, a4);
        parts.family(call).perform(guest, parts, call, a1, a2, a3, a4);
    }
}
