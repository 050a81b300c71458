package org.lguest.host;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.Launcher;
import org.lguest.api.part.Seat;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who launch guests. They need the host in order to be, so the host has references only, and gets the services while it needs them. Who leaves
 * is held until nobody is inside his code any more.
 */
final class Launchers {
    /** Name of the seat. */
    static final String SEAT = "launcher";
    private static final Logger LOG = LoggerFactory.getLogger(Launchers.class);
    private static final long PATIENCE_SECONDS = 10;

    private final BundleContext context;
    private final Set<ServiceReference<Launcher>> present = ConcurrentHashMap.newKeySet();
    private final ReentrantReadWriteLock launching = new ReentrantReadWriteLock();

    Launchers(BundleContext context) { this.context = context; }

    void add(ServiceReference<Launcher> one) { present.add(one); }

    /** Returns when no launch is under way that may be his. */
    void remove(ServiceReference<Launcher> one) {
        present.remove(one);
        try {
            if (launching.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) launching.writeLock().unlock();
            else LOG.warn("a launch does not end while its launcher leaves");
        } catch (InterruptedException e) { // somebody is in a hurry
            Thread.currentThread().interrupt();
        }
    }

    /** Launches a guest by the one it wants, or the best. */
    Guest launch(GuestSpec spec) throws LaunchException {
        for (;;)
            try (Hall hall = new Hall()) {
                launching.readLock().lock();
                try {
                    if (!present.containsAll(hall.references)) continue; // somebody leaves just now: have others
                    Launcher launcher = hall.rank.service(spec.wish(SEAT));
                    if (launcher == null) throw new LaunchException("no launcher is here: the bundle org.lguest.launcher is missing or did not start");
                    return launcher.launch(spec);
                } finally {
                    launching.readLock().unlock();
                }
            }
    }

    /** Who would launch this. */
    Seat seat(GuestSpec spec) {
        try (Hall hall = new Hall()) {
            return hall.rank.seat(SEAT, spec.wish(SEAT), hall.rank.service(spec.wish(SEAT)));
        }
    }

    /** All of them, as long as it is open. */
    private final class Hall implements AutoCloseable {
        private final List<ServiceReference<Launcher>> references = List.copyOf(present);
        private final Rank<Launcher> rank = new Rank<>();

        Hall() {
            for (ServiceReference<Launcher> r : references) {
                Launcher l = context.getService(r);
                if (l != null) rank.add(r, l); // or it is just leaving
            }
        }

        @Override
        public void close() { references.forEach(context::ungetService); }
    }
}
