package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.Origin;
import org.lguest.api.part.GuestListener.Event;
import org.lguest.api.part.Host;
import org.lguest.api.state.GuestMemory;

/** Guests that ask for a restart, and users who have other plans. */
class RestartsTest {
    private final List<Guest> guests = new ArrayList<>();
    private final List<String> started = new ArrayList<>();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final Host host = (Host) Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class}, (proxy, method, arguments) ->
        switch (method.getName()) {
            case "guests" -> List.copyOf(guests);
            case "forget" -> {
                guests.remove(arguments[0]);
                yield null;
            }
            case "start" -> {
                GuestSpec spec = (GuestSpec) arguments[0];
                started.add(spec.name() + ", life " + (spec.origin().restarts() + 1));
                yield null;
            }
            default -> throw new UnsupportedOperationException(method.getName());
        });
    private Guest rex;

    @BeforeEach
    void aGuestOfTheShellRuns() throws Exception { rex = guest("shell"); }

    private Guest guest(String origin) throws Exception {
        Guest g = new Guest(new GuestSpec(null, 1, null, null, "", List.of(), null).from(new Origin(origin)), GuestMemory.create(1 << 20));
        g.identify(1, "rex");
        guests.add(g);
        return g;
    }

    @AfterEach
    void close() { rex.memory().close(); }

    private List<String> ends(Guest guest, Restarts... listeners) {
        for (Restarts r : listeners) r.told(guest, Event.ENDED, "");
        for (Runnable r; (r = later.poll()) != null;) r.run();
        return started;
    }

    @Test
    void whoAsksForARestartIsStartedAgainOnceHoweverManyShellsThereAre() {
        rex.end(Ending.Kind.RESTART, "restart");
        assertEquals(List.of("rex, life 2"), ends(rex, new Restarts(host, later::add), new Restarts(host, later::add)));
        assertEquals(List.of(), guests);
    }

    @Test
    void whoIsForgottenByTheUserMeanwhileStaysDead() {
        Restarts restarts = new Restarts(host, later::add);
        rex.end(Ending.Kind.RESTART, "restart");
        restarts.told(rex, Event.ENDED, "");
        guests.remove(rex); // lguest:kill rex
        assertEquals(List.of(), ends(rex));
    }

    @Test
    void othersAndOtherEndingsAreNoneOfItsBusiness() throws Exception {
        Restarts restarts = new Restarts(host, later::add);
        rex.end(Ending.Kind.CRASH, "oops");
        Guest configured = guest("org.lguest.guest-fido.cfg");
        configured.end(Ending.Kind.RESTART, "restart");
        assertEquals(List.of(), ends(rex, restarts));
        assertEquals(List.of(), ends(configured, restarts));
        configured.memory().close();
    }
}
