package org.lguest.report;

import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.lguest.api.Counters;
import org.lguest.api.Guest;
import org.lguest.api.GuestProperties;
import org.lguest.api.Topics;
import org.lguest.api.part.GuestListener;
import org.lguest.api.part.Host;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.event.EventAdmin;

/**
 * H:080 A living guest is a service, and so are its counters; whatever becomes of it is an event. The host tells us on threads on
 * which nobody may linger, those of virtual processors among them, while a service that appears may start half the world: so we
 * note what happened, with the guest's properties of that moment, and one thread of our own does the rest, in order.
 */
@Component(service = GuestListener.class)
public final class Reporter implements GuestListener {
    private final BundleContext context;
    private final ExecutorService later = Executors.newSingleThreadExecutor(Thread.ofVirtual().name("reporter").factory());
    private final Map<Guest, List<ServiceRegistration<?>>> registered = new LinkedHashMap<>(); // of our own thread

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile EventAdmin events;

    /** Called by Declarative Services. Who lives already is a service at once; what was before is no event any more. */
    @Activate
    public Reporter(@Reference Host host, BundleContext context) {
        this.context = context;
        host.guests().stream().filter(g -> !g.dead()).forEach(g -> later.execute(() -> refresh(g, GuestProperties.of(g))));
    }

    /** For those who have no framework. */
    void events(EventAdmin admin) { events = admin; }

    /** What is registered goes with the bundle. */
    @Deactivate
    void close() { later.close(); }

    @Override
    public void told(Guest guest, Event event, String detail) {
        Map<String, Object> properties = GuestProperties.of(guest);
        try {
            later.execute(() -> report(guest, event, properties, detail));
        } catch (RejectedExecutionException e) { // we are leaving
            return;
        }
    }

    private void report(Guest guest, Event event, Map<String, Object> properties, String detail) {
        refresh(guest, properties);
        EventAdmin admin = events;
        if (admin == null) return;
        Map<String, Object> all = new HashMap<>(properties);
        all.put(Topics.DETAIL, detail);
        admin.postEvent(new org.osgi.service.event.Event(event.topic(), all)); // Event alone is the listener's
    }

    /** The dead are no services, whoever of them it was that we were told of. */
    private void refresh(Guest guest, Map<String, Object> properties) {
        registered.entrySet().removeIf(e -> {
            if (e.getKey().dead()) e.getValue().forEach(ServiceRegistration::unregister);
            return e.getKey().dead();
        });
        if (guest.dead()) return;
        Hashtable<String, Object> table = new Hashtable<>(properties);
        List<ServiceRegistration<?>> mine = registered.get(guest);
        if (mine != null) mine.forEach(r -> r.setProperties(table));
        else registered.put(guest, List.of(context.registerService(Guest.class, guest, table), context.registerService(Counters.class, guest.counters(), table)));
    }
}
