package org.lguest.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Origin;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.Host;
import org.lguest.api.part.Seat;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds and starts guests for commands, and has the bundle wait for commands that last. */
@Component(service = Guests.class)
public final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    /** The seat of the engine. */
    static final String CPU = "cpu";
    private static final long PATIENCE_SECONDS = 5;

    private final Host host;
    private final ReentrantReadWriteLock inside = new ReentrantReadWriteLock();
    private volatile boolean closing;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DeviceModel> models;

    @Reference(service = CpuEngine.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<ServiceReference<CpuEngine>> engines;

    /** Called by Declarative Services. */
    @Activate
    public Guests(@Reference Host host) { this.host = host; }

    Host host() { return host; }

    /** Launches a guest that does not run yet, so that one can connect to its console first. */
    Guest launch(GuestSpec spec) throws LaunchException {
        return host.launch(spec);
    }

    /** Launches and starts; {@link Restarts} sees to its restarts. */
    Guest start(GuestSpec spec) throws LaunchException { return host.start(spec.from(new Origin(Restarts.SHELL))); }

    /** A command that lasts until somebody ends it. */
    interface Visit extends AutoCloseable {
        @Override
        void close();
    }

    /** Whoever stays in this bundle's code for long does so between this and {@link Visit#close}, and leaves soon when {@link #closing} says so. */
    Visit visit() {
        inside.readLock().lock();
        return inside.readLock()::unlock;
    }

    /** Whether the bundle stops, and waits for those who are still inside. */
    boolean closing() { return closing; }

    /** Returns when nobody is inside any more, or does not listen. */
    @Deactivate
    void close() throws InterruptedException {
        closing = true;
        if (!inside.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) LOG.warn("a command of the shell does not end while its bundle stops");
    }

    /** The guest that somebody means, or a sentence that says which there are. */
    Guest find(String nameOrId) throws UsageException {
        Optional<Guest> found = host.find(nameOrId);
        if (found.isPresent()) return found.get();
        if (host.guests().isEmpty()) throw new UsageException("there is no guest; lguest:start starts one");
        throw new UsageException("there is no guest " + nameOrId + Nearest.hint(nameOrId, names()) + "; there are: " + String.join(", ", names()));
    }

    /** The same, and alive. */
    Guest living(String nameOrId) throws UsageException {
        Guest guest = find(nameOrId);
        if (guest.dead()) throw new UsageException(guest + " has ended: " + guest.endingNow());
        return guest;
    }

    /** The names of all. */
    List<String> names() { return host.guests().stream().map(Guest::name).toList(); }

    /** The labels of the devices that are installed. */
    List<String> labels() { return models.stream().map(m -> m.type().label()).distinct().sorted().toList(); }

    /** The names that engines go by, best first; nothing while none is there. */
    List<String> engines() {
        return engines.stream().sorted(Comparator.reverseOrder()).map(r -> r.getProperty(Seat.NAME)).filter(String.class::isInstance)
            .map(String.class::cast).distinct().toList();
    }
}
