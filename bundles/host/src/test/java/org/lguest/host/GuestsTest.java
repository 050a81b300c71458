package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Reference;

/** The registry: names, ends, the end of the host. */
@Timeout(300)
class GuestsTest {
    private final Bench bench = Bench.withoutCpu();

    @AfterEach
    void unplug() { bench.close(); }

    @Test
    void guestsGetNumbersInOrderAndNamesThatTellThem() throws Exception {
        Guest a = bench.admitted(null);
        Guest b = bench.admitted("rex");
        assertEquals("guest1", a.name());
        assertEquals(List.of(a, b), bench.host.guests());
        assertSame(b, bench.host.find("2").orElseThrow());
        assertSame(b, bench.host.find("rex").orElseThrow());
        assertTrue(bench.host.find("fido").isEmpty());
    }

    @Test
    void aNameIsUniqueAmongTheLiving() throws Exception {
        Guest first = bench.admitted("rex");
        assertTrue(assertThrows(LaunchException.class, () -> bench.admitted("rex")).getMessage().contains("rex"));
        first.kill("make room");
        Guest second = bench.admitted("rex");
        assertSame(second, bench.host.find("rex").orElseThrow(), "the living one is meant");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "two words", "-x", "ümlaut"})
    void aNameThatWouldNotWorkInTheShellIsRefused(String name) {
        assertTrue(assertThrows(LaunchException.class, () -> bench.admitted(name)).getMessage().contains("is no name"));
        assertEquals(List.of(), bench.host.guests());
    }

    @Test
    void aLivingGuestIsNotForgotten() throws Exception {
        bench.host.bindCpu(new Reference<>(0), new Engine());
        Guest g = bench.running("rex");
        assertThrows(IllegalStateException.class, () -> bench.host.forget(g));
        assertTrue(bench.host.find("rex").isPresent());
    }

    @Test
    void aForgottenGuestsMemoryIsGone() throws Exception {
        bench.host.bindCpu(new Reference<>(0), new Engine());
        Guest g = bench.running("rex");
        g.kill("over");
        bench.host.forget(g);
        assertEquals(List.of(), bench.host.guests());
        assertFalse(g.memory().segment().scope().isAlive());
        bench.host.forget(g); // once more changes nothing
    }

    @Test
    void aGuestThatNeverRanIsForgottenToo() throws Exception {
        Guest g = bench.admitted("rex");
        g.kill("never mind");
        bench.host.forget(g);
        assertEquals(List.of(), bench.host.guests());
        assertFalse(g.memory().segment().scope().isAlive());
    }

    @Test
    void whoIsKilledAndForgottenBetweenLaunchAndStartIsNotMissedByWhoeverStartsIt() throws Exception {
        bench.host.bindCpu(new Reference<>(0), new Engine());
        Guest g = bench.admitted("rex");
        g.kill("killed by the user");
        bench.host.forget(g);
        bench.host.start(g);
        assertNull(g.vcpu());
        assertEquals(List.of(), bench.host.guests());
        Guest stranger = bench.guest("stranger");
        assertThrows(IllegalArgumentException.class, () -> bench.host.start(stranger), "a launcher has to admit it");
        stranger.memory().close();
    }

    @Test
    void whoLooksAtAGuestThatWasForgottenJustNowSeesLittle() throws Exception {
        Guest g = bench.admitted("rex");
        g.kill("killed by the user");
        bench.host.forget(g);
        assertTrue(bench.host.machine(g).stream().noneMatch(s -> s.name().startsWith("console")));
        assertTrue(bench.host.seats(g).contains("cpu: empty"));
        String refused = assertThrows(LaunchException.class, () -> bench.host.plug(g, Bench.disk("raw:x"))).getMessage();
        assertEquals("rex has ended: killed by the user", refused);
    }

    @Test
    void theEndOfTheHostIsTheEndOfItsGuestsAndItTakesNoMore() throws Exception {
        Engine engine = new Engine();
        bench.host.bindCpu(new Reference<>(0), engine);
        Guest g = bench.running("rex");
        bench.host.stop();
        assertEquals(new Ending(Ending.Kind.KILLED, "the platform was stopped"), g.endingNow());
        assertEquals(List.of("adopt rex", "release rex"), engine.notes);
        assertThrows(LaunchException.class, () -> bench.admitted("fido"));
    }

    @Test
    void allGuestsTogetherGetNoMoreMemoryThanIsMeantForThem() throws Exception {
        Guest first = bench.guest("first"); // of 1 MiB
        first.identify(1, "first");
        Admission two = new Admission("2");
        assertEquals("guest2", two.name(new GuestSpec(null, 1, null, null, "", List.of(), null), 2, List.of(first)));
        String refused = assertThrows(LaunchException.class, () -> two.name(new GuestSpec("b", 2, null, null, "", List.of(), null), 2, List.of(first))).getMessage();
        assertEquals("2 MB are too much: all guests together may have 2 MB (lguest.memory.mib), and 1 MB are in use", refused);
        assertEquals("b", new Admission(null).name(new GuestSpec("b", 3000, null, null, "", List.of(), null), 2, List.of(first)));
    }
}
