package org.lguest.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.VcpuThread;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A guest as the host knows it: with its devices' slots. */
final class Resident {
    private static final Logger LOG = LoggerFactory.getLogger(Resident.class);

    private final Guest guest;
    private final Seats seats;
    private final List<DeviceSlot> slots = new ArrayList<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    Resident(Guest guest, Seats seats) {
        this.guest = guest;
        this.seats = seats;
    }

    Guest guest() { return guest; }

    List<DeviceSlot> slots() { return slots; }

    /** Puts the devices of the spec on the bus; a console is always there, last. */
    void plug(List<GuestSpec.Device> devices) throws LaunchException {
        try {
            for (GuestSpec.Device d : devices) plug(d);
            if (devices.stream().noneMatch(d -> d.type() == DeviceType.CONSOLE)) plug(new GuestSpec.Device(DeviceType.CONSOLE, "hub:"));
        } catch (LaunchException | RuntimeException e) {
            slots.forEach(DeviceSlot::close);
            throw e;
        }
    }

    private void plug(GuestSpec.Device d) throws LaunchException {
        String scheme = DeviceSlot.scheme(d.backend());
        DeviceModel model = seats.model(d.type()).service();
        if (model == null) throw new LaunchException("no " + d.type().label() + " device is installed");
        BackendProvider provider = seats.provider(d.type(), scheme).service();
        if (provider == null)
            throw new LaunchException("no backend '" + scheme + "' for " + d.type().label() + " devices is installed; there are: "
                + String.join(", ", seats.schemes(d.type())));
        Backend backend = open(provider, d);
        try {
            DeviceModel.Shape shape = model.shape(backend);
            DeviceState state = guest.devicePage().add(d.type(), d.backend(), shape.queueSizes(), shape.features(), shape.config());
            slots.add(new DeviceSlot(guest, state, seats, model, provider, backend));
        } catch (IllegalStateException e) {
            backend.close();
            throw new LaunchException("too many devices: " + e.getMessage(), e);
        }
    }

    private Backend open(BackendProvider provider, GuestSpec.Device d) throws LaunchException {
        try {
            return provider.open(guest, DeviceSlot.rest(d.backend()));
        } catch (IOException e) {
            throw new LaunchException(e.getMessage(), e);
        }
    }

    DeviceSlot slot(DeviceState device) { return slots.get(device.index); }

    void start() {
        slots.forEach(DeviceSlot::start);
        guest.vcpu().start();
        guest.vcpu().finished().thenRun(() -> Thread.ofPlatform().daemon().name("end of " + guest).start(this::end));
    }

    /** The vCPU has left: everybody else does, too. The console stays readable until the guest is forgotten. */
    private void end() {
        VcpuThread t = guest.vcpu();
        if (t.failure() != null) LOG.error("{} died of a broken part", guest, t.failure());
        LOG.info("{} ended: {}", guest, guest.endingNow());
        slots.forEach(DeviceSlot::end);
        slots.stream().filter(s -> s.device().type != DeviceType.CONSOLE).forEach(DeviceSlot::close);
        gone.complete(null);
    }

    /** Completes when no thread works for the guest any more. */
    CompletableFuture<Void> gone() { return gone; }

    /** Where the guest's text goes before its console driver lives. */
    void earlyConsole(String text) {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        for (DeviceSlot s : slots)
            if (s.backend() instanceof ConsoleBackend console) {
                console.write(bytes, 0, bytes.length);
                return;
            }
        guest.log().add("early console: " + text.stripTrailing());
    }

    void close() {
        slots.forEach(DeviceSlot::close);
        guest.memory().close();
    }
}
