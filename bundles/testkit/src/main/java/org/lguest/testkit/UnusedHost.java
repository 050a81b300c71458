package org.lguest.testkit;

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

/** A host that nobody has business with: a test's own overrides what the part under test may call, and hears of everything else. */
public abstract class UnusedHost implements Host {
    /** For subclasses. */
    protected UnusedHost() { }

    @Override
    public List<Guest> guests() { throw unexpected(); }

    @Override
    public Optional<Guest> find(String nameOrId) { throw unexpected(); }

    @Override
    public void admit(Guest guest) throws LaunchException { throw unexpected(); }

    @Override
    public DeviceState plug(Guest guest, GuestSpec.Device device) throws LaunchException { throw unexpected(); }

    @Override
    public void start(Guest guest) { throw unexpected(); }

    @Override
    public void forget(Guest guest) { throw unexpected(); }

    @Override
    public Ending stop(Guest guest, Farewell farewell) { throw unexpected(); }

    @Override
    public Guest launch(GuestSpec spec) throws LaunchException { throw unexpected(); }

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

    private UnsupportedOperationException unexpected() { return new UnsupportedOperationException("a " + getClass().getSimpleName() + " is not there for this"); }
}
