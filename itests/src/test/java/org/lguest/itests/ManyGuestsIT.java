package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.api.part.Host;

/** A crowd of guests in one runtime; {@code -Dlguest.many=500} makes it a larger one. */
@OnThePlatform
@Timeout(3600)
class ManyGuestsIT {
    private static final int MANY = Integer.getInteger("lguest.many", 200);

    @Inject Host host;
    private final List<Session> crowd = new ArrayList<>();

    @AfterEach
    void end() { crowd.forEach(Session::close); }

    private static long threads(String prefix) { return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith(prefix)).count(); }

    @Test
    void aCrowdStartsIsListedOneOfItWorksAndAllPowerOff() throws Exception {
        for (int i = 0; i < MANY; i++) crowd.add(Session.puppy(host, i % 2 == 1));
        for (Session s : crowd) s.await("puppy> ");
        assertEquals(MANY, host.guests().stream().filter(g -> !g.dead()).count());
        assertEquals(MANY, host.guests().stream().map(Guest::name).distinct().count());
        assertEquals(MANY, threads("vcpu "), "a thread for each processor");

        Session one = crowd.get(MANY / 2);
        assertTrue(one.puppy("echo of " + MANY).contains("of " + MANY));
        List<Long> idle = crowd.stream().map(s -> s.guest.cpu().retired).toList();
        assertTrue(one.puppy("echo again").contains("again"));
        for (int i = 0; i < MANY; i++) if (crowd.get(i) != one) assertTrue(crowd.get(i).guest.cpu().retired - idle.get(i) < 1_000_000, "an idle guest is busy");

        for (Session s : crowd) s.type("poweroff");
        for (Session s : crowd) assertTrue(s.ending().clean(), () -> s.guest + ": " + s.guest.endingNow());
        for (Session s : crowd) host.forget(s.guest);
        assertEquals(List.of(), host.guests());
        assertTrue(Await.until(() -> threads("vcpu ") == 0), "no thread stays");
    }
}
