package org.lguest.host;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.ServiceReference;

/** Candidates for one seat, in the order of the framework: higher ranking first, then who came first. Thread-safe. */
final class Rank<T> {
    /** A candidate. */
    record Candidate<T>(ServiceReference<T> reference, T service) {
        /** {@code org.lguest.cpu 0.1.0}. */
        String describe() {
            var bundle = reference.getBundle();
            String who = bundle == null ? "leaving" : bundle.getSymbolicName() + " " + bundle.getVersion();
            return who + " (" + service.getClass().getSimpleName() + ")";
        }
    }

    private final Map<ServiceReference<T>, T> candidates = new HashMap<>(); // not sorted by reference: rankings may change

    synchronized void add(ServiceReference<T> reference, T service) { candidates.put(reference, service); }

    synchronized void remove(ServiceReference<T> reference) { candidates.remove(reference); }

    synchronized Optional<Candidate<T>> best() {
        return candidates.entrySet().stream().max(Map.Entry.comparingByKey()).map(e -> new Candidate<>(e.getKey(), e.getValue()));
    }

    /** The best, or null. */
    T service() { return best().map(Candidate::service).orElse(null); }
}
