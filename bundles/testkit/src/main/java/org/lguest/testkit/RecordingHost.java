package org.lguest.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.part.Backend;
import org.lguest.api.part.Host;
import org.lguest.api.part.Seat;
import org.lguest.api.state.DeviceState;

/** A host that only takes notes of what a guest's machine tells it. */
public final class RecordingHost implements Host {
    /** {@code kick block 0.1}, {@code status block 0}, {@code text Hello}. */
    public final List<String> notes = Collections.synchronizedList(new ArrayList<>());

    @Override
    public List<Guest> guests() { return List.of(); }

    @Override
    public Optional<Guest> find(String nameOrId) { return Optional.empty(); }

    @Override
    public void admit(Guest guest) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public DeviceState plug(Guest guest, GuestSpec.Device device) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public void start(Guest guest) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public void forget(Guest guest) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public Ending stop(Guest guest, Farewell farewell) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public Guest launch(GuestSpec spec) { throw new UnsupportedOperationException("takes notes only"); }

    @Override
    public Optional<Backend> backend(Guest guest, DeviceState device) { return Optional.empty(); }

    @Override
    public void kick(Guest guest, DeviceState device, int queue) { notes.add("kick " + device + "." + queue); }

    @Override
    public void statusChanged(Guest guest, DeviceState device) { notes.add("status " + device); }

    @Override
    public void earlyConsole(Guest guest, String text) { notes.add("text " + text); }

    @Override
    public List<String> seats(Guest guest) { return List.of(); }

    @Override
    public List<Seat> machine(Guest guest) { return List.of(); }

    @Override
    public void prefer(Guest guest, String seat, String provider) { throw new UnsupportedOperationException(); }
}
