package org.lguest.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.Backend;
import org.lguest.api.part.Host;
import org.lguest.api.part.Seat;
import org.lguest.api.state.DeviceState;

/** Remembers whom it admitted; refuses when told to. */
final class FakeHost implements Host, AutoCloseable {
    final List<Guest> admitted = new ArrayList<>();
    /** Every guest that came to the door. */
    final List<Guest> seen = new ArrayList<>();
    /** Not null: the sentence with which nobody is admitted. */
    String refusal;

    @Override
    public void admit(Guest guest) throws LaunchException {
        seen.add(guest);
        if (refusal != null) throw new LaunchException(refusal);
        guest.identify(seen.size(), "guest" + seen.size());
        admitted.add(guest);
    }

    @Override
    public List<Guest> guests() { return List.copyOf(admitted); }

    @Override
    public void close() { admitted.forEach(g -> g.memory().close()); }

    @Override
    public Optional<Guest> find(String nameOrId) { throw unexpected(); }

    @Override
    public DeviceState plug(Guest guest, GuestSpec.Device device) { throw unexpected(); }

    @Override
    public void start(Guest guest) { throw unexpected(); }

    @Override
    public void forget(Guest guest) { throw unexpected(); }

    @Override
    public Ending stop(Guest guest, Farewell farewell) { throw unexpected(); }

    @Override
    public Guest launch(GuestSpec spec) { throw unexpected(); }

    @Override
    public Optional<Backend> backend(Guest guest, DeviceState device) { throw unexpected(); }

    @Override
    public void kick(Guest guest, DeviceState device, int queue) { throw unexpected(); }

    @Override
    public void statusChanged(Guest guest, DeviceState device) { throw unexpected(); }

    @Override
    public void earlyConsole(Guest guest, String text) { throw unexpected(); }

    @Override
    public List<String> seats(Guest guest) { throw unexpected(); }

    @Override
    public List<Seat> machine(Guest guest) { throw unexpected(); }

    @Override
    public void prefer(Guest guest, String seat, String provider) { throw unexpected(); }

    private static UnsupportedOperationException unexpected() { return new UnsupportedOperationException("the launcher has no business here"); }
}
