package org.lguest.host;

import java.util.List;
import java.util.function.Supplier;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.Launcher;
import org.lguest.api.part.Seat;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Those who launch guests. They need the host in order to be, so the host has references only, and gets the services while it needs them. */
final class Launchers {
    /** Name of the seat. */
    static final String SEAT = "launcher";

    private final BundleContext context;
    private final Supplier<List<ServiceReference<Launcher>>> present;

    /** {@code present} are those of the moment; null while nobody has told. */
    Launchers(BundleContext context, Supplier<List<ServiceReference<Launcher>>> present) {
        this.context = context;
        this.present = present;
    }

    /** Launches a guest by the one it wants, or the best. */
    Guest launch(GuestSpec spec) throws LaunchException {
        try (Hall hall = new Hall()) {
            Launcher launcher = hall.rank.service(spec.wish(SEAT));
            if (launcher == null) throw new LaunchException("no launcher is here: the bundle org.lguest.launcher is missing or did not start");
            return launcher.launch(spec);
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
        private final List<ServiceReference<Launcher>> references = present.get() == null ? List.of() : List.copyOf(present.get());
        final Rank<Launcher> rank = new Rank<>();

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
