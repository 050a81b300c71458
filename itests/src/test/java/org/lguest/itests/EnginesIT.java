package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.inject.Inject;
import jdk.jfr.Recording;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.part.Host;
import org.osgi.framework.BundleContext;

/** The engine that generates code, beside the one that does not. */
@OnThePlatform
@Timeout(1800)
class EnginesIT {
    private static final int SWAPS = Integer.getInteger("engines.swaps", 6);
    private static final long STRETCH = 30_000_000;
    private static final Pattern WORKER = Pattern.compile("churn: (\\w+) (\\d+), wrong (\\d+)");

    @Inject Host host;
    @Inject CommandProcessor gogo;
    @Inject BundleContext context;

    @AfterEach
    void end() {
        Session.endAll(host);
    }

    private String run(String command) throws Exception { return run(command, new ByteArrayOutputStream()); }

    private String run(String command, ByteArrayOutputStream out) throws Exception {
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        try (CommandSession s = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, print)) {
            s.currentDir(Path.of("").toAbsolutePath());
            return String.valueOf(s.execute(command));
        }
    }

    private String refusal(String command) { return assertThrows(Exception.class, () -> run(command)).toString(); }

    private Session start(String words) throws Exception {
        run("lguest:start --name=fido " + words);
        Session s = new Session(host, host.find("fido").orElseThrow());
        s.await("puppy> ");
        return s;
    }

    private static List<GeneratedCode> generated(Guest g) {
        CpuEngine engine = g.vcpu().parts().cpu();
        return engine == null ? List.of() : engine.generated(g);
    }

    /** This framework hides what Flight Recorder has its events call, see {@link Distribution#options}; the distribution's does not. */
    @Test
    void codeIsGeneratedWhereFlightRecorderCannotBeToldOfIt() throws Exception {
        try (Recording recording = new Recording(); Session s = start("--engine=tiered")) {
            recording.start();
            for (int round = 0; round < 20 && generated(s.guest).isEmpty(); round++) s.puppy("selftest");
            assertTrue(Await.until(() -> !generated(s.guest).isEmpty()), "nothing became hot");
        }
    }

    @Test
    void puppyPassesItsOwnTestsWhileItsCodeIsGenerated() throws Exception {
        try (Session s = start("--engine=tiered --block=mem:1M --rng --net=switch:selftest")) {
            assertTrue(run("lguest:swap fido cpu").contains("*tiered, "));
            for (int round = 0; round == 0 || round < 20 && generated(s.guest).isEmpty(); round++) {
                String report = s.puppy("selftest");
                assertTrue(report.matches("(?s).*selftest: 1[0-9]{2} passed, 0 failed\\s*"), report);
            }
            assertTrue(Await.until(() -> !generated(s.guest).isEmpty()), "nothing became hot");
            s.type("poweroff");
            assertEquals(Ending.Kind.POWER_OFF, s.ending().kind());
        }
    }

    @Test
    void enginesChangePlacesUnderAGuestThatLooksClosely() throws Exception {
        run("lguest:start --name=rex --net=switch:engines --engine=tiered");
        try (Session rex = new Session(host, host.find("rex").orElseThrow()); Session s = start("--rng --block=mem:1M --net=switch:engines")) {
            rex.await("puppy> ");
            rex.puppy("ip 10.9.0.2/24");
            s.puppy("ip 10.9.0.1/24");
            s.type("churn 10.9.0.2");
            s.await("at work\r\n");
            for (int i = 0; i < SWAPS; i++) {
                String engine = i % 2 == 0 ? "tiered" : "interpreter";
                assertTrue(run("lguest:swap fido cpu " + engine).contains("*" + engine));
                long begin = s.guest.cpu().retired;
                assertTrue(Await.until(() -> s.guest.cpu().retired - begin > STRETCH && generated(s.guest).isEmpty() == engine.equals("interpreter")),
                    () -> engine + " does not get on: " + s.guest.life() + ", " + (s.guest.cpu().retired - begin) + " instructions, "
                        + generated(s.guest).size() + " regions");
            }
            s.type("\3");
            s.await(" wrong in all");
            List<MatchResult> workers = WORKER.matcher(s.screen()).results().toList();
            assertEquals(6, workers.size(), s::screen);
            for (MatchResult m : workers) assertTrue(!m.group(2).equals("0") && m.group(3).equals("0"), m.group());
        }
    }

    @Test
    void jitTellsWhatWasGeneratedAndFromWhat() throws Exception {
        try (Session s = start("--engine=tiered")) {
            for (int round = 0; round < 20 && generated(s.guest).isEmpty(); round++) s.puppy("selftest");
            assertTrue(Await.until(() -> !generated(s.guest).isEmpty()), "nothing became hot");
            List<String> lines = run("lguest:jit fido 3").lines().toList();
            assertTrue(lines.get(0).matches("ADDRESS +SHARE% +GUEST +BYTES +ENTRIES +INSTRUCTIONS +AN ENTRY +STOPS"), lines::toString);
            assertTrue(lines.getLast().matches("[1-9]\\d* regions did \\d+\\.\\d % of all \\d+ instructions"), lines::toString);
            String address = lines.get(1).split(" ")[0];
            assertTrue(run("lguest:jit fido " + address).matches("(?s)" + address
                + ": \\d+ instructions became \\d+ bytes; .*\n *[0-9a-f]{3,8}  [a-z].*"), () -> refusedOr(address));
            assertTrue(run("lguest:jit fido " + address + " --bytecode").contains("Load"), "the JVM's instructions");
            assertTrue(refusal("lguest:jit fido 0x1").contains("no code begins at 0x00000001 of fido"));
            assertTrue(refusal("lguest:jit fido much").contains("want how many to list"));
            var out = new ByteArrayOutputStream();
            run("lguest:top fido", out);
            assertTrue(out.toString(StandardCharsets.UTF_8).matches("(?s).*generated   [1-9]\\d* regions, \\d+\\.\\d % of instructions, "
                + "\\d+ stops/s.*"), out::toString);
            offersAddresses(address);
        }
    }

    private String refusedOr(String address) {
        try {
            return run("lguest:jit fido " + address);
        } catch (Exception e) {
            return e.toString();
        }
    }

    private void offersAddresses(String address) throws Exception {
        var reference = context.getServiceReference("org.lguest.shell.JitCommand");
        Object command = context.getService(reference);
        var completions = command.getClass().getMethod("completions", List.class, int.class);
        assertEquals(List.of("fido"), completions.invoke(command, List.of("jit", ""), 1));
        assertTrue(((List<?>) completions.invoke(command, List.of("jit", "fido", ""), 2)).stream().allMatch(a -> a.toString().matches("0x[0-9a-f]{8}")));
        assertEquals(List.of("--bytecode"), completions.invoke(command, List.of("jit", "fido", address, ""), 3));
        context.ungetService(reference);
    }

    @Test
    void anEngineThatGeneratesNothingAndOneThatNobodyKnowsAreTold() throws Exception {
        try (Session s = start("--engine=interpreter")) {
            String said = refusal("lguest:jit fido");
            assertTrue(said.startsWith("no code is in use that was generated for fido: the engine org.lguest.cpu ")
                && said.contains("\"lguest:swap fido cpu tiered\""), said);
            assertTrue(refusal("lguest:start --engine=teared").matches("there is no engine 'teared'; did you mean tiered\\?; there are: .*interpreter.*"));
        }
    }
}
