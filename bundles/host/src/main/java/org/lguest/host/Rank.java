package org.lguest.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lguest.api.part.Seat;
import org.osgi.framework.ServiceReference;

/** Candidates for one seat, in the order of the framework: higher ranking first, then who came first. Thread-safe. */
final class Rank<T> {
    private final Map<ServiceReference<T>, T> candidates = new HashMap<>(); // not sorted by reference: rankings may change

    synchronized void add(ServiceReference<T> reference, T service) { candidates.put(reference, service); }

    synchronized void remove(ServiceReference<T> reference) { candidates.remove(reference); }

    /** All of them, best first, those who go by the word {@code wanted} before others. */
    synchronized List<Candidate<T>> all(String wanted) {
        List<Candidate<T>> all = new ArrayList<>();
        candidates.forEach((reference, service) -> all.add(new Candidate<>(reference, service)));
        all.sort(Comparator.comparing((Candidate<T> c) -> c.is(wanted)).thenComparing(Candidate::reference).reversed());
        return all;
    }

    Optional<Candidate<T>> best(String wanted) { return all(wanted).stream().findFirst(); }

    /** The best, before others of those who go by the word {@code wanted}; or null. */
    T service(String wanted) { return best(wanted).map(Candidate::service).orElse(null); }

    boolean isEmpty() { return best("").isEmpty(); }

    /** The seat of a guest who wants somebody, and which {@code sitting} has taken. */
    Seat seat(String name, String wanted, Object sitting) {
        List<Candidate<T>> all = all(wanted);
        return new Seat(name, wanted, all.stream().map(c -> new Seat.Provider(c.shortest(all), c.about(), c.is(wanted), c.service() == sitting)).toList());
    }
}
