package org.lguest.launcher;

import java.util.ArrayList;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.LaunchException;
import org.lguest.testkit.UnusedHost;

/** Remembers whom it admitted; refuses when told to. */
final class FakeHost extends UnusedHost implements AutoCloseable {
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
}
