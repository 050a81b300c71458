package org.lguest.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Ending;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.part.GuestKeeper.Kept;
import org.lguest.shell.Reader;

/** Guests as their configurations come, change and go. */
@Timeout(300)
class FleetTest {
    private static final String PID = "org.lguest.guest~rex";

    @TempDir
    private Path folder;
    private final FakeHost host = new FakeHost();
    private final ManualAgenda agenda = new ManualAgenda();
    private Fleet fleet;

    @BeforeEach
    void begin() {
        fleet = new Fleet(host, new Reader(List::of), agenda, folder.resolve("stopped"));
        host.listener = fleet;
    }

    @AfterEach
    void end() { host.close(); }

    /** A configuration as FileInstall would make it: keys and values in turn. */
    private void configure(String pid, String... keysAndValues) {
        Hashtable<String, Object> t = new Hashtable<>();
        t.put("service.pid", pid);
        t.put("felix.fileinstall.filename", folder.resolve(pid.replace('~', '-') + ".cfg").toUri().toString());
        for (int i = 0; i < keysAndValues.length; i += 2) t.put(keysAndValues[i], keysAndValues[i + 1]);
        fleet.updated(pid, t);
        agenda.run();
    }

    private void remove(String pid) {
        fleet.deleted(pid);
        agenda.run();
    }

    private Guest rex() { return host.find("rex").orElseThrow(() -> new AssertionError("no rex: " + fleet.kept())); }

    private Kept kept() { return fleet.kept().getFirst(); }

    private void ends(Ending.Kind kind, String reason) {
        rex().end(kind, reason);
        agenda.run();
    }

    private static String log(Guest g) { return String.join("\n", g.log().events().stream().map(e -> e.text()).toList()); }

    @Test
    void aConfigurationStartsItsGuestAndItsEndStopsIt() {
        configure(PID, "memory", "48");
        assertEquals(48, rex().spec().memoryMiB());
        assertEquals("org.lguest.guest-rex.cfg", rex().spec().origin().by());
        assertEquals(new Kept("org.lguest.guest-rex.cfg", "rex", true, "runs"), kept());
        remove(PID);
        assertEquals(List.of("start rex", "stop rex"), host.notes);
        assertEquals(List.of(), fleet.kept());
    }

    @Test
    void aWrongValueStartsNothingUntilItIsCorrected() {
        configure(PID, "memory", "much", "cpu", "25");
        assertEquals(List.of(), host.guests());
        assertFalse(kept().well());
        assertTrue(kept().state().startsWith("org.lguest.guest-rex.cfg: memory = much: "), kept().state());
        configure(PID, "memory", "32", "cpu", "25");
        assertEquals(25, rex().limits().cpuPercent());
        assertTrue(kept().well());
    }

    @Test
    void anEditThatMakesNoSenseLeavesTheGuestAlone() {
        configure(PID);
        configure(PID, "restart", "sometimes");
        assertFalse(rex().dead());
        assertTrue(kept().state().contains("org.lguest.guest-rex.cfg: restart = sometimes: want never, on-crash or always"), kept().state());
        ends(Ending.Kind.CRASH, "oops");
        agenda.pass(Duration.ofHours(1));
        assertTrue(rex().dead(), "nothing is started before the file makes sense");
        configure(PID);
        assertFalse(rex().dead());
    }

    @Test
    void whatCanChangeLiveChangesAndTheRestIsTold() {
        configure(PID, "block", "mem:1M,rate=1M");
        Guest g = rex();
        configure(PID, "block", "mem:1M,rate=2M", "cpu", "50", "shutdown", "halt", "prefer.cpu", "other", "restart", "always");
        assertSame(g, rex());
        assertEquals(50, g.limits().cpuPercent());
        assertEquals(2 << 20, g.limits().device(0).bytes());
        assertEquals("halt", g.spec().farewell().words());
        assertTrue(host.notes.contains("prefer rex cpu other"), host.notes::toString);
        assertTrue(log(g).endsWith("its configuration was edited; changed: limits, prefer, shutdown, restart"), log(g));
        configure(PID, "block", "mem:2M", "memory", "64");
        assertTrue(log(g).contains("needs a restart: memory, devices (lguest:restart rex)"), log(g));
        assertTrue(host.notes.contains("prefer rex cpu "), host.notes::toString);
        assertTrue(fleet.restart("rex"));
        agenda.run();
        assertNotSame(g, rex());
        assertEquals(64, rex().spec().memoryMiB());
        assertEquals(1, rex().spec().origin().restarts());
    }

