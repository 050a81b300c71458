package org.lguest.virtio;

import org.lguest.api.Guest;
import org.lguest.api.Trace;
import org.lguest.api.abi.Virtio;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.Throttle;
import org.lguest.api.state.VirtqueueState;

/**
 * D:100 The Host's side of a virtqueue (ABI sections 11.2 and 11.7).
 *
 * <p>The guest puts the heads of descriptor chains on the available ring; the device takes them off, does what they ask,
 * and puts the heads on the used ring. Nothing else is shared, and there are no locks: each side writes its own index after
 * what the index announces (release), and reads the other's before (acquire). A guest that breaks the rules is killed with
 * a sentence, for a driver that corrupts its ring will corrupt more.
 *
 * <p>Everything that lasts is in {@link VirtqueueState}; an object of this class is a view, made for one service of a queue.
 * Queue thread only.
 */
public final class Virtqueue {
    private final Guest guest;
    private final DeviceState device;
    private final VirtqueueState q;
    private final GuestMemory memory;
    private final Chain chain;
    private int held;
    private boolean added;
    private boolean admitted;

    /** A view of a queue of a device. */
    public Virtqueue(Guest guest, DeviceState device, int queue) {
        this.guest = guest;
        this.device = device;
        q = device.queues.get(queue);
        memory = guest.memory();
        chain = new Chain(memory);
    }

    /** Whether chains wait that may be served now. */
    public boolean waiting() { return !guest.dead() && memory.loadAcquire16(q.available() + 2) != q.lastAvail && admitted(); }

    /** A device that is held back looks in vain until it may go on, but not while it has something in hand that the guest has not seen. */
    private boolean admitted() {
        if (admitted) return true;
        Throttle t = device.throttle;
        return admitted = t == null || t.delay() == 0;
    }

    /** Tells the guest that kicks are not needed, or that they are again; then {@link #waiting} must be asked once more. */
    public void suppressKicks(boolean on) {
        memory.storeRelease16(q.used(), on ? Virtio.USED_NO_NOTIFY : 0);
        java.lang.invoke.VarHandle.fullFence();
    }

    /** Takes the next chain; null when there is none, when the device has to wait, or when the guest was killed for a bad one. */
    public Chain next() {
        int avail = memory.loadAcquire16(q.available() + 2);
        int ahead = avail - q.lastAvail & 0xFFFF;
        if (ahead == 0 || guest.dead() || !admitted()) return null;
        if (ahead > q.num) return bad("the available index jumped by " + ahead + " in a ring of " + q.num);
        int head = memory.load16(q.available() + 4 + 2L * (q.lastAvail & q.num - 1));
        if (head >= q.num) return bad("chain head " + head + " in a ring of " + q.num);
        q.lastAvail = q.lastAvail + 1 & 0xFFFF;
        chain.reset(head);
        boolean ok = (memory.load16(q.descriptor(head) + 12) & Virtio.DESC_INDIRECT) != 0 ? indirect(head) : follow(q.ring, q.num, head);
        if (!ok) return null;
        Trace trace = guest.tracing(Trace.Category.REQUESTS);
        if (trace != null) tell(trace, "request " + head + ": " + chain.readable() + " bytes to read, " + chain.writable() + " to write");
        return chain;
    }

    private boolean indirect(int head) {
        long table = memory.load64(q.descriptor(head));
        int bytes = memory.load32(q.descriptor(head) + 8);
        if (bytes <= 0 || bytes % 16 != 0) return bad("an indirect table of " + Integer.toUnsignedString(bytes) + " bytes") != null;
        if (!memory.contains(table, bytes)) return bad("an indirect table at 0x" + Long.toHexString(table) + "+" + bytes) != null;
        return follow(table, bytes / 16, 0);
    }

    private boolean follow(long table, int entries, int first) {
        int i = first;
        for (int n = 0;; n++) {
            if (n == entries) return bad("a descriptor chain without end") != null;
            long d = table + 16L * i;
            long at = memory.load64(d);
            int bytes = memory.load32(d + 8);
            int flags = memory.load16(d + 12);
            boolean write = (flags & Virtio.DESC_WRITE) != 0;
            if (bytes < 0 || !memory.contains(at, bytes))
                return bad("descriptor " + i + " names 0x" + Long.toHexString(at) + "+" + Integer.toUnsignedString(bytes)) != null;
            if (!write && chain.writing()) return bad("descriptor " + i + " is readable behind a writable one") != null;
            chain.add(at, bytes, write);
            if ((flags & Virtio.DESC_NEXT) == 0) return true;
            i = memory.load16(d + 14);
            if (i >= entries) return bad("descriptor " + i + " in a table of " + entries) != null;
        }
    }

    /** Gives a chain back. The device has written {@code written} bytes into it. */
    public void used(Chain c, int written) {
        hold(c, written);
        publish();
    }

    /** As {@link #used}, but the guest does not see it before {@link #publish}: for what is answered by several chains at once. */
    public void hold(Chain c, int written) {
        long entry = q.used() + 4 + 8L * (q.usedIndex + held & q.num - 1);
        memory.store32(entry, c.head);
        memory.store32(entry + 4, written);
        held++;
        device.requests.increment();
        device.bytes.add(c.readable() + written);
        Throttle t = device.throttle;
        if (t != null) t.served(c.readable() + written);
        Trace trace = guest.tracing(Trace.Category.REQUESTS);
        if (trace != null) tell(trace, "answer to " + c.head + ": " + written + " bytes written");
    }

    /** The guest sees all chains held. */
    public void publish() {
        q.usedIndex = q.usedIndex + held & 0xFFFF;
        memory.storeRelease16(q.used() + 2, q.usedIndex);
        added = true;
        guest.counters().chains.add(held);
        held = 0;
        admitted = false;
    }

    /** Takes a chain back that could not be served: it will be the next again. */
    public void putBack() { putBack(1); }

    /** Takes the last chains back, none of them {@link #hold held}: they will be the next again, in the same order. */
    public void putBack(int chains) { q.lastAvail = q.lastAvail - chains & 0xFFFF; }

    /** Raises the queue's interrupt if something was given back since the last time and the guest wants to know. */
    public void interrupt() {
        if (!added) return;
        added = false;
        java.lang.invoke.VarHandle.fullFence(); // the used index must be out before we look whether anybody waits for it
        if ((memory.loadAcquire16(q.available()) & Virtio.AVAIL_NO_INTERRUPT) == 0) guest.lines().raise(q.irq);
    }

    private void tell(Trace trace, String what) { trace.step(guest, Trace.Category.REQUESTS, device + ", queue " + q.index + ": " + what); }

    private Chain bad(String what) {
        guest.kill(device + ", queue " + q.index + ": " + what);
        return null;
    }
}
