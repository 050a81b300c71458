package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Host;
import org.lguest.api.part.Seat;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/** The commands of the Gogo scope {@code lguest}. */
@OnThePlatform
@Timeout(1800)
class CommandsIT {
    @Inject Host host;
    @Inject CommandProcessor gogo;
    @Inject BundleContext context;
    private Guest guest;
    private Session session;

    @BeforeEach
    void start() throws Exception {
        assertEquals("fido started", run("lguest:start --name=fido --grace=300 32"));
        guest = host.find("fido").orElseThrow();
        session = new Session(host, guest);
        session.await("puppy> ");
    }

    @AfterEach
    void end() {
        session.close();
        Session.endAll(host);
    }

    private String run(String command) throws Exception { return run(command, "", new ByteArrayOutputStream()); }

    private String run(String command, String typed, ByteArrayOutputStream out) throws Exception {
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (CommandSession s = gogo.createSession(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)), print, print)) {
            s.currentDir(Path.of("").toAbsolutePath());
            return String.valueOf(s.execute(command));
        }
    }

    @Test
    void listTellsNameLifeAndMemory() throws Exception {
        String list = run("lguest:list");
        assertTrue(list.lines().anyMatch(l -> l.matches("\\d+ +fido +running +32 MB +shell +0 +puppy \\(bundled\\)")), list);
    }

    @Test
    void plugGivesTheGuestADeviceOrSaysWhichThereAre() throws Exception {
        assertEquals("rng 1 plugged", run("lguest:plug fido rng"));
        assertTrue(run("lguest:info fido").contains("rng 1         host:"));
        String m = assertThrows(Exception.class, () -> run("lguest:plug fido lamp")).getMessage();
        assertTrue(m.contains("no lamp device is installed; there are: block, console"), m);
        m = assertThrows(Exception.class, () -> run("lguest:plug fido net:pigeon")).getMessage();
        assertTrue(m.contains("no backend 'pigeon'"), m);
        m = assertThrows(Exception.class, () -> run("lguest:plug nobody rng")).getMessage();
        assertTrue(m.contains("nobody"), m);
    }

    @Test
    void infoCountsWhatTheGuestDid() throws Exception {
        String info = run("lguest:info fido");
        assertTrue(info.contains("LGUEST_INIT 1") && info.contains("console 0"), info);
    }

    @Test
    void aDeviceThatWaitsForItsModelIsToldAndServedWhenItIsThere() throws Exception {
        Bundle console = Arrays.stream(context.getBundles()).filter(b -> "org.lguest.device.console".equals(b.getSymbolicName())).findFirst().orElseThrow();
        console.stop();
        try {
            session.type("echo patience");
            assertEquals(List.of("console0"), host.missing(guest));
            assertTrue(run("lguest:list").contains("puppy (bundled), waits for somebody in the seat of the console0"), () -> tried("lguest:list"));
            assertTrue(run("lguest:health").contains("fido waits for somebody in the seat of the console0"), () -> tried("lguest:health"));
        } finally {
            console.start();
        }
        session.await("patience\r\npatience");
        assertEquals(List.of(), host.missing(guest));
    }

    @Test
    void numbersServeAsNames() throws Exception { assertEquals(run("lguest:parts fido"), run("lguest:parts " + guest.id())); }

    @Test
    void partsNamesTheBundleInEachSeat() throws Exception {
        String parts = run("lguest:parts fido");
        for (String seat : new String[] {"cpu: org.lguest.cpu ", "mmu: org.lguest.mmu ", "switcher: org.lguest.switcher ", "clock: org.lguest.clock ",
            "hypercalls.io: org.lguest.hypercalls ", "console0: org.lguest.device.console ", "console0.backend: org.lguest.backends "})
            assertTrue(parts.contains(seat), () -> seat + " in " + parts);
    }

    @Test
    void swapSeatsWhomOneNamesAndTakesItBack() throws Exception {
        CpuEngine usual = guest.vcpu().parts().cpu();
        ServiceRegistration<CpuEngine> there = context.registerService(CpuEngine.class, SwapIT.handingOnTo(usual),
            new Hashtable<>(Map.of(Seat.NAME, "handing", Constants.SERVICE_RANKING, -1)));
        try {
            assertTrue(run("lguest:swap fido cpu").matches("cpu: \\*tiered, org.lguest.cpu \\S+ \\(tiered\\); .*handing, .*"), () -> tried("lguest:swap fido cpu"));
            assertTrue(run("lguest:swap fido cpu handing").startsWith("cpu: *handing, "));
            assertTrue(run("lguest:parts fido").contains("(handing)"));
            assertTrue(session.puppy("echo with another one").contains("with another one"));
            there.setProperties(new Hashtable<>(Map.of(Seat.NAME, "other", Constants.SERVICE_RANKING, -1)));
            assertTrue(run("lguest:parts fido").contains("(tiered), not the wanted handing"), () -> tried("lguest:parts fido"));
            there.setProperties(new Hashtable<>(Map.of(Seat.NAME, "handing", Constants.SERVICE_RANKING, -1)));
            assertTrue(run("lguest:swap fido cpu auto").startsWith("cpu: *tiered"), () -> tried("lguest:swap fido cpu"));
            assertEquals(usual, guest.vcpu().parts().cpu());
        } finally {
            there.unregister();
        }
    }

    private String tried(String command) {
        try {
            return run(command);
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void swapRefusesWhatMakesNoSenseWithASentence() throws Exception {
        assertTrue(refusal("lguest:swap fido cpu nobody").contains("nobody goes by 'nobody' for the seat cpu; there are: tiered"));
        assertTrue(refusal("lguest:swap fido cpo auto").contains("fido has no seat 'cpo'; did you mean cpu?"));
        assertTrue(refusal("lguest:swap fido launcher any").contains("nobody goes by 'any' for the seat launcher; there are: "));
        assertTrue(refusal("lguest:swap").contains("it takes"));
        assertTrue(refusal("lguest:swap rex").contains("there is no guest rex"));
    }

    private String refusal(String command) { return assertThrows(Exception.class, () -> run(command)).toString(); }

    @Test
    void completionKnowsGuestsSeatsAndProviders() throws Exception {
        var reference = context.getServiceReference("org.lguest.shell.SwapCommand");
        Object command = context.getService(reference);
        var completions = command.getClass().getMethod("completions", List.class, int.class);
        assertEquals(List.of("fido"), completions.invoke(command, List.of("swap", ""), 1));
        assertTrue(((List<?>) completions.invoke(command, List.of("swap", "fido", "co"), 2))
            .containsAll(List.of("cpu", "hypercalls.io", "console0", "console0.backend")));
        assertTrue(((List<?>) completions.invoke(command, List.of("swap", "fido", "cpu", ""), 3)).containsAll(List.of("interpreter", "tiered", "auto")));
        assertEquals(List.of(), completions.invoke(command, List.of("swap", "fido", "cpu", "auto", ""), 4));
        context.ungetService(reference);
    }

    @Test
    void listTellsForWhomAGuestWaits() throws Exception {
        Bundle model = Arrays.stream(context.getBundles()).filter(b -> "org.lguest.device.console".equals(b.getSymbolicName())).findFirst().orElseThrow();
        model.stop();
        try {
            assertTrue(run("lguest:list").contains("waits for somebody in the seat of the console0"), () -> tried("lguest:list"));
        } finally {
            model.start();
        }
        assertFalse(run("lguest:list").contains("waits"));
    }

    @Test
    void regsShowsAKernelAtRingOne() throws Exception {
        run("lguest:pause fido");
        String regs = run("lguest:regs fido");
        assertTrue(regs.contains("eip=") && regs.contains("cs=0061"), regs);
        assertEquals(regs, run("lguest:regs fido"), "a paused guest does not move");
        run("lguest:resume fido");
        assertTrue(session.puppy("echo moving").contains("moving"));
    }

    @Test
    void consoleShowsWhatWasAndTypesUntilDetached() throws Exception {
        var out = new ByteArrayOutputStream();
        String end = run("lguest:console fido", "echo typed\r\u001D", out);
        assertEquals("\ndetached from fido", end);
        assertTrue(out.toString(StandardCharsets.US_ASCII).contains("puppy> "));
        session.await("typed\r\n");
        assertFalse(guest.dead());
    }

    @Test
    void stopTypesWhatItIsToldAndTheGuestPowersOff() throws Exception {
        assertEquals("fido stopped: Power down", run("lguest:stop fido poweroff"));
        assertTrue(host.find("fido").isEmpty());
    }

    @Test
    void stopWithoutWordsAsksPuppyInItsOwnWords() throws Exception {
        assertEquals("fido stopped: Power down", run("lguest:stop fido"));
        assertEquals(Ending.Kind.POWER_OFF, guest.endingNow().kind());
    }

    @Test
    void killEndsAtOnce() throws Exception {
        assertEquals("fido killed", run("lguest:kill fido"));
        assertEquals(new Ending(Ending.Kind.KILLED, "killed by the user"), guest.endingNow());
    }

    @Test
    void logTellsTheLifeOfADeadGuest() throws Exception {
        session.type("panic fleas");
        session.ending();
        String log = run("lguest:log fido");
        assertTrue(log.contains("started") && log.contains("fleas"), log);
    }

    @Test
    void aConsoleIsDetachedFromAShellThatIsReplacedAndTheNextShellKnowsAllGuests() throws Exception {
        var out = new ByteArrayOutputStream();
        PipedOutputStream keys = new PipedOutputStream();
        CompletableFuture<String> attached = new CompletableFuture<>();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (CommandSession s = gogo.createSession(new PipedInputStream(keys), print, print)) {
            Thread.ofPlatform().start(() -> {
                try {
                    attached.complete(String.valueOf(s.execute("lguest:console fido")));
                } catch (Exception e) {
                    attached.completeExceptionally(e);
                }
            });
            assertTrue(Await.until(() -> out.toString(StandardCharsets.US_ASCII).contains("puppy> ")));
            keys.write("echo before\r".getBytes(StandardCharsets.US_ASCII));
            keys.flush();
            session.await("before\r\nbefore");
            Arrays.stream(context.getBundles()).filter(b -> "org.lguest.shell".equals(b.getSymbolicName())).findFirst().orElseThrow().update();
            assertEquals("\ndetached from fido, since the shell is being replaced", attached.get(300, TimeUnit.SECONDS));
        }
        out.reset();
        assertEquals("\ndetached from fido", run("lguest:console fido", "echo after\r\u001D", out));
        session.await("after\r\nafter");
        session.type("restart"); // a guest of the shell before
        assertEquals(Ending.Kind.RESTART, session.ending().kind());
        assertTrue(Await.until(() -> host.find("fido").filter(g -> g != guest && !g.dead()).isPresent()));
    }

    @Test
    void aRestartedGuestKeepsItsName() throws Exception {
        session.type("restart");
        assertEquals(Ending.Kind.RESTART, session.ending().kind());
        var out = new ByteArrayOutputStream();
        assertTrue(Await.until(() -> host.find("fido").filter(g -> g != guest && g.vcpu() != null).isPresent()));
        run("lguest:console fido", "\u001D", out);
        try (Session next = new Session(host, host.find("fido").orElseThrow())) {
            next.await("puppy> ");
        }
    }

    @Test
    void anUnknownGuestIsNotAnUglyError() {
        Exception e = assertThrows(Exception.class, () -> run("lguest:info rex"));
        assertEquals("there is no guest rex; there are: fido", e.toString());
    }

    @Test
    void theJourneyIsToldByTheBundles() throws Exception {
        String overview = run("lguest:journey");
        assertTrue(overview.contains("H:050") && overview.contains("M:130") && overview.contains("G:010  Welcome to the Guest!"), overview);
        assertTrue(run("lguest:journey H:050").startsWith("H:050  org.lguest.host.GuestHost"), "a station");
        String host = run("lguest:journey host");
        assertTrue(host.indexOf("H:010") < host.indexOf("H:350") && !host.contains("M:130  "), "a part, in order");
        assertTrue(host.endsWith("lguest:journey Switcher goes on: the way from the Host into the Guest and back"), "it leads on");
        assertTrue(overview.contains("P:100  How it starts."), "the jar that is no bundle tells its story, too");
        for (String part : new String[] {"Preparation", "Guest", "Drivers", "Launcher", "Switcher", "Mastery"})
            assertTrue(run("lguest:journey " + part).startsWith(part.charAt(0) + ":010  "), part);
        assertTrue(assertThrows(Exception.class, () -> run("lguest:journey moon")).getMessage().contains("no part or station 'moon'"));
    }

    @Test
    void topTellsRatesOnce() throws Exception {
        var out = new ByteArrayOutputStream();
        run("lguest:top", "", out);
        assertTrue(out.toString(StandardCharsets.UTF_8).matches("(?s)ID  NAME .*MIPS.*\\n1?\\d* *fido .*"), out.toString(StandardCharsets.UTF_8));
        out.reset();
        run("lguest:top fido", "", out);
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("\nhypercalls  "), out.toString(StandardCharsets.UTF_8));
        assertTrue(assertThrows(Exception.class, () -> run("lguest:top nobody")).getMessage().contains("nobody"));
    }

    @Test
    void limitsAreToldChangedAndKeptThroughARestart() throws Exception {
        assertEquals("cpu        off\nconsole0   off", run("lguest:limit fido"));
        assertEquals("cpu        50\nconsole0   off", run("lguest:limit fido cpu 50"));
        assertEquals("cpu        50\nconsole0   rate=64K,ops=1000", run("lguest:limit fido console0 rate=64K,ops=1000"));
        String info = run("lguest:info fido");
        assertTrue(info.contains("at most 50 % of a core") && info.contains("rate=64K,ops=1000"), info);
        assertTrue(session.puppy("echo held back").contains("held back"));
        session.type("restart");
        assertEquals(Ending.Kind.RESTART, session.ending().kind());
        assertTrue(Await.until(() -> host.find("fido").filter(g -> g != guest && g.vcpu() != null).isPresent()));
        assertEquals("cpu        50\nconsole0   rate=64K,ops=1000", run("lguest:limit fido"));
    }

    @Test
    void aTraceShowsInstructionsAndWhatLeadsOutOfTheGuest() throws Exception {
        var out = new ByteArrayOutputStream();
        AtomicBoolean over = new AtomicBoolean();
        Thread typist = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; !over.get(); i++) session.puppy("echo " + i);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        run("lguest:trace fido all --count=40000", "", out);
        over.set(true);
        typist.join();
        String text = out.toString(StandardCharsets.UTF_8);
        assertEquals(40_000, text.lines().count());
        for (String kind : new String[] {"  instruction  ", "  hypercall    ", "  interrupt    irq ", "  request      console 0, queue "})
            assertTrue(text.contains(kind), () -> kind + " in " + text.lines().limit(200).toList());
        assertEquals(null, guest.trace());
    }

    @Test
    void theLastStepsOfADeadGuestAreInItsLog() throws Exception {
        run("lguest:trace fido hypercalls --keep=5");
        assertTrue(assertThrows(Exception.class, () -> run("lguest:trace fido")).toString().contains("is watched already"));
        session.type("panic fleas");
        session.ending();
        assertTrue(Await.until(() -> guest.log().events().stream().anyMatch(e -> e.text().contains("hypercall    SHUTDOWN("))));
    }

    @Test
    void aTraceGoesToAFileUntilItIsEnded() throws Exception {
        Path file = java.nio.file.Files.createTempFile("trace", ".txt");
        run("lguest:trace fido requests --file=" + file);
        session.puppy("echo hello");
        assertEquals("fido is not watched any more", run("lguest:trace fido off"));
        assertTrue(java.nio.file.Files.readString(file).contains("request      console 0, queue 1: request "));
        java.nio.file.Files.delete(file);
    }
}
