package org.lguest.device.net;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Buffers for one service of a queue, used again by the next: 64 KiB is much to clear for each kick. Any thread. */
final class Scratch {
    /** What a service works with. */
    record Desk(Packet packet, Offload offload) { }

    private static final int KEPT = 16;

    private final ConcurrentLinkedQueue<Desk> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    Desk take() {
        Desk d = free.poll();
        if (d == null) return new Desk(new Packet(), new Offload());
        count.decrementAndGet();
        return d;
    }

    void giveBack(Desk d) {
        if (count.incrementAndGet() <= KEPT) free.add(d);
        else count.decrementAndGet();
    }
}