    @Test
    void aPreferenceForSomebodyWhoIsNotThereYetIsKept() {
        configure(PID);
        configure(PID, "prefer.cpu", "nobody");
        assertEquals("nobody", rex().spec().wish("cpu"));
        assertTrue(log(rex()).contains("prefer.cpu = nobody: nobody goes by 'nobody'"), log(rex()));
    }

    @Test
    void aCrashedGuestComesBackLaterAndLaterUntilItHasRunWell() {
        configure(PID, "restart", "on-crash", "restart-delay", "2s", "restart-factor", "3", "restart-most", "10s", "restart-reset", "1m");
        for (int seconds : new int[] {2, 6, 10, 10}) {
            Guest g = rex();
            ends(Ending.Kind.CRASH, "oops");
            agenda.pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertSame(g, rex(), seconds + " s are not over");
            agenda.pass(Duration.ofMillis(1));
            assertNotSame(g, rex());
            assertTrue(log(g).contains("starts again in " + seconds + ".0 s"), log(g));
        }
        assertEquals(4, rex().spec().origin().restarts());
        agenda.pass(Duration.ofMinutes(1));
        ends(Ending.Kind.KILLED, "bad guest");
        assertTrue(log(rex()).contains("starts again in 2.0 s, restart 5: bad guest"), log(rex()));
    }

    @Test
    void policiesTellEndingsApart() {
        configure(PID, "restart", "on-crash");
        ends(Ending.Kind.POWER_OFF, "Power down");
        agenda.pass(Duration.ofHours(1));
        assertTrue(rex().dead() && kept().well() && kept().state().contains("has ended: Power down"), kept().state());
        configure(PID, "restart", "never");
        ends(Ending.Kind.CRASH, "oops");
        agenda.pass(Duration.ofHours(1));
        assertTrue(rex().dead() && !kept().well(), kept().state());
        configure(PID, "restart", "always");
        ends(Ending.Kind.POWER_OFF, "Power down");
        agenda.pass(Duration.ofHours(1));
        assertFalse(rex().dead());
    }

    @Test
    void aGuestThatRestartsItselfIsBackAtOnceWithWhatItWasGivenMeanwhile() {
        configure(PID, "restart", "never");
        Guest g = rex();
        g.limit(g.limits().cpu(10));
        ends(Ending.Kind.RESTART, "restart");
        assertNotSame(g, rex());
        assertEquals(10, rex().limits().cpuPercent());
        assertEquals(List.of("start rex", "start rex"), host.notes);
    }

    @Test
    void whoTheUserStopsStaysStoppedWhateverThePolicyAndWhoeverKeepsIt() {
        configure(PID, "restart", "always");
        host.stop(rex(), Farewell.NONE);
        agenda.run();
        agenda.pass(Duration.ofHours(1));
        assertEquals(List.of(), host.guests());
        assertTrue(kept().state().contains("stopped by the user"), kept().state());
        succeed();
        configure(PID, "restart", "always");
        assertEquals(List.of(), host.guests(), "another bundle is no reason to start it");
        assertTrue(fleet.restart("org.lguest.guest-rex.cfg"));
        agenda.run();
        assertFalse(rex().dead());
    }

    @Test
    void whoIsKilledWhileItWaitsForItsRestartStaysDead() {
        configure(PID, "restart", "always");
        ends(Ending.Kind.CRASH, "oops");
        rex().dismiss();
        agenda.pass(Duration.ofHours(1));
        assertTrue(rex().dead());
        assertTrue(kept().state().contains("stopped by the user"), kept().state());
    }

    @Test
    void aSuccessorFindsTheGuestsAndGoesOn() {
        configure(PID, "restart", "always");
        Guest g = rex();
        succeed();
        configure(PID, "restart", "always");
        assertSame(g, rex());
        assertEquals(List.of("start rex"), host.notes);
        ends(Ending.Kind.CRASH, "oops");
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(1, rex().spec().origin().restarts());
        fleet.close();
        rex().kill("while nobody looks");
        begin();
        configure(PID, "restart", "always");
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(2, rex().spec().origin().restarts());
    }

