package org.lguest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Counters;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestProperties;
import org.lguest.api.Topics;
import org.lguest.api.part.GuestKeeper;
import org.lguest.api.part.GuestListener.Event;
import org.lguest.api.part.Host;
import org.lguest.testkit.TestGuests;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.event.EventAdmin;

/** What bundles see of guests. */
@Timeout(300)
class ReporterTest {
    /** {@code + Guest rex created}, {@code = Guest rex running}, {@code - Guest}, {@code org/lguest/guest/ENDED rex why}. */
    private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    private final List<Guest> guests = new ArrayList<>();
    private final Host host = proxy(Host.class, (method, a) -> switch (method) {
        case "guests" -> List.copyOf(guests);
        default -> throw new UnsupportedOperationException(method);
    });
    private final BundleContext context = proxy(BundleContext.class, (method, a) -> {
        String type = ((Class<?>) a[0]).getSimpleName();
        notes.add("+ " + type + " " + words((Dictionary<?, ?>) a[2]));
        return proxy(ServiceRegistration.class, (change, b) -> {
            notes.add(change.equals("unregister") ? "- " + type : "= " + type + " " + words((Dictionary<?, ?>) b[0]));
            return null;
        });
    });

    private interface Answer {
        Object to(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(ReporterTest.class.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> answer.to(m.getName(), a)));
    }

    private static String words(Dictionary<?, ?> d) { return d.get(GuestProperties.NAME) + " " + d.get(GuestProperties.LIFE); }

    private Guest guest(String name) {
        Guest g = TestGuests.of(1);
        g.identify(7, name);
        guests.add(g);
        return g;
    }

    @AfterEach
    void end() { guests.forEach(g -> g.memory().close()); }

    private final EventAdmin admin = new EventAdmin() {
        @Override
        public void postEvent(org.osgi.service.event.Event e) {
            notes.add(e.getTopic() + " " + e.getProperty(GuestProperties.NAME) + " " + e.getProperty(Topics.DETAIL));
        }

        @Override
        public void sendEvent(org.osgi.service.event.Event e) { throw new UnsupportedOperationException("nobody is kept waiting"); }
    };

    @Test
    void aGuestAndItsCountersAreServicesFromItsAdmissionToItsEnd() {
        Reporter r = new Reporter(host, context);
        r.events(admin);
        Guest g = guest("rex");
        r.told(g, Event.ADMITTED, "");
        r.told(g, Event.PARKED, "cpu");
        r.told(g, Event.SEAT, "cpu: better");
        r.close(); // when all is done
        assertEquals(List.of("+ Guest rex created", "+ Counters rex created", Topics.ADMITTED + " rex ", "= Guest rex created", "= Counters rex created",
            Topics.PARKED + " rex cpu", "= Guest rex created", "= Counters rex created", Topics.SEAT_CHANGED + " rex cpu: better"), notes);
    }

    @Test
    void theDeadAreNoServicesAndWithoutEventAdminNothingIsMissed() {
        Reporter r = new Reporter(host, context);
        Guest g = guest("rex");
        r.told(g, Event.ADMITTED, "");
        while (notes.size() < 2) Thread.onSpinWait(); // the test's time limit is the deadline
        g.kill("fleas");
        r.told(g, Event.ENDED, "fleas");
        r.told(g, Event.FORGOTTEN, "");
        r.close();
        assertEquals(List.of("- Guest", "- Counters"), notes.subList(notes.size() - 2, notes.size()));
        r.told(g, Event.FORGOTTEN, "after the end"); // somebody may still call
    }

    @Test
    void whoLivesAlreadyIsAServiceAtOnce() {
        guest("rex");
        guest("fido").kill("long ago");
        new Reporter(host, context).close();
        assertEquals(List.of("+ Guest rex created", "+ Counters rex created"), notes);
    }

    @Test
    void theHostIsNotKeptWaiting() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        Reporter r = new Reporter(host, context);
        r.events(new EventAdmin() {
            @Override
            public void postEvent(org.osgi.service.event.Event e) {
                try {
                    told.await(); // until told() has returned
                } catch (InterruptedException x) {
                    throw new AssertionError(x);
                }
            }

            @Override
            public void sendEvent(org.osgi.service.event.Event e) { }
        });
        r.told(guest("rex"), Event.ADMITTED, "");
        told.countDown();
        r.close();
        assertEquals(2, notes.size());
    }

    @Test
    void propertiesTellWhoAGuestIs() {
        Guest g = guest("rex");
        var p = GuestProperties.of(g);
        assertEquals(7, p.get(GuestProperties.ID));
        assertEquals(1, p.get(GuestProperties.MEMORY));
        assertEquals("puppy", p.get(GuestProperties.KERNEL));
        assertEquals("created", p.get(GuestProperties.LIFE));
        assertEquals("", p.get(GuestProperties.ORIGIN));
        assertEquals(0, p.get(GuestProperties.RESTARTS));
        assertEquals("LINUX_3_1", p.get(GuestProperties.GENERATION));
    }

    @Test
    void aGuestThatDiedOfSomethingIsNotWell() {
        GuestsCheck check = new GuestsCheck(host);
        assertEquals(Result.Status.OK, check.execute().getStatus());
        Guest g = guest("rex");
        assertEquals(Result.Status.OK, check.execute().getStatus());
        g.end(Ending.Kind.CRASH, "fleas");
        Result r = check.execute();
        assertEquals(Result.Status.CRITICAL, r.getStatus());
        assertTrue(r.toString().contains("rex is dead: CRASH: fleas") || r.iterator().next().getMessage().equals("rex is dead: CRASH: fleas"), r::toString);
    }

    @Test
    void aGuestThatTheUserKilledIsWell() {
        Guest g = guest("rex");
        g.dismiss();
        g.kill("killed by the user");
        assertEquals(Result.Status.OK, new GuestsCheck(host).execute().getStatus());
    }

    @Test
    void configuredGuestsAreWellWhenTheirKeeperSaysSo() {
        List<GuestKeeper.Kept> kept = new ArrayList<>(List.of(new GuestKeeper.Kept("a.cfg", "a", true, "runs")));
        GuestKeeper keeper = proxy(GuestKeeper.class, (method, a) -> kept);
        assertEquals(Result.Status.OK, new KeepersCheck(List.of(keeper)).execute().getStatus());
        kept.add(new GuestKeeper.Kept("b.cfg", "", false, "b.cfg: memory = x: no"));
        assertEquals(Result.Status.CRITICAL, new KeepersCheck(List.of(keeper)).execute().getStatus());
    }
}
