package org.lguest.netbackends;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Behind which port of a switch an address was seen last. Addresses that were not heard of for five minutes (as long as bridges
 * commonly wait) are forgotten; the table is bounded, and an address that finds no room in it is reached by flooding. Any thread.
 */
final class AddressTable<P> {
    static final long AGE_NANOS = 300_000_000_000L;
    static final int MOST = 4096;

    private static final class Entry<P> {
        final P port;
        volatile long seen;

        Entry(P port, long seen) {
            this.port = port;
            this.seen = seen;
        }
    }

    private final ConcurrentHashMap<Long, Entry<P>> entries = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    AddressTable(LongSupplier nanos) { this.nanos = nanos; }

    /** The address was heard behind this port. */
    void learn(long address, P port) {
        long now = nanos.getAsLong();
        Entry<P> known = entries.get(address);
        if (known != null && known.port == port) known.seen = now;
        else if (known != null || room(now)) entries.put(address, new Entry<>(port, now));
    }

    private boolean room(long now) {
        if (entries.size() >= MOST) entries.values().removeIf(e -> old(e, now));
        return entries.size() < MOST;
    }

    /** Where it was seen, or null. */
    P find(long address) {
        Entry<P> e = entries.get(address);
        return e == null || old(e, nanos.getAsLong()) ? null : e.port;
    }

    private boolean old(Entry<P> e, long now) { return now - e.seen > AGE_NANOS; }

    /** Nothing is behind this port any more. */
    void forget(P port) { entries.values().removeIf(e -> e.port == port); }

    int size() { return entries.size(); }
}
