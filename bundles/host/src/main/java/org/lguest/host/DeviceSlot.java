package org.lguest.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.QueueThread;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.Seat;
import org.lguest.api.state.DeviceState;

/**
 * D:120 One device of one guest: its queue threads, and who serves them at the moment.
 *
 * <p>The device itself (descriptor, rings, what the guest has accepted) is state and stays. The model that gives it meaning
 * and the backend behind it come and go; between two services of a queue nobody is inside, and that is when they change.
 * {@link Resident} makes these changes, one at a time; kicks and status changes come from the vCPU thread.
 */
final class DeviceSlot {
    private static final QueueThread.Seat NOBODY = new QueueThread.Seat(null, null);

    private final Guest guest;
    private final DeviceType type;
    private final String spec, scheme, rest;
    private final Seats seats;
    private final Nothing nothing;
    private DeviceState device;
    private List<QueueThread> threads = List.of();
    private Desk desk;
    private volatile DeviceModel model;
    private volatile BackendProvider provider;
    private volatile Backend backend;
    private volatile boolean live;
    private boolean standing; // and since when, and who sat here then
    private long since;
    private List<Seat> before = List.of();

    /** A slot for what the user asked for, {@code scheme:rest}, or empty when no backend is needed; nobody serves it, and it holds no device yet. */
    private DeviceSlot(Guest guest, DeviceType type, String spec, Seats seats) {
        this.guest = guest;
        this.type = type;
        this.spec = spec;
        this.seats = seats;
        nothing = spec.isEmpty() ? new Nothing(type) : null;
        int colon = spec.indexOf(':');
        scheme = spec.substring(0, Math.max(0, colon));
        rest = spec.substring(colon + 1);
    }

    /** Null when nobody has a model of it. */
    private static DeviceSlot of(Guest guest, GuestSpec.Device wanted, Seats seats) {
        DeviceType type = seats.typeFor(wanted.label(), guest.expected());
        if (type == null) return null;
        DeviceModel model = seats.model(type).service(guest.spec().wish(type.label() + guest.devicePage().devices().size()));
        if (model == null) return null; // gone, just now
        DeviceSlot slot = new DeviceSlot(guest, type, wanted.backend().isEmpty() ? model.usualBackend() : wanted.backend(), seats);
        slot.model = model;
        return slot;
    }

    /** Whether those who would serve the device are there. */
    static boolean possible(Guest guest, GuestSpec.Device wanted, Seats seats) {
        DeviceSlot slot = of(guest, wanted, seats);
        return slot != null && slot.bestProvider() != null;
    }

    /**
     * A slot with the best who are there, its backend open; it holds no device yet.
     *
     * @throws LaunchException with a sentence for the user
     */
    static DeviceSlot open(Guest guest, GuestSpec.Device wanted, Seats seats) throws LaunchException {
        DeviceSlot slot = of(guest, wanted, seats);
        if (slot == null) throw new LaunchException(noModel(wanted.label(), guest, seats));
        BackendProvider provider = slot.bestProvider();
        if (provider == null)
            throw new LaunchException("no backend '" + slot.scheme + "' for " + slot.type + " devices is installed; there " + seats.schemes(slot.type));
        try {
            slot.enter(provider);
            return slot;
        } catch (IOException e) {
            throw new LaunchException(e.getMessage(), e);
        }
    }

    private static String noModel(String label, Guest guest, Seats seats) {
        return "no " + label + " device is installed" + (seats.labels().contains(label) ? " that this kernel has a driver for" : "")
            + "; there are: " + String.join(", ", seats.labels(guest.expected()));
    }

    /** Whether this is what a guest is read by, even when it is dead. */
    boolean isConsole() { return type.alike(DeviceType.CONSOLE); }

    DeviceState device() { return device; }

    DeviceModel model() { return model; }

    Backend backend() { return backend; }

    DeviceModel bestModel() { return seats.model(type).service(guest.spec().wish(seat())); }

    BackendProvider bestProvider() { return nothing != null ? nothing : seats.provider(type, scheme).service(guest.spec().wish(backendSeat())); }

    private String seat() { return type.label() + (device == null ? guest.devicePage().devices().size() : device.index); }

    private String backendSeat() { return seat() + ".backend"; }

    /** The seats of the device: the model's, and that of the backend when it needs one. */
    List<Seat> machine(GuestSpec spec) {
        Seat front = seats.model(type).seat(seat(), spec.wish(seat()), model);
        return nothing != null ? List.of(front)
            : List.of(front, seats.provider(type, scheme).seat(backendSeat(), spec.wish(backendSeat()), backend == null ? null : provider));
    }

    /** Whether the backend that is open is this provider's, or there is none and shall be none. */
    boolean provides(BackendProvider p) { return provider == p && (backend != null || p == null); }

    /** Whether the best sit here, as far as there are any. */
    boolean settled() { return model == bestModel() && provides(bestProvider()); }

    /**
     * Puts the device on the bus in the shape that its model gives it, and a thread behind each of its queues.
     *
     * @param ready called when the slot holds the device, right before the guest can see it
     * @throws LaunchException when the bus is full
     */
    void plug(Runnable ready) throws LaunchException {
        DeviceModel.Shape shape = model.shape(backend, guest);
        try {
            guest.devicePage().add(type, spec, shape.queueSizes(), shape.features(), shape.config(), made -> {
                hold(made);
                ready.run();
            });
        } catch (IllegalStateException e) {
            throw new LaunchException("too many devices: " + e.getMessage(), e);
        }
    }

