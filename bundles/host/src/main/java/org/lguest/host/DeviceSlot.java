package org.lguest.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.QueueThread;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * D:010 One device of one guest: its queue threads, and who serves them at the moment.
 *
 * <p>The device itself (descriptor, rings, what the guest has accepted) is state and stays. The model that gives it meaning
 * and the backend behind it come and go; between two services of a queue nobody is inside, and that is when they change.
 */
final class DeviceSlot {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceSlot.class);

    private final Guest guest;
    private final DeviceState device;
    private final Seats seats;
    private final List<QueueThread> threads = new ArrayList<>();
    private DeviceModel model;
    private BackendProvider provider;
    private volatile Backend backend;
    private volatile boolean live;

    /** A slot with a backend that is open already. */
    DeviceSlot(Guest guest, DeviceState device, Seats seats, DeviceModel model, BackendProvider provider, Backend backend) {
        this.guest = guest;
        this.device = device;
        this.seats = seats;
        this.model = model;
        this.provider = provider;
        this.backend = backend;
        for (int q = 0; q < device.queues.size(); q++) threads.add(new QueueThread(guest, device, q, seat()));
    }

    DeviceState device() { return device; }

    Backend backend() { return backend; }

    private QueueThread.Seat seat() { return new QueueThread.Seat(model, backend); }

    /** {@code block}, {@code raw} of {@code raw:/tmp/disk}. */
    static String scheme(String spec) { return spec.substring(0, Math.max(0, spec.indexOf(':'))); }

    /** What is behind the colon. */
    static String rest(String spec) { return spec.substring(spec.indexOf(':') + 1); }

    void start() {
        if (model != null) model.adopt(guest);
        if (backend != null) backend.onReady(this::kickAll);
        threads.forEach(QueueThread::start);
    }

    /** The guest kicked a queue; a driver that kicks is ready, whatever the status says. */
    void kick(int queue) {
        if (!live) setLive(true);
        threads.get(queue).kick();
    }

    /** What is in the rings is served when this returns. */
    void settle() { threads.forEach(QueueThread::settle); }

    private void kickAll() { threads.forEach(QueueThread::kick); }

    private void setLive(boolean on) {
        live = on;
        threads.forEach(t -> t.live(on));
    }

    /** The guest wrote the status (ABI section 11.6). On its vCPU thread. */
    void statusChanged() {
        int status = guest.memory().load8(device.status);
        if (status == 0) {
            setLive(false);
            guest.devicePage().reset(device);
        } else if ((status & Virtio.FAILED) != 0) {
            guest.log().add(device + ": the guest's driver gave up (status 0x" + Integer.toHexString(status) + ")");
        } else if ((status & (Virtio.DRIVER | Virtio.DRIVER_OK)) != 0) {
            setLive(true);
        }
    }

    /** Seats may have changed: takes whoever is best now. Returns when nobody is inside those that went. */
    synchronized void reseat() {
        DeviceModel bestModel = seats.model(device.type).service();
        BackendProvider bestProvider = seats.provider(device.type, scheme(device.spec)).service();
        if (bestModel == model && bestProvider == provider && (backend != null || provider == null)) return;
        for (QueueThread t : threads) t.change(new QueueThread.Seat(null, null));
        if (bestModel != model) {
            if (model != null) model.release(guest);
            model = bestModel;
            if (model != null) model.adopt(guest);
        }
        if (bestProvider != provider || backend == null) reopen(bestProvider);
        for (QueueThread t : threads) t.change(seat());
    }

    private void reopen(BackendProvider next) {
        if (backend != null) backend.close();
        backend = null;
        provider = next;
        if (next == null) return;
        try {
            backend = next.open(guest, rest(device.spec));
            backend.onReady(this::kickAll);
        } catch (IOException e) {
            guest.log().add(device + ": " + e.getMessage());
            LOG.warn("{}: {} is without its backend {}", guest, device, device.spec, e);
        }
    }

    /** Whether the seat is taken. */
    synchronized String describe() {
        String who = Seats.line(device.toString(), seats.model(device.type));
        return who + ", " + (backend == null ? device.spec + " (closed)" : backend.describe());
    }

    /** After the guest's death: waits for the threads, then lets go of model and backend. */
    void end() {
        for (QueueThread t : threads) {
            t.kick();
            t.finished().join();
            if (t.failure() != null) LOG.error("{}: {} failed", guest, device, t.failure());
        }
        synchronized (this) {
            if (model != null) model.release(guest);
            model = null;
        }
    }

    synchronized void close() {
        if (backend != null) backend.close();
        backend = null;
        provider = null;
    }
}
