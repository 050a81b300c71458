package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.Host;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Whoever adds a command to the scope {@code lguest} owes it a description, words for TAB, a sentence for each mistake, and a test. */
@OnThePlatform
@Timeout(1200)
class EveryCommandIT {
    private static final String FUNCTION = "osgi.command.function";
    /** Commands that cannot be given a wrong word, but for too many. */
    private static final List<String> WITHOUT_WORDS = List.of("list", "configs", "health");

    @Inject Host host;
    @Inject CommandProcessor gogo;
    @Inject BundleContext context;

    @AfterEach
    void end() {
        Session.endAll(host);
    }

    private String run(String command) throws Exception {
        PrintStream print = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        try (CommandSession s = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, print)) {
            s.currentDir(Path.of("").toAbsolutePath());
            return String.valueOf(s.execute(command));
        }
    }

    /** Looks at every command and the object that has it. */
    private void each(BiConsumer<String, Object> look) throws Exception {
        var commands = new TreeMap<String, Object>();
        for (ServiceReference<?> r : context.getServiceReferences((String) null, "(&(osgi.command.scope=lguest)(" + FUNCTION + "=*))"))
            for (String f : r.getProperty(FUNCTION) instanceof String[] many ? many : new String[] {r.getProperty(FUNCTION).toString()})
                commands.put(f, context.getService(r));
        assertTrue(commands.size() > 15, commands::toString);
        assertAll(commands.entrySet().stream().map(e -> () -> look.accept(e.getKey(), e.getValue())));
    }

    private static List<Method> methods(String function, Object command) {
        return Arrays.stream(command.getClass().getMethods()).filter(m -> m.getName().equals(function)).toList();
    }

    private static boolean described(Parameter p) { return p.getType() == CommandSession.class || p.isAnnotationPresent(Descriptor.class); }

    @Test
    void everyCommandAndEachOfItsWordsIsDescribed() throws Exception {
        each((function, command) -> {
            assertFalse(methods(function, command).isEmpty(), function);
            for (Method m : methods(function, command)) {
                assertTrue(m.isAnnotationPresent(Descriptor.class), () -> "lguest:" + function + " has no description: " + m);
                for (Parameter p : m.getParameters()) assertTrue(described(p), () -> "a word of lguest:" + function + " has no description: " + p);
            }
        });
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyCommandThatTakesWordsOffersSomeForTab() throws Exception {
        run("lguest:start --name=fido --block=mem:1M");
        Object completions = context.getService(context.getServiceReference("org.lguest.shell.Completions"));
        Method words = completions.getClass().getMethod("words", List.class, int.class);
        each((function, command) -> {
            if (WITHOUT_WORDS.contains(function)) return;
            String typed = function.equals("start") ? "--net=" : "";
            try {
                var offered = (List<String>) words.invoke(completions, List.of("lguest:" + function, typed), 1);
                assertFalse(offered.isEmpty(), () -> "TAB offers nothing for lguest:" + function);
                if (methods(function, command).stream().anyMatch(EveryCommandIT::wantsAGuest))
                    assertTrue(offered.contains("fido"), () -> "TAB offers no guest for lguest:" + function + " but " + offered);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(function, e);
            }
        });
    }

    private static boolean wantsAGuest(Method m) {
        return Arrays.stream(m.getParameters()).filter(p -> p.isAnnotationPresent(Descriptor.class)).limit(1)
            .anyMatch(p -> p.getAnnotation(Descriptor.class).value().contains("number of the guest"));
    }

    @Test
    void thePromptKnowsEveryOptionOfStart() throws IOException {
        String profile = Files.readString(Distribution.home().resolve("conf/etc/gosh_profile"));
        String readme = Files.readString(Path.of("../README.md"));
        List<String> options = List.of(Files.readString(Path.of("../bundles/shell/src/main/resources/org/lguest/shell/usage.txt")).split("\n")).stream()
            .filter(l -> l.startsWith("  --") && l.matches("  --[a-z].*")).map(l -> l.replaceAll("^  --([a-z-]+).*", "$1")).distinct().toList();
        assertTrue(options.size() > 9, options::toString);
        assertAll(options.stream().map(o -> () -> {
            assertTrue(readme.contains("`--" + o), () -> "--" + o + " is not in README.md");
            if (!List.of("version").contains(o)) assertTrue(profile.contains("complete -c lguest:start -l " + o + " "), () -> "the prompt does not complete --" + o);
        }));
    }

    /** Gogo prints an exception as it calls itself; a sentence has no class in front. */
    private static void sentence(String about, Callable<?> action) {
        String said = assertThrows(Exception.class, action::call, about).toString();
        assertFalse(said.isBlank() || said.matches("(?s)[a-z]+(\\.[a-z]+)+\\.[A-Z].*|.*Cannot coerce.*|null"), () -> about + " says: " + said);
    }

    @Test
    void everyCommandAnswersWrongWordsWithASentence() throws Exception {
        each((function, command) -> {
            sentence(function + " with words too many", () -> run("lguest:" + function + " no such thing at all ever"));
            if (methods(function, command).stream().noneMatch(m -> words(m) == 0) && !function.equals("start"))
                sentence(function + " without words", () -> run("lguest:" + function));
            if (methods(function, command).stream().anyMatch(EveryCommandIT::wantsAGuest)) {
                String filling = " x".repeat(methods(function, command).stream().mapToInt(EveryCommandIT::words).min().orElse(1) == 0 ? 0
                    : methods(function, command).stream().filter(EveryCommandIT::wantsAGuest).mapToInt(EveryCommandIT::words).min().orElse(1) - 1);
                Exception e = assertThrows(Exception.class, () -> run("lguest:" + function + " nobody" + filling), function);
                assertEquals("there is no guest; lguest:start starts one", e.toString(), function);
            }
        });
    }

    /** Words that a form of a command cannot do without. */
    private static int words(Method m) { return (int) Arrays.stream(m.getParameters()).filter(p -> p.getType() == String.class).count(); }

    @Test
    void everyCommandHasATestAndALineInTheReadme() throws Exception {
        var tests = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path f : files.filter(p -> p.toString().endsWith("IT.java") && !p.endsWith("EveryCommandIT.java")).toList()) tests.append(Files.readString(f));
        }
        String readme = Files.readString(Path.of("../README.md"));
        each((function, command) -> {
            assertTrue(tests.indexOf("lguest:" + function) >= 0, () -> "no test calls lguest:" + function);
            assertTrue(readme.contains("`" + function), () -> "lguest:" + function + " is not in README.md");
        });
    }

    @Test
    void mistakesAreToldApart() throws Exception {
        run("lguest:start --name=fido --block=mem:1M");
        run("lguest:start --name=rex");
        host.find("rex").orElseThrow().kill("fleas");
        var wrong = new ArrayList<String[]>();
        for (String[] w : new String[][] {
            {"info", "lguest:info cannot do with nothing; it takes <name or number of the guest>"},
            {"info fido rex", "lguest:info cannot do with \"fido rex\""},
            {"list fido", "lguest:list cannot do with \"fido\"; it takes nothing"},
            {"info fidi", "there is no guest fidi; did you mean fido?"},
            {"pause rex", "rex has ended: fleas"}, {"top rex", "rex has ended: fleas"}, {"limit rex cpu 10", "rex has ended: fleas"},
            {"trace rex", "rex has ended: fleas"},
            {"start --blok=a", "did you mean --block?"}, {"start many", "a number above 0"}, {"start --cpu=200", "percent of one core"},
            {"limit fido cpu much", "percent of one core"}, {"limit fido disk rate=1", "what can be limited: cpu, block0, console1"},
            {"limit fido block0 1M", "want rate=BYTES"}, {"limit fido block0", "it takes <name or number of the guest>, or"},
            {"trace fido hypercals", "did you mean hypercalls?"}, {"trace fido --keep=1000", "a number from 1 to 400"}, {"trace fido off", "nobody watches fido"},
            {"trace fido --file=no/such/place", "cannot be written"}, {"journey X:1", "no part or station"}}) wrong.add(w);
        assertAll(wrong.stream().map(w -> () -> {
            String said = assertThrows(Exception.class, () -> run("lguest:" + w[0]), w[0]).toString();
            assertTrue(said.contains(w[1]), () -> w[0] + " says: " + said);
        }));
    }
}