    private void hold(DeviceState made) {
        device = made;
        backend.attached(made);
        if (guest.control().open()) desk = new Desk(guest, made, new QueueThread.Seat(model, backend));
        List<QueueThread> all = new ArrayList<>();
        for (int q = 0; q < made.queues.size(); q++) all.add(new QueueThread(guest, made, q, new QueueThread.Seat(model, backend)));
        threads = List.copyOf(all);
    }

    /** Where the device is served when it has no queues; null when it has. */
    Desk desk() { return desk; }

    void start() { threads.forEach(QueueThread::start); }

    /** The model changes; only when nobody is inside. */
    void takeBestModel() {
        DeviceModel best = bestModel();
        if (best == model) return;
        halt();
        model = best;
    }

    /** Nobody is inside of the model and the backend any more. */
    void halt() {
        if (!standing) park();
    }

    /** The backend is closed if its provider is not the best now. */
    void vacate() {
        halt();
        if (!provides(bestProvider())) handOver();
    }

    /** Those who sit here now serve the queues, which are looked at at once; tells which seats have changed. */
    List<String> resume() {
        if (!standing) return List.of();
        List<Seat> now = machine(guest.spec());
        List<String> news = now.stream().filter(s -> !before.contains(s)).map(Seats::line).toList();
        before = now;
        unpark();
        return news;
    }

    /** Closes the backend. */
    void leave() {
        if (backend != null) backend.close();
        backend = null;
        provider = null;
    }

    /** Closes the backend; what it has to say to its successor stays with the device. */
    private void handOver() {
        if (backend != null && device != null) {
            device.handedOver = backend.handOver();
            device.handedOverFile = backend.handOverFile();
        }
        leave();
    }

    /** Opens a backend by another provider. */
    void enter(BackendProvider next) throws IOException {
        provider = next;
        Backend opened = next.open(guest, rest);
        if (device != null) takeOver(opened);
        opened.onReady(this::ready);
        if (device != null) opened.attached(device);
        backend = opened;
    }

    /** The backend has something for the guest. */
    private void ready() {
        threads.forEach(QueueThread::kick);
        if (desk != null) guest.control().wake();
    }

    private void takeOver(Backend next) throws IOException {
        byte[] said = device.handedOver;
        FileChannel file = device.handedOverFile;
        device.handedOver = new byte[0];
        device.handedOverFile = null;
        try {
            if (said.length > 0) next.takeOver(said);
            if (file != null) next.takeOverFile(file);
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
    }

    /** Nobody will take over any more. */
    void forget() throws IOException {
        if (device != null && device.handedOverFile != null) device.handedOverFile.close();
    }

    private void park() {
        before = machine(guest.spec());
        since = System.nanoTime();
        standing = true;
        seat(NOBODY);
    }

    private void unpark() {
        QueueThread.Seat seat = new QueueThread.Seat(model, backend);
        seat(seat);
        standing = !seat.taken();
        if (standing) return;
        device.stillNanos += System.nanoTime() - since;
        ready();
    }

    private void seat(QueueThread.Seat next) {
        threads.forEach(t -> t.change(next));
        if (desk != null) desk.change(next);
    }

    /** The guest is dead, and its model has released it: nobody of them is kept. */
    void retire() {
        model = null;
        park();
    }

    /** What is in the rings is served when this returns. */
    void settle() { threads.forEach(QueueThread::settle); }

    /** The guest kicked a queue; a driver that kicks is ready, whatever the status says. */
    void kick(int queue) {
        if (live) threads.get(queue).kick();
        else setLive(true);
    }

    private void setLive(boolean on) {
        if (on && live) return;
        live = on;
        threads.forEach(t -> t.live(on));
    }

    /**
     * The guest wrote the status (ABI section 11.6). On its vCPU thread.
     *
     * <p>Kernels of ten years disagree about when they write it, when they tell, and whether the rings are in use before.
     * What they agree on is enough: zero means that all is to be forgotten, DRIVER that rings may be looked at. Only 2.6.25 does
     * not even write the zero.
     */
    void statusChanged() {
        int status = guest.memory().load8(device.status);
        if (status == 0 || guest.generation().bus().notifyResets()) {
            reset();
        } else if ((status & Virtio.FAILED) != 0) {
            guest.log().add(device + ": the guest's driver gave up (status 0x" + Integer.toHexString(status) + ")");
            if (!live) return;
            reset();
            guest.memory().store8(device.status, status); // the guest's word stays
        } else if ((status & (Virtio.DRIVER | Virtio.DRIVER_OK)) != 0) {
            setLive(true);
        }
    }

    private void reset() {
        setLive(false);
        guest.devicePage().reset(device);
    }

    /** {@code block1: org.lguest.device.block 0.1.0 (BlockDevice)}, {@code block1.backend: org.lguest.backends 0.1.0 (RawDisks), /tmp/disk.img, 64 MiB}. */
    List<String> describe() {
        Backend b = backend;
        List<String> lines = new ArrayList<>(machine(guest.spec()).stream().map(Seats::line).toList());
        if (nothing == null) lines.add(lines.removeLast() + ", " + (b == null ? device.spec + " (closed)" : b.describe()));
        return lines;
    }

    /** Has the threads see that the guest is dead; completes when they have ended. */
    CompletableFuture<Void> finished() {
        threads.forEach(QueueThread::kick);
        return CompletableFuture.allOf(threads.stream().map(QueueThread::finished).toArray(CompletableFuture[]::new));
    }

    /** What broke a queue's thread; null when nothing did. */
    Throwable failure() { return threads.stream().map(QueueThread::failure).filter(f -> f != null).findFirst().orElse(null); }

    @Override
    public String toString() { return device == null ? type.toString() : device.toString(); }
}
