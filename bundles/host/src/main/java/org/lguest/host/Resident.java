package org.lguest.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Life;
import org.lguest.api.VcpuThread;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.GuestListener;
import org.lguest.api.part.GuestListener.Event;
import org.lguest.api.part.Parts;
import org.lguest.api.state.DeviceState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A guest as the host knows it: its devices' slots, the changes of its seats, its end.
 *
 * <p>The lock is for those who change devices' seats, start, and end. Neither the vCPU thread nor a queue thread ever takes it,
 * so its holder may wait for them. The parts of the vCPU are changed without it.
 */
final class Resident {
    private static final Logger LOG = LoggerFactory.getLogger(Resident.class);

    private final Guest guest;
    private final Seats seats;
    private final GuestListener listener;
    private final ReentrantLock seating = new ReentrantLock();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile List<DeviceSlot> slots = List.of();
    private LauncherThread launcher;
    private List<GuestSpec.Device> devices;
    private final List<GuestSpec.Device> awaited = new CopyOnWriteArrayList<>();
    private boolean started;
    private boolean closed;

    Resident(Guest guest, Seats seats, GuestListener listener) {
        this.guest = guest;
        this.seats = seats;
        this.listener = listener;
    }

    private void tell(Event event, String detail) { listener.told(guest, event, detail); }

    /** On the vCPU thread, between two turns. */
    private void lives(Life now) {
        switch (now) {
            case PAUSED -> tell(Event.PAUSED, "");
            case PARKED -> tell(Event.PARKED, String.valueOf(guest.vcpu().parts().missing()));
            default -> tell(Event.RESUMED, "");
        }
    }

    Guest guest() { return guest; }

    List<DeviceSlot> slots() { return slots; }

    DeviceSlot slot(DeviceState device) { return slots.get(device.index); }

    /** Completes when no thread works for the dead guest any more. */
    CompletableFuture<Void> gone() { return gone; }

    /** Opens the backends and puts the devices of the spec on the bus; a console is always there, last. */
    void furnish() throws LaunchException {
        List<GuestSpec.Device> all = new ArrayList<>(guest.spec().devices());
        if (all.stream().noneMatch(d -> d.label().equals(DeviceType.CONSOLE.label()))) all.add(new GuestSpec.Device(DeviceType.CONSOLE, "hub:"));
        seating.lock();
        try {
            devices = all;
            for (int i = 0; i < all.size(); i++) {
                GuestSpec.Device d = all.get(i);
                if (d.awaited() && !DeviceSlot.possible(guest, d, seats)) awaited.add(d);
                else connect(d, i);
            }
            guest.onLife(this::lives);
            tell(Event.ADMITTED, "");
            guest.ending().thenRun(() -> Thread.ofPlatform().daemon().name("end of " + guest).start(this::end));
        } catch (LaunchException | RuntimeException e) {
            models(slots).forEach(m -> m.release(guest));
            slots.forEach(DeviceSlot::leave);
            guest.control().close();
            throw e;
        } finally {
            seating.unlock();
        }
    }

    /** Puts one more device on the bus, for this life of the guest and the next. */
    DeviceState plug(GuestSpec.Device d) throws LaunchException {
        seating.lock();
        try {
            if (closed || guest.dead()) throw ended(guest);
            DeviceSlot slot = connect(d, devices.size());
            devices.add(new GuestSpec.Device(d.label(), d.backend(), true)); // a later life shall not depend on it
            guest.amend(s -> s.with(devices));
            plugged(slot);
            return slot.device();
        } finally {
            seating.unlock();
        }
    }

    static LaunchException ended(Guest guest) { return new LaunchException(guest + " has ended: " + guest.endingNow()); }

    private void plugged(DeviceSlot slot) {
        String who = String.join("; ", slot.describe());
        guest.log().add("plugged: " + who);
        tell(Event.PLUGGED, who);
    }

    /** The guest can see the device when it is served: when its slot is among the others, and its model knows the guest. */
    private DeviceSlot connect(GuestSpec.Device d, int place) throws LaunchException {
        DeviceSlot slot = DeviceSlot.open(guest, d, seats);
        boolean known = models(slots).contains(slot.model());
        if (!known) slot.model().adopt(guest);
        try {
            slot.plug(() -> {
                List<DeviceSlot> all = new ArrayList<>(slots);
                all.add(slot);
                slots = List.copyOf(all);
                slot.device().place = place;
                guest.limit(guest.limits());
                if (started) slot.start();
            });
            return slot;
        } catch (LaunchException | RuntimeException e) {
            if (!known) slot.model().release(guest);
            slot.leave();
            throw e;
        }
    }

    private void connectAwaited() {
        for (GuestSpec.Device d : awaited) {
            if (!DeviceSlot.possible(guest, d, seats)) continue;
            awaited.remove(d);
            try {
                plugged(connect(d, devices.indexOf(d)));
            } catch (LaunchException e) {
                guest.log().add(d.label() + ": " + e.getMessage());
                LOG.warn("{} goes on without its {} device: {}", guest, d.label(), e.getMessage());
            }
        }
    }

    /** A line for each seat of a device. */
    List<String> describe() {
        List<String> lines = new ArrayList<>(slots.stream().flatMap(s -> s.describe().stream()).toList());
        for (GuestSpec.Device d : awaited) lines.add(d.label() + ": awaited, the guest gets it when somebody brings it");
        return lines;
    }

    private static Set<DeviceModel> models(List<DeviceSlot> slots) {
        Set<DeviceModel> models = new LinkedHashSet<>();
        for (DeviceSlot s : slots) if (s.model() != null) models.add(s.model());
        return models;
    }

