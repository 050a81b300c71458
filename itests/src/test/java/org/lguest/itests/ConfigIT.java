package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.Life;
import org.lguest.api.Topics;
import org.lguest.api.part.Host;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.event.EventHandler;

/** A file in {@code load/} is a guest, as long as it lies there. */
@OnThePlatform
@Timeout(1200)
class ConfigIT {
    private static final String NAME = "org.lguest.guest-rex.cfg";

    @Inject Host host;
    @Inject CommandProcessor gogo;
    @Inject BundleContext context;
    private final Path file = Distribution.home().resolve("load").resolve(NAME);

    @AfterEach
    void tidy() throws IOException {
        Files.deleteIfExists(file);
        soon(() -> host.find("rex").isEmpty(), "rex is gone");
    }

    private void configure(String... lines) throws IOException { write(file, lines); }

    private static void write(Path file, String... lines) throws IOException {
        Path draft = Files.write(Files.createTempFile(Distribution.home(), "draft", ""), Arrays.asList(lines));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void soon(BooleanSupplier condition, String what) { assertTrue(Await.until(condition), what); }

    private Guest rex() { return host.find("rex").orElseThrow(); }

    private Guest up(String why) {
        soon(() -> host.find("rex").filter(g -> g.life() == Life.RUNNING).isPresent(), why);
        return rex();
    }

    private boolean logged(Guest g, String text) { return g.log().events().stream().anyMatch(e -> e.text().contains(text)); }

    private String run(String command) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        try (CommandSession s = gogo.createSession(new ByteArrayInputStream(new byte[0]), nowhere, nowhere)) {
            return String.valueOf(s.execute(command));
        } catch (Exception e) {
            throw new AssertionError(command, e);
        }
    }

    @Test
    void aFileIsAGuestFromItsFirstDayToItsLast() throws Exception {
        configure("memory = a lot");
        soon(() -> run("lguest:configs").contains("! " + NAME + ": memory = a lot: "), "what is wrong is told");
        assertTrue(host.find("rex").isEmpty());

        configure("grace = 300", "memory = 32", "block = mem:1M");
        Guest g = up("the corrected file starts it");
        new Session(host, g).await("puppy> ");
        assertTrue(run("lguest:list").contains(NAME));
        String filter = "(&(lguest.guest.name=rex)(lguest.guest.life=running)(lguest.guest.memory=32)(lguest.guest.origin=" + NAME + "))";
        soon(() -> services(filter) == 1, "it is a service");
        assertTrue(run("lguest:health").contains("  " + NAME + ": rex runs"), run("lguest:health"));

        configure("grace = 300", "memory = 32", "block = mem:1M,rate=1M", "cpu = 80", "restart = always");
        soon(() -> g.limits().cpuPercent() == 80, "limits change live");
        assertEquals(1 << 20, g.limits().device(0).bytes());

        Bundle config = Arrays.stream(context.getBundles()).filter(b -> "org.lguest.config".equals(b.getSymbolicName())).findFirst().orElseThrow();
        config.update();
        soon(() -> run("lguest:configs").contains("runs"), "the next bundle finds it");
        assertSame(g, rex());

        configure("grace = 300", "memory = 48", "restart = always");
        soon(() -> logged(g, "needs a restart: memory, devices"), "what cannot change is told");
        soon(() -> run("lguest:configs").contains("needs a restart: memory, devices"), "and so is that it is so");
        assertEquals("rex is started again", run("lguest:restart rex"));
        soon(g::dead, "it is stopped");
        assertEquals(new Ending(Ending.Kind.POWER_OFF, "Power down"), g.endingNow());

        Guest last = up("it is started");
        assertEquals(48, last.spec().memoryMiB());
        new Session(host, last).await("puppy> ");
        Files.delete(file);
        soon(() -> host.find("rex").isEmpty(), "the end of the file is its end");
        assertEquals(new Ending(Ending.Kind.POWER_OFF, "Power down"), last.endingNow(), "it was asked, and not killed");
        soon(() -> services("(lguest.guest.name=rex)") == 0, "a dead guest is no service");
    }

    @Test
    void aGuestThatPanicsIsBackAndOneThatTheUserStopsIsNot() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        ServiceRegistration<EventHandler> handler = context.registerService(EventHandler.class, e -> told.add(e.getTopic() + " " + e.getProperty(Topics.DETAIL)),
            new Hashtable<>(Map.of("event.topics", Topics.GUESTS, "event.filter", "(lguest.guest.memory=40)"))); // and of nobody else who was called rex
        configure("grace = 300", "memory = 40", "restart = on-crash", "restart-delay = 10ms");
        Guest first = up("it starts");
        Session s = new Session(host, first);
        s.await("puppy> ");
        s.type("panic fleas");
        s.ending();
        Guest second = up("it is back");
        assertNotSame(first, second);
        assertEquals(1, second.spec().origin().restarts());
        assertTrue(logged(first, "starts again in 0.01 s"));
        run("lguest:kill rex");
        soon(() -> run("lguest:configs").contains("stopped by the user"), "it is known as stopped");
        assertTrue(host.find("rex").isEmpty());
        List<String> life = List.of(Topics.ADMITTED + " ", Topics.STARTED + " ");
        List<String> all = new ArrayList<>(life);
        all.addAll(List.of(Topics.ENDED + " CRASH: fleas", Topics.FORGOTTEN + " "));
        all.addAll(life);
        all.addAll(List.of(Topics.ENDED + " killed by the user", Topics.FORGOTTEN + " "));
        Await.until(() -> told.size() == all.size());
        assertEquals(all, told);
        handler.unregister();
    }

    private int services(String filter) {
        try {
            return context.getServiceReferences(Guest.class, filter).size();
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whenThePlatformGetsASignalItsGuestsPowerOff() throws Exception {
        Path load = Files.createTempDirectory("load");
        Path log = load.resolve("rex.console");
        write(load.resolve(NAME), "console-log = rex.console", "grace = 300");
        ProcessBuilder b = new ProcessBuilder(Distribution.home().resolve("bin/lguest").toString(), "serve");
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        b.environment().put("LGUEST_JAVA_OPTS", "-Dfelix.fileinstall.dir=" + load);
        Process p = b.redirectErrorStream(true).redirectOutput(load.resolve("out").toFile()).start();
        try {
            soon(() -> text(log).contains("puppy> "), "the guest runs");
            p.destroy();
            assertTrue(p.waitFor(300, TimeUnit.SECONDS), "the platform ends");
            String last = text(log);
            assertTrue(last.contains("poweroff"), last);
            assertFalse(text(load.resolve("out")).contains("xception"), text(load.resolve("out")));
        } finally {
            p.destroyForcibly();
            for (String f : new String[] {NAME, "rex.console", "out"}) Files.deleteIfExists(load.resolve(f));
            Files.deleteIfExists(load);
        }
    }

    private static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
