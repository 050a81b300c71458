package org.lguest.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.VcpuThread;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.GuestListener;
import org.lguest.api.part.Host;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Launcher;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.DeviceState;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * H:050 The Host: it knows the guests, and who works for them.
 *
 * <p>Every part of a guest's machine is a service that may come and go. When one comes that is better than who sits there,
 * or one goes, all guests are told to change seats; each does so between two turns of its own, and the framework's call
 * that announced the change returns when the last has done it. Only then may the bundle that provided the old part really
 * stop, so no guest is ever inside of code that is no longer there. A guest whose seat stays empty waits where it is (H:020).
 */
@Component(immediate = true)
public final class GuestHost implements Host {
    private static final Logger LOG = LoggerFactory.getLogger(GuestHost.class);
    private static final long PATIENCE_SECONDS = 10;
    /** Framework property: how many seconds all guests together have at most when the platform stops. */
    private static final String GRACE = "lguest.stop.seconds";

    private final Seats seats = new Seats();
    private final Map<Integer, Resident> residents = new ConcurrentSkipListMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final BundleContext context;
    private final SynchronousBundleListener atStop = this::frameworkEvent;
    private final int grace;
    private final Admission admission;
    private volatile boolean stopped;

    private final Launchers launchers;
    private final Listeners listeners = new Listeners();

    /** Called by Declarative Services. */
    @Activate
    public GuestHost(BundleContext context) {
        this.context = context;
        String seconds = context.getProperty(GRACE);
        grace = seconds == null ? Farewell.USUAL_SECONDS : Integer.parseUnsignedInt(seconds);
        admission = new Admission(context.getProperty(Admission.MEMORY));
        launchers = new Launchers(context);
        context.addBundleListener(atStop);
    }

    // --- seats: the framework's threads -----------------------------------------------------------------------------

    private <T> void machine(Rank<T> rank, ServiceReference<T> reference, T service) {
        enrol(rank, reference, service);
        residents.values().forEach(this::reseat);
    }

    private void reseat(Resident r) { r.changeParts(() -> parts(r.guest())); }

    private Parts parts(Guest guest) { return seats.parts(this, guest.spec()); }

    private <T> void device(Rank<T> rank, ServiceReference<T> reference, T service) {
        enrol(rank, reference, service);
        reseat(residents.values());
    }

    private static void reseat(Collection<Resident> some) {
        some.forEach(Resident::halt);
        some.forEach(Resident::vacate);
        some.forEach(Resident::occupy);
        some.forEach(Resident::resume);
    }

    /** Under the lock, so that a vCPU either starts with those who sit now, or is among those who are told. */
    private <T> void enrol(Rank<T> rank, ServiceReference<T> reference, T service) {
        synchronized (seats) {
            if (service == null) rank.remove(reference);
            else rank.add(reference, service);
        }
    }

