package org.lguest.shell;

import java.util.List;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.Host;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts guests for commands, and starts those anew that ask for it. */
@Component(service = Guests.class)
public final class Guests {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);

    private final Host host;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<DeviceModel> models;

    /** Called by Declarative Services. */
    @Activate
    public Guests(@Reference Host host) { this.host = host; }

    Host host() { return host; }

    /** Launches a guest that does not run yet, so that one can connect to its console first. */
    Guest launch(GuestSpec spec) throws LaunchException {
        return host.launch(spec);
    }

    /** Launches and starts; a guest that ends with a restart is launched again from the same files, under the same name. */
    Guest start(GuestSpec spec) throws LaunchException {
        Guest guest = launch(spec);
        guest.ending().thenAcceptAsync(e -> onceMore(guest, e), job -> Thread.ofVirtual().name("restart of " + guest).start(job));
        host.start(guest);
        return guest;
    }

    private void onceMore(Guest guest, Ending ending) {
        if (ending.kind() != Ending.Kind.RESTART || guest.dismissed()) return;
        try {
            host.forget(guest);
            start(guest.again());
        } catch (LaunchException e) {
            LOG.error("{} cannot be started again: {}", guest, e.getMessage());
        }
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
}