    /** Starts the threads; {@code introduce} makes the vCPU's known to those who change parts, and returns it. */
    void start(Supplier<VcpuThread> introduce) {
        seating.lock();
        try {
            if (started || guest.dead()) return;
            started = true;
            VcpuThread vcpu = introduce.get();
            guest.log().add("started");
            tell(Event.STARTED, ""); // before the vCPU tells anything
            vcpu.start();
            slots.forEach(DeviceSlot::start);
            if (guest.control().open()) launcher = new LauncherThread(guest, () -> slots);
        } finally {
            seating.unlock();
        }
    }

    /** From now on the guest would rather have this provider there. */
    void prefer(String seat, String provider) {
        seating.lock();
        try {
            guest.amend(s -> s.prefer(seat, provider));
        } finally {
            seating.unlock();
        }
    }

    /** Has the vCPU go on with the parts of this moment; returns when it has left the others. */
    void changeParts(Supplier<Parts> now) {
        VcpuThread t = guest.vcpu();
        if (t == null) return;
        try {
            t.change(before -> {
                Parts after = now.get();
                Seats.changes(before, after).forEach(this::seated);
                return after;
            });
        } catch (CompletionException e) {
            LOG.error("{}: a part could not leave or take its seat", guest, e.getCause());
            guest.kill("a part could not leave or take its seat: " + e.getCause());
            t.finished().join();
        }
    }

    /**
     * First step of a change: nobody is inside of models and backends any more that are not the best now. When several guests change, they take
     * each step together: all have stopped before anybody leaves, all leave before anybody enters, and all are in before anybody works;
     * so they never meet in the middle, as two that share an image or a switch would.
     */
    void halt() { seating(() -> changing().forEach(DeviceSlot::halt)); }

    /** Second step: backends whose providers are not the best are closed. */
    void vacate() { seating(() -> changing().forEach(DeviceSlot::vacate)); }

    private List<DeviceSlot> changing() { return slots.stream().filter(s -> closed ? s.isConsole() : !s.settled()).toList(); }

    /** Third step: the best sit, with their backends open. A model is released once for all devices that it served, when it serves none any more. */
    void occupy() {
        seating(() -> {
            if (!closed) {
                Set<DeviceModel> before = models(slots);
                slots.forEach(DeviceSlot::takeBestModel);
                Set<DeviceModel> after = models(slots);
                before.stream().filter(m -> !after.contains(m)).forEach(m -> m.release(guest));
                after.stream().filter(m -> !before.contains(m)).forEach(m -> m.adopt(guest));
            }
            for (DeviceSlot s : slots) if (s.isConsole() || !guest.dead()) reopen(s);
        });
    }

    /** Last step: those who sit serve their queues, and what was awaited is plugged if it is there. */
    void resume() {
        seating(() -> {
            for (DeviceSlot s : slots) s.resume().forEach(this::seated);
            if (!guest.dead() && !closed) connectAwaited();
        });
    }

    private void seating(Runnable step) {
        seating.lock();
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.error("{}: a device's seat could not be changed", guest, e);
            guest.kill("a device's seat could not be changed: " + e);
        } finally {
            seating.unlock();
        }
    }

    private void seated(String line) {
        guest.log().add(line);
        tell(Event.SEAT, line);
    }

    private void reopen(DeviceSlot slot) {
        BackendProvider next = slot.bestProvider();
        if (next == null || slot.provides(next)) return;
        try {
            slot.enter(next);
        } catch (IOException e) { // the device stays as it is, unserved, until the seat changes again
            guest.log().add(slot + ": " + e.getMessage());
            LOG.warn("{}: {} is without its backend {}", guest, slot, slot.device().spec, e);
        }
    }

    /** The guest is dead: waits until everybody has left, tells what broke. The console stays readable until the guest is forgotten. */
    private void end() {
        try {
            boolean ran = ran(); // and if so, that has been told
            tell(Event.ENDED, guest.endingNow().toString());
            if (ran) {
                VcpuThread t = guest.vcpu();
                t.finished().join();
                for (DeviceSlot s : slots) s.finished().join();
                if (launcher != null) launcher.finished().join();
                if (launcher != null && launcher.failure() != null) LOG.error("{}: a device failed", guest, launcher.failure());
                if (t.failure() != null) LOG.error("{} died of a broken part", guest, t.failure());
                for (DeviceSlot s : slots) if (s.failure() != null) LOG.error("{}: {} failed", guest, s, s.failure());
            }
            LOG.info("{} ended: {}", guest, guest.endingNow());
            close(false);
        } finally {
            gone.complete(null);
        }
    }

    private boolean ran() {
        seating.lock();
        try {
            return started;
        } finally {
            seating.unlock();
        }
    }

    private void close(boolean consoles) {
        seating.lock();
        try {
            guest.control().close();
            if (!closed) models(slots).forEach(m -> m.release(guest));
            closed = true;
            for (DeviceSlot s : slots) {
                s.retire();
                if (consoles || !s.isConsole()) s.leave();
                s.forget();
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("{}: a device could not be closed", guest, e);
        } finally {
            seating.unlock();
        }
    }

    /** Lets go of the rest. Only when it is gone. */
    void close() {
        close(true);
        guest.memory().close();
    }

    /** Where the guest's text goes before its console driver lives. */
    void earlyConsole(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (DeviceSlot s : slots)
            if (s.backend() instanceof ConsoleBackend console) {
                console.write(bytes, 0, bytes.length);
                return;
            }
        guest.log().add("early console: " + text.stripTrailing());
    }
}