    @Test
    void anEditWhileNobodyLooksIsNoticedByTheSuccessor() {
        configure(PID, "block", "mem:1M", "restart", "never");
        Guest g = rex();
        g.limit(g.limits().cpu(10)); // by the user
        g.amend(s -> s.with(List.of(s.devices().getFirst(), new GuestSpec.Device("rng", "", true))).prefer("mmu", "theirs")); // as "plug" and "swap" do
        succeed();
        configure(PID, "block", "mem:1M", "restart", "never");
        assertEquals("runs", kept().state());
        assertEquals(10, g.limits().cpuPercent(), "what the user did is not undone");
        assertEquals("theirs", g.spec().wish("mmu"));
        succeed();
        configure(PID, "block", "mem:1M", "memory", "64", "cpu", "50", "prefer.cpu", "other", "restart", "never");
        assertSame(g, rex());
        assertEquals(50, g.limits().cpuPercent());
        assertTrue(host.notes.contains("prefer rex cpu other"), host.notes::toString);
        assertEquals("runs, and needs a restart: memory", kept().state());
        succeed();
        configure(PID, "block", "mem:1M", "memory", "64", "cpu", "50", "prefer.cpu", "other", "restart", "never");
        assertEquals("runs, and needs a restart: memory", kept().state(), "this is told by the guest, not by its words");
    }

    @Test
    void anEditWhileNobodyLooksStartsWhoDoesNotRun() {
        configure(PID, "restart", "never");
        ends(Ending.Kind.CRASH, "oops");
        succeed();
        configure(PID, "restart", "never");
        assertTrue(rex().dead(), "the same words are no edit");
        succeed();
        configure(PID, "restart", "never", "memory", "64");
        assertEquals(64, rex().spec().memoryMiB());
        assertFalse(rex().dead());
    }

    @Test
    void aConfigurationThatGoesWhileNobodyLooksEndsItsGuestWhenAllAreTold() {
        configure(PID);
        configure("org.lguest.guest~fido", "memory", "16");
        Guest rex = rex(), fido = host.find("fido").orElseThrow();
        succeed();
        configure("org.lguest.guest~fido", "memory", "16");
        agenda.pass(Fleet.ALL_TOLD.minusMillis(1));
        assertFalse(rex.dead(), "its file may be read later than ours");
        agenda.pass(Duration.ofMillis(1));
        assertTrue(rex.dead() && rex.dismissed());
        assertFalse(fido.dead());
        configure(PID, "memory", "48");
        assertEquals(48, rex().spec().memoryMiB(), "a new one is a new guest");
    }

    /** The bundle is replaced. */
    private void succeed() {
        fleet.close();
        begin();
    }

    @Test
    void anotherFileOfTheSameGuestWaitsUntilTheFirstHasLeft() {
        configure(PID);
        fleet.deleted(PID);
        configure("org.lguest.guest~other", "name", "rex", "memory", "16");
        assertEquals(16, rex().spec().memoryMiB());
        assertEquals(List.of("start rex", "stop rex", "start rex"), host.notes);
    }

    @Test
    void aGuestThatCannotBeLaunchedIsTold() {
        host.refusal = "there is no file vmlinux";
        configure(PID, "kernel", "vmlinux");
        assertEquals("was not started: there is no file vmlinux", kept().state());
        host.refusal = null;
        fleet.restart("rex");
        agenda.run();
        host.refusal = "the disk is in use";
        ends(Ending.Kind.CRASH, "oops");
        agenda.pass(Duration.ofSeconds(1));
        assertTrue(kept().state().startsWith("starts again in 2.0 s"), kept().state());
        host.refusal = null;
        agenda.pass(Duration.ofSeconds(2));
        assertFalse(rex().dead());
    }

    @Test
    void withoutAutostartItWaitsForTheUser() {
        configure(PID, "autostart", "false");
        assertEquals(List.of(), host.guests());
        fleet.restart("rex");
        agenda.run();
        assertFalse(rex().dead());
        assertFalse(fleet.restart("fido"));
    }
}
