package org.lguest.host;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.lguest.api.Guest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * H:060 When memory gets short, guests give back what can be built again.
 *
 * <p>Decoded code is by far the most that the Host keeps for a guest, ten megabytes of it for a Linux that has booted, and an idle one
 * needs next to nothing of that. So when the heap stays full after a collection, the guests that did least since the last time are asked
 * first: between two turns their engine releases them and adopts them anew, as if it had been exchanged for itself. When that did not
 * help, all are asked. A hundred guests so live in a heap that has room for the code of thirty.
 */
final class Relief {
    private static final Logger LOG = LoggerFactory.getLogger(Relief.class);

    /** The heap, as far as it matters here. */
    interface Heap {
        /** Whether it was nearly full after the last collection. */
        boolean tight();

        /** How many collections there were so far. */
        long collections();
    }

    private final Heap heap;
    private final Supplier<List<Guest>> guests;
    private final Map<Guest, Long> before = new HashMap<>();
    private long seen;
    private boolean tightBefore;

    Relief(Heap heap, Supplier<List<Guest>> guests) {
        this.heap = heap;
        this.guests = guests;
        seen = heap.collections();
    }

    /** To be called several times a second. */
    synchronized void look() {
        long now = heap.collections();
        if (now == seen) return; // what was given back last time has not been collected yet
        seen = now;
        boolean tight = heap.tight();
        if (tight) relieve(tightBefore);
        tightBefore = tight;
    }

    private void relieve(boolean all) {
        List<Guest> running = guests.get().stream().filter(g -> g.vcpu() != null && !g.dead()).sorted(Comparator.comparingLong(this::done)).toList();
        List<Guest> chosen = all ? running : running.subList(0, (running.size() + 1) / 2);
        chosen.forEach(g -> g.vcpu().trim());
        before.clear();
        running.forEach(g -> before.put(g, g.cpu().retired));
        LOG.info("memory is short: {} of {} guests decode their code anew", chosen.size(), running.size());
    }

    /** Instructions since the last time. */
    private long done(Guest g) { return g.cpu().retired - before.getOrDefault(g, 0L); }
}
