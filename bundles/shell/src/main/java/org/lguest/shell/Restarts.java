package org.lguest.shell;

import java.util.concurrent.Executor;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.LaunchException;
import org.lguest.api.part.GuestListener;
import org.lguest.api.part.Host;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guests of the shell that ask for a restart are launched again from the same files, under the same name; those of a shell that has been
 * replaced meanwhile, too.
 */
@Component
public final class Restarts implements GuestListener {
    /** What the shell's guests have as their origin. */
    static final String SHELL = "shell";
    private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);

    private final Host host;
    private final Executor later;

    /** Called by Declarative Services. */
    @Activate
    public Restarts(@Reference Host host) { this(host, r -> Thread.ofVirtual().name("restart").start(r)); }

    Restarts(Host host, Executor later) {
        this.host = host;
        this.later = later;
        host.guests().forEach(this::look); // they may have asked while nobody listened
    }

    @Override
    public void told(Guest guest, Event event, String detail) {
        if (event == Event.ENDED) look(guest);
    }

    private void look(Guest guest) {
        Ending ending = guest.endingNow();
        if (ending == null || ending.kind() != Ending.Kind.RESTART || !guest.spec().origin().by().equals(SHELL) || guest.dismissed()) return;
        guest.dismiss(); // to be done once
        later.execute(() -> again(guest));
    }

    private void again(Guest guest) {
        try {
            if (!host.guests().contains(guest)) return; // the user has killed it meanwhile
            host.forget(guest);
            host.start(guest.again());
        } catch (LaunchException e) {
            LOG.error("{} cannot be started again: {}", guest, e.getMessage());
        }
    }
}
