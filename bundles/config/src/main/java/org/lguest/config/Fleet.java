package org.lguest.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.lguest.api.Guest;
import org.lguest.api.part.GuestKeeper;
import org.lguest.api.part.GuestListener;
import org.lguest.api.part.Host;
import org.lguest.api.part.SpecReader;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P:310 All configured guests. A file {@code org.lguest.guest-rex.cfg} in {@code load/} becomes a configuration of a factory, and each of
 * these has a {@link Keeper}; so has one that comes from anywhere else, since nothing here knows of files.
 *
 * <p>The configuration admin tells changes on a thread of its own, hosts tell deaths on that of the guest: both are only noted here, and
 * carried out on one thread, in order.
 *
 * <p>While nobody sits here a configuration may be edited, and its guest tells what it said before ({@link Keeper#find}); or it may go, of which
 * its guest cannot tell. So whoever is without one when all have long been told is stopped.
 */
@Component(service = {ManagedServiceFactory.class, GuestListener.class, GuestKeeper.class}, property = "service.pid=" + GuestConfiguration.PID,
    immediate = true) // or who is told first, and used by nobody else yet, is dropped again with what he was told
public final class Fleet implements ManagedServiceFactory, GuestListener, GuestKeeper {
    /** So soon after us all configurations are told, though who makes them of files may come later than we. */
    static final Duration ALL_TOLD = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

    private final Host host;
    private final SpecReader reader;
    private final Agenda agenda;
    private final Stopped stopped;
    private final Map<String, Keeper> keepers = new ConcurrentSkipListMap<>(); // by PID
    private final List<Keeper> leaving = new ArrayList<>();
    private final Map<String, Plan> waiting = new LinkedHashMap<>(); // by PID: until somebody of that name has left

    /** Called by Declarative Services. Without somebody who tells configurations there would seem to be none. */
    @Activate
    public Fleet(@Reference Host host, @Reference SpecReader reader, @Reference ConfigurationAdmin teller, BundleContext context) {
        this(host, reader, new Clockwork(), context.getDataFile("stopped").toPath());
    }

    Fleet(Host host, SpecReader reader, Agenda agenda, Path memory) {
        this.host = host;
        this.reader = reader;
        this.agenda = agenda;
        stopped = new Stopped(memory);
        agenda.after(ALL_TOLD, this::endOrphans);
    }

    private void endOrphans() {
        Set<String> known = keepers.values().stream().map(k -> k.kept().origin()).collect(Collectors.toSet());
        List<String> gone = host.guests().stream().map(g -> g.spec().origin().by()).filter(o -> o.startsWith(GuestConfiguration.PID) && !known.contains(o)).toList();
        for (String origin : Set.copyOf(gone)) {
            LOG.info("{} went while nobody looked, its guest is stopped", origin);
            Keeper k = new Keeper(host, agenda, stopped, origin);
            k.find(said -> null);
            leave(k);
        }
    }

    /** Guests go on without us. */
    @Deactivate
    void close() { agenda.close(); }

    @Override
    public String getName() { return "lguest guests"; }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        Settings s = Settings.of(pid, properties);
        agenda.soon(() -> updated(pid, s));
    }

    private void updated(String pid, Settings s) {
        Keeper k = keepers.computeIfAbsent(pid, p -> keeper(s));
        waiting.remove(pid);
        try {
            plan(pid, k, Plan.of(s, reader));
        } catch (RefusedException e) {
            k.refuse(e.getMessage());
        }
    }

    private Keeper keeper(Settings s) {
        Keeper k = new Keeper(host, agenda, stopped, s.origin());
        k.find(said -> Plan.of(s.saying(said), reader));
        return k;
    }

    private void plan(String pid, Keeper k, Plan plan) {
        if (leaving.stream().anyMatch(o -> o.occupies(plan.spec().name()))) waiting.put(pid, plan);
        else k.plan(plan);
    }

    @Override
    public void deleted(String pid) { agenda.soon(() -> remove(pid)); }

    private void remove(String pid) {
        Keeper k = keepers.remove(pid);
        waiting.remove(pid);
        if (k != null) leave(k);
    }

    private void leave(Keeper k) {
        leaving.add(k);
        k.leave(() -> {
            leaving.remove(k);
            Map<String, Plan> next = new LinkedHashMap<>(waiting);
            waiting.clear();
            next.forEach((p, plan) -> plan(p, keepers.get(p), plan));
        });
    }

    @Override
    public void told(Guest guest, Event event, String detail) {
        if (event != Event.ENDED) return;
        String origin = guest.spec().origin().by();
        for (Keeper k : keepers.values()) if (k.kept().origin().equals(origin)) agenda.soon(() -> k.ended(guest));
    }

    @Override
    public List<Kept> kept() { return keepers.values().stream().map(Keeper::kept).sorted(Comparator.comparing(Kept::origin)).toList(); }

    @Override
    public boolean restart(String nameOrOrigin) {
        List<Keeper> meant = keepers.values().stream().filter(k -> Set.of(k.kept().origin(), k.kept().name()).contains(nameOrOrigin)).toList();
        meant.forEach(k -> agenda.soon(k::restart));
        return !meant.isEmpty();
    }
}
