package org.lguest.api;

import org.lguest.api.abi.KillText;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaBindings;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.Throttle;

/**
 * L:210 What all devices of Linux 2.6.23 do with messages and buffers. The Guest says where they are, and might say anything: nothing is
 * touched before all of it is known to be memory. A Guest that points elsewhere is killed, as the original's launcher ends with it.
 *
 * <p>While the guest stands still ({@link Control}) only, but for {@link #count}.
 */
public final class DmaMessages {
    private DmaMessages() { }

    /** What the guest has sent to a key, all of it in memory; null when it has not, or was killed for it. {@link #taken} lets it go on. */
    public static DmaList sent(Guest guest, int key) {
        DmaBindings dma = guest.dma();
        return dma.pending() && dma.sentKey() == key ? checked(guest, Integer.toUnsignedLong(dma.sentDma())) : null;
    }

    /** The message has been taken by a device: so many bytes of it were used. */
    public static void taken(Guest guest, DeviceState device, DmaList sent, int used) {
        count(guest, device, sent.bytes(), "message of ");
        sent.used(guest.memory(), used);
        guest.dma().taken();
    }

    /** Whether the guest has bound buffers to a key. */
    public static boolean bound(Guest guest, int key) { return guest.dma().find(key) != null; }

    /**
     * A free buffer behind a key, all of it in memory; its used_len is the interrupt line, until {@link #filled}. Null when none is free now,
     * and then the launcher comes back soon; or when the guest was killed for what it bound.
     */
    public static DmaList buffer(Guest guest, int key) {
        DmaBindings.Buffer free = guest.dma().buffer(guest.memory(), key);
        if (free == null || guest.memory().load32(free.address()) != 0) {
            guest.control().comeBack();
            return null;
        }
        return anyBuffer(guest, key);
    }

    /** As {@link #buffer}, but when none is free the last one, as GETDMA has it: for those who know that the guest waits. Null when nothing is bound. */
    public static DmaList anyBuffer(Guest guest, int key) {
        try {
            return checked(guest, Integer.toUnsignedLong(guest.control().getDma(key)));
        } catch (ControlException e) {
            return null; // ENOENT: nothing bound, nothing that is in memory, or a guest that is dead by now
        }
    }

    /** The guest finds so many bytes in its buffer, and is told by an interrupt. */
    public static void filled(Guest guest, DeviceState device, DmaList buffer, int used) {
        count(guest, device, used, "into a buffer: ");
        buffer.used(guest.memory(), used);
        try {
            guest.control().irq(buffer.usedLen());
        } catch (ControlException e) { // EINVAL: another guest has filled the buffer at the same time, because this one had bound it twice; ENOENT: it is dead
            guest.kill("Triggering irq " + buffer.usedLen());
        }
    }

    /** So many bytes went through a device, and {@code what} they were; for those that do not go by way of the launcher. Any thread. */
    public static void count(Guest guest, DeviceState device, int bytes, String what) {
        Throttle t = device.throttle;
        if (t != null) t.served(bytes);
        Trace trace = guest.tracing(Trace.Category.REQUESTS);
        if (trace != null) trace.step(guest, Trace.Category.REQUESTS, device + ": " + what + bytes + " bytes");
        guest.counters().chains.increment();
        guest.counters().deviceBytes.add(bytes);
        device.requests.increment();
        device.bytes.add(bytes);
    }

    private static DmaList checked(Guest guest, long at) {
        if (!guest.memory().contains(at, DmaList.BYTES)) {
            guest.kill("Invalid address " + KillText.hex((int) at));
            return null;
        }
        DmaList list = DmaList.read(guest.memory(), at);
        int outside = list.outside(guest.memory());
        if (outside < 0) return list;
        guest.kill("Invalid address " + KillText.hex((int) list.address()[outside]));
        return null;
    }
}