    @Reference(service = CpuEngine.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindCpu")
    void bindCpu(ServiceReference<CpuEngine> reference, CpuEngine part) { machine(seats.cpu, reference, part); }

    void unbindCpu(ServiceReference<CpuEngine> reference) { machine(seats.cpu, reference, null); }

    @Reference(service = Mmu.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindMmu")
    void bindMmu(ServiceReference<Mmu> reference, Mmu part) { machine(seats.mmu, reference, part); }

    void unbindMmu(ServiceReference<Mmu> reference) { machine(seats.mmu, reference, null); }

    @Reference(service = Switcher.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindSwitcher")
    void bindSwitcher(ServiceReference<Switcher> reference, Switcher part) { machine(seats.switcher, reference, part); }

    void unbindSwitcher(ServiceReference<Switcher> reference) { machine(seats.switcher, reference, null); }

    @Reference(service = GuestClock.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindClock")
    void bindClock(ServiceReference<GuestClock> reference, GuestClock part) { machine(seats.clock, reference, part); }

    void unbindClock(ServiceReference<GuestClock> reference) { machine(seats.clock, reference, null); }

    @Reference(service = HypercallFamily.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindFamily")
    void bindFamily(ServiceReference<HypercallFamily> reference, HypercallFamily part) { machine(seats.family(part.family()), reference, part); }

    void unbindFamily(ServiceReference<HypercallFamily> reference, HypercallFamily part) { machine(seats.family(part.family()), reference, null); }

    @Reference(service = DeviceModel.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindModel")
    void bindModel(ServiceReference<DeviceModel> reference, DeviceModel part) { device(seats.model(part.type()), reference, part); }

    void unbindModel(ServiceReference<DeviceModel> reference, DeviceModel part) { device(seats.model(part.type()), reference, null); }

    @Reference(service = BackendProvider.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY, updated = "bindProvider")
    void bindProvider(ServiceReference<BackendProvider> reference, BackendProvider part) {
        device(seats.provider(part.type(), part.scheme()), reference, part);
    }

    void unbindProvider(ServiceReference<BackendProvider> reference, BackendProvider part) {
        device(seats.provider(part.type(), part.scheme()), reference, null);
    }

    @Reference(service = Launcher.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
        policyOption = ReferencePolicyOption.GREEDY)
    void bindLauncher(ServiceReference<Launcher> reference) { launchers.add(reference); }

    void unbindLauncher(ServiceReference<Launcher> reference) { launchers.remove(reference); }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bindListener(GuestListener listener) { listeners.add(listener); }

    void unbindListener(GuestListener listener) { listeners.remove(listener); }

    // --- guests -----------------------------------------------------------------------------------------------------

    @Override
    public List<Guest> guests() { return residents.values().stream().map(Resident::guest).toList(); }

    @Override
    public Optional<Guest> find(String nameOrId) {
        List<Guest> named = new ArrayList<>(guests().stream().filter(g -> g.name().equals(nameOrId) || String.valueOf(g.id()).equals(nameOrId)).toList());
        named.sort(Comparator.comparing(Guest::dead).thenComparing(Guest::id));
        return named.stream().findFirst();
    }

    @Override
    public void admit(Guest guest) throws LaunchException {
        Resident resident = new Resident(guest, seats, listeners);
        synchronized (this) { // one after the other
            if (stopped) throw new LaunchException("the platform is being stopped");
            int id = ids.incrementAndGet();
            String name = admission.name(guest.spec(), id, guests().stream().filter(g -> !g.dead()).toList());
            guest.identify(id, name);
            residents.put(id, resident);
        }
        try {
            resident.furnish();
        } catch (LaunchException | RuntimeException e) {
            residents.remove(guest.id());
            throw e;
        }
    }

    @Override
    public DeviceState plug(Guest guest, GuestSpec.Device device) throws LaunchException {
        Resident r = residents.get(guest.id());
        if (r == null && guest.dead()) throw Resident.ended(guest);
        return resident(guest).plug(device);
    }

    @Override
    public void start(Guest guest) {
        if (guest.dead()) return; // somebody was quicker, and it may be forgotten, too
        resident(guest).start(() -> {
            synchronized (seats) {
                VcpuThread t = new VcpuThread(guest, parts(guest));
                guest.run(t);
                return t;
            }
        });
    }

    @Override
    public Guest launch(GuestSpec spec) throws LaunchException { return launchers.launch(spec); }

    @Override
    public void forget(Guest guest) {
        if (!guest.dead()) throw new IllegalStateException(guest + " is alive");
        Resident r = residents.get(guest.id());
        if (r == null || r.guest() != guest || !gone(r) || !residents.remove(guest.id(), r)) return;
        r.close();
        listeners.told(guest, GuestListener.Event.FORGOTTEN, "");
    }

    @Override
    public Ending stop(Guest guest, Farewell farewell) throws InterruptedException {
        guest.dismiss();
        Resident r = residents.get(guest.id());
        if (r != null) Departure.of(r, farewell);
        guest.end(Ending.Kind.POWER_OFF, "stopped by the user");
        guest.ending().join();
        forget(guest);
        return guest.endingNow();
    }

    /** Waits until no thread works for it any more; false when that takes too long, as with output that nobody takes. */
    private static boolean gone(Resident r) {
        try {
            r.gone().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            LOG.error("{} is dead, but one of its threads does not end; its memory stays mapped", r.guest());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // nobody completes it so
        }
        return false;
    }

    /** The devices of a guest; none when it has been forgotten meanwhile. */
    private List<DeviceSlot> slots(Guest guest) {
        Resident r = residents.get(guest.id());
        return r == null && guest.dead() ? List.of() : resident(guest).slots();
    }

    private Resident resident(Guest guest) {
        Resident r = residents.get(guest.id());
        if (r == null) throw new IllegalArgumentException(guest + " has not been admitted");
        return r;
    }

    @Override
    public Optional<Backend> backend(Guest guest, DeviceState device) {
        Resident r = residents.get(guest.id());
        return r == null || device.index >= r.slots().size() ? Optional.empty() : Optional.ofNullable(r.slot(device).backend()); // it may be being plugged
    }

    @Override
    public List<String> seats(Guest guest) {
        List<String> lines = new ArrayList<>(processor(guest, guest.spec()).stream().map(Seats::line).toList());
        Resident r = residents.get(guest.id());
        if (r != null) lines.addAll(r.describe());
        lines.add(Seats.line(launcher(guest)));
        return lines;
    }

    @Override
    public List<Seat> machine(Guest guest) { return machine(guest, guest.spec()); }

    private List<Seat> machine(Guest guest, GuestSpec spec) {
        List<Seat> all = new ArrayList<>(processor(guest, spec));
        slots(guest).forEach(s -> all.addAll(s.machine(spec)));
        return all;
    }

    @Override
    public Seat launcher(Guest guest) { return launchers.seat(guest.spec()); }

    private List<Seat> processor(Guest guest, GuestSpec spec) {
        VcpuThread t = guest.vcpu();
        return seats.machine(spec, t == null ? parts(guest) : t.parts());
    }

    @Override
    public void prefer(Guest guest, String seat, String provider) {
        GuestSpec wish = guest.spec().prefer(seat, provider);
        List<Seat> machine = new ArrayList<>(machine(guest, wish));
        machine.add(launchers.seat(wish));
        Seat meant = machine.stream().filter(s -> s.name().equals(seat)).findFirst().orElseThrow(() -> new IllegalArgumentException(
            guest + " has no seat '" + seat + "'; there are: " + String.join(", ", machine.stream().map(Seat::name).toList())));
        if (meant.missed()) throw new IllegalArgumentException("nobody goes by '" + provider + "' for the seat " + seat + "; there "
            + (meant.providers().isEmpty() ? "is nobody" : "are: " + String.join(", ", meant.providers().stream().map(Seat.Provider::name).toList())));
        Resident r = resident(guest);
        String before = guest.spec().wish(seat);
        reseat(r, seat, provider);
        if (machine(guest).stream().anyMatch(s -> s.name().equals(seat) && s.taken().isEmpty() && !s.providers().isEmpty())) {
            reseat(r, seat, before);
            throw new IllegalArgumentException(provider + " cannot serve " + seat + " of " + guest + "; its log tells why");
        }
    }

    private void reseat(Resident r, String seat, String provider) {
        r.prefer(seat, provider);
        reseat(r);
        reseat(List.of(r));
    }

    // --- what a guest's machine tells: vCPU threads -----------------------------------------------------------------

    @Override
    public void kick(Guest guest, DeviceState device, int queue) { resident(guest).slot(device).kick(queue); }

    @Override
    public void statusChanged(Guest guest, DeviceState device) { resident(guest).slot(device).statusChanged(); }

    @Override
    public void settle(Guest guest) { resident(guest).slots().forEach(DeviceSlot::settle); }

    @Override
    public void earlyConsole(Guest guest, String text) { resident(guest).earlyConsole(text); }

    /** Guests end first of all when the framework stops, while their parts are still there. */
    private void frameworkEvent(BundleEvent e) {
        if (e.getBundle().getBundleId() == 0 && e.getType() == BundleEvent.STOPPING) end();
    }

    /** No guest survives its host. */
    @Deactivate
    void stop() {
        context.removeBundleListener(atStop);
        end();
    }

    private void end() {
        synchronized (this) { stopped = true; }
        Departure.ofAll(List.copyOf(residents.values()), grace);
        for (Guest g : guests()) g.end(Ending.Kind.KILLED, "the platform was stopped");
        for (Guest g : guests()) forget(g);
    }
}
