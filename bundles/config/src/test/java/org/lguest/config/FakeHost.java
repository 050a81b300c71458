package org.lguest.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.GuestListener;
import org.lguest.api.state.GuestMemory;
import org.lguest.testkit.UnusedHost;

/** Guests without machines; they live until a test ends them. */
final class FakeHost extends UnusedHost implements AutoCloseable {
    /** What was done, in order: {@code start rex}, {@code stop rex}, {@code forget rex}, {@code prefer rex cpu x}. */
    final List<String> notes = new ArrayList<>();
    /** Not null: the sentence with which nobody is launched. */
    String refusal;
    GuestListener listener;
    private final List<Guest> guests = new ArrayList<>();
    private final List<Guest> all = new ArrayList<>();

    @Override
    public List<Guest> guests() { return List.copyOf(guests); }

    @Override
    public Optional<Guest> find(String name) { return guests.stream().filter(g -> g.name().equals(name)).reduce((a, b) -> b); }

    @Override
    public Guest launch(GuestSpec spec) throws LaunchException {
        if (refusal != null) throw new LaunchException(refusal);
        if (guests.stream().anyMatch(g -> !g.dead() && g.name().equals(spec.name())))
            throw new LaunchException("there is a guest named '" + spec.name() + "' already");
        try {
            Guest g = new Guest(spec, GuestMemory.create(1 << 20));
            all.add(g);
            g.identify(all.size(), spec.name() == null ? "guest" + all.size() : spec.name());
            g.ending().thenRun(() -> listener.told(g, GuestListener.Event.ENDED, ""));
            guests.add(g);
            return g;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start(Guest guest) { notes.add("start " + guest); }

    @Override
    public Ending stop(Guest guest, Farewell farewell) {
        notes.add("stop " + guest);
        guest.dismiss();
        guest.end(Ending.Kind.POWER_OFF, "stopped");
        forget(guest);
        return guest.endingNow();
    }

    @Override
    public void forget(Guest guest) {
        if (!guest.dead()) throw new IllegalStateException(guest + " is alive");
        guests.remove(guest);
    }

    @Override
    public void prefer(Guest guest, String seat, String provider) {
        if (provider.equals("nobody")) throw new IllegalArgumentException("nobody goes by 'nobody'");
        notes.add("prefer " + guest + " " + seat + " " + provider);
    }

    @Override
    public void close() { all.forEach(g -> g.memory().close()); }
}
