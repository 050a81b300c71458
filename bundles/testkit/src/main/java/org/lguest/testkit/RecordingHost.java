package org.lguest.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.lguest.api.Guest;
import org.lguest.api.part.Backend;
import org.lguest.api.part.Seat;
import org.lguest.api.state.DeviceState;

/** A host that only takes notes of what a guest's machine tells it. */
public final class RecordingHost extends UnusedHost {
    /** {@code kick block 0.1}, {@code status block 0}, {@code text Hello}. */
    public final List<String> notes = Collections.synchronizedList(new ArrayList<>());

    @Override
    public List<Guest> guests() { return List.of(); }

    @Override
    public Optional<Guest> find(String nameOrId) { return Optional.empty(); }

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
}
