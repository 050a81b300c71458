package org.lguest.netbackends;

import java.util.concurrent.locks.LockSupport;
import org.lguest.api.Guest;
import org.lguest.api.abi.KillText;
import org.lguest.api.state.DmaBindings;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;

/**
 * D:496 From one Guest's memory into another's (ABI section 10.3). Whoever said something impossible dies of it, and the other one only notices
 * that nothing came of the transfer.
 */
final class Delivery {
    /** Nobody has bound the key; all buffers are full; the receiver did not survive its own buffer, has no room at all, or may not have more now. */
    static final int NOBODY = -1, EMPTY = -2, FAILED = -3;

    /** How long a receiver has to refill its buffers, and how often somebody looks whether it has. */
    private static final long RESTOCK_NANOS = 10_000_000, LOOK_NANOS = 50_000;

    private Delivery() { }

    /** What a guest wants to send; null when it was killed for it. */
    static byte[] load(Guest from, int dma) {
        long at = Integer.toUnsignedLong(dma);
        GuestMemory memory = from.memory();
        if (!memory.contains(at, DmaList.BYTES)) {
            from.kill(KillText.badRead(dma, DmaList.BYTES));
            return null;
        }
        DmaList list = DmaList.read(memory, at);
        return good(from, list) ? list.gather(memory) : null;
    }

    /** Stores into the next free buffer behind a key; answers how many bytes found room, or why not. */
    static int store(Guest to, int key, byte[] data) {
        synchronized (to.dma()) {
            DmaBindings.Binding b = to.dead() ? null : to.dma().find(key);
            if (b == null) return NOBODY;
            for (int i = 0; i < b.count; i++) {
                long at = b.buffer(i);
                if (!to.memory().contains(at, DmaList.BYTES)) {
                    to.kill("bad address in registered DMA struct");
                    return FAILED;
                }
                if (to.memory().load32(at) == 0) return fill(to, b, DmaList.read(to.memory(), at), data);
            }
            to.lines().raise(b.irq); // a chance to wake up and refill
            return EMPTY;
        }
    }

    /**
     * The same for a receiver that has just been told to refill its buffers, on a host that may have other things to do. One that stands still is waited
     * for once, or whoever sends to everybody would wait for it with each frame.
     */
    static int storePatiently(Guest to, int key, byte[] data) {
        int result = store(to, key, data);
        for (long end = System.nanoTime() + RESTOCK_NANOS; result == EMPTY && !slow(to, key, System.nanoTime() >= end); result = store(to, key, data))
            LockSupport.parkNanos(LOOK_NANOS);
        return result;
    }

    private static boolean slow(Guest to, int key, boolean now) {
        synchronized (to.dma()) {
            DmaBindings.Binding b = to.dma().find(key);
            if (b != null && now) b.slow = true;
            return b == null || b.slow;
        }
    }

    private static int fill(Guest to, DmaBindings.Binding b, DmaList buffer, byte[] data) {
        if (!good(to, buffer)) return FAILED;
        int stored = buffer.scatter(to.memory(), data, 0, data.length);
        if (stored == 0 && data.length > 0) return FAILED;
        buffer.used(to.memory(), stored);
        b.next = (b.next + 1) % b.count;
        b.slow = false;
        to.lines().raise(b.irq);
        return stored;
    }

    /** Pieces between guests are of one page each. */
    private static boolean good(Guest guest, DmaList list) {
        for (int i = 0; i < list.pieces(); i++) {
            long at = list.address()[i];
            int length = list.length()[i];
            boolean onePage = at / GuestMemory.PAGE == (at + length - 1) / GuestMemory.PAGE;
            if (onePage && guest.memory().contains(at, length)) continue;
            guest.kill("bad DMA entry: " + length + "@" + KillText.hex((int) at));
            return false;
        }
        return true;
    }
}
