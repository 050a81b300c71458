package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lguest} as a script calls it: arguments, pipes, exit status. */
@Timeout(1800)
class CommandLineIT {
    @TempDir Path folder;

    private record Outcome(int status, String out, String err) { }

    private Outcome lguest(String typed, String... arguments) throws IOException, InterruptedException { return lguest(Map.of(), typed, arguments); }

    private Outcome lguest(Map<String, String> environment, String typed, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Distribution.home().resolve("bin/lguest").toString()));
        command.addAll(List.of(arguments));
        Path in = Files.writeString(folder.resolve("in"), typed);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder b = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        b.environment().putAll(environment);
        Process p = b.start();
        try {
            assertTrue(p.waitFor(900, TimeUnit.SECONDS), () -> "still running; it printed: " + read(out) + read(err));
        } finally {
            p.destroyForcibly();
        }
        return new Outcome(p.exitValue(), read(out), read(err));
    }

    private static String read(Path p) {
        try {
            return Files.readString(p, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void selftestFromAPipePrintsAResultAndExits0() throws Exception {
        Outcome o = lguest("selftest\n");
        assertEquals(0, o.status, o::toString);
        assertTrue(o.out.matches("(?s).*selftest: [1-9]\\d* passed, 0 failed.*"), o::toString);
        assertEquals("", o.err);
    }

    @Test
    void aGuestThatHasTestedItselfMayDoSoAgain() throws Exception {
        Outcome o = lguest("selftest\nselftest\nselftest\n");
        assertEquals(0, o.status, o::toString);
        assertEquals(3, o.out.split("selftest: [1-9]\\d* passed, 0 failed", -1).length - 1, o::toString);
    }

    @Test
    void flightRecorderIsToldOfGeneratedCodeAndWhenAskedOfSideExits() throws Exception {
        Path recording = folder.resolve("guest.jfr");
        Outcome o = lguest(Map.of("LGUEST_JAVA_OPTS", "-Xlog:jfr*=off -XX:StartFlightRecording:filename=" + recording + ",+org.lguest.SideExit#enabled=true"), "selftest\n");
        assertEquals(0, o.status, o::toString);
        assertEquals("", o.err);
        Set<String> told = RecordingFile.readAllEvents(recording).stream().map(e -> e.getEventType().getName()).filter(n -> n.startsWith("org.lguest.")).collect(Collectors.toSet());
        assertEquals(Set.of("org.lguest.Generate", "org.lguest.SideExit"), told);
    }

    @Test
    void generatedCodeReachesMemoryByTheJdksOwnWay() throws Exception {
        Path classes = folder.resolve("classes");
        Outcome o = lguest(Map.of("LGUEST_JAVA_OPTS", "-Xlog:class+load:file=" + classes), "selftest\n");
        assertEquals(0, o.status, o::toString);
        String loaded = read(classes);
        assertTrue(loaded.contains("org.lguest.cpu.tiered.Generated_"), "nothing was generated");
        assertTrue(loaded.contains("org.lguest.cpu.tiered.Direct "), "see Add-Exports in the boot bundle's manifest");
    }

    @Test
    void aPanicExits1WithItsReason() throws Exception {
        Outcome o = lguest("panic at the disco\n");
        assertEquals(1, o.status, o::toString);
        assertTrue(o.err.contains("at the disco"), o::toString);
    }

    @Test
    void aDiskOfTheCommandLineIsTheGuests() throws Exception {
        Path image = Files.write(folder.resolve("disk.img"), new byte[8 * 512]);
        Outcome o = lguest("blk write 1 hello disk\nblk read 1\n", "--block=" + image);
        assertEquals(0, o.status, o::toString);
        assertEquals("hello disk", new String(Files.readAllBytes(image), 512, 10, StandardCharsets.US_ASCII));
    }

    @Test
    void aMissingKernelIsASentenceAndStatus1() throws Exception {
        Outcome o = lguest("", "32", folder.resolve("nothing").toString());
        assertEquals(1, o.status, o::toString);
        assertTrue(o.err.startsWith("lguest: "), o::toString);
        assertTrue(o.err.contains("does not exist"), o::toString);
        assertFalse(o.err.contains("Exception"), o::toString);
    }

    @Test
    void wordsThatMakeNoSenseAreStatus2() throws Exception {
        assertEquals(2, lguest("", "--bogus").status);
        assertEquals(2, lguest("", "many", "puppy").status);
    }

    @Test
    void helpAndVersionGoToStandardOutput() throws Exception {
        Outcome o = lguest("", "--help");
        assertEquals(0, o.status);
        assertTrue(o.out.contains("--initrd=FILE"), o::toString);
        assertTrue(lguest("", "--version").out.contains("jlguest"));
    }

    @Test
    void wordsBehindTheKernelReachIt() throws Exception {
        Outcome o = lguest("", "32", "puppy", "run=\"echo woof; poweroff\"");
        assertEquals(0, o.status, o::toString);
        assertTrue(o.out.contains("woof"), o::toString);
    }

    @Test
    void aRestartBootsAgainOnTheSameTerminal() throws Exception {
        Outcome o = lguest("restart\n");
        assertEquals(0, o.status, o::toString);
        assertEquals(2, o.out.split("hello, Host", -1).length - 1, o::toString);
    }

    @Test
    void everyErrorIsOneSentence() throws Exception {
        Path noise = Files.write(folder.resolve("noise"), new byte[5000]);
        String[][] usage = {{"--frobnicate"}, {"much"}, {"--block"}, {"--rng=yes"}, {"--block=overlay:"}, {"--engine=nobody"}};
        String[][] launch = {{"32", noise.toString()}, {"1"}, {"--initrd=/no/such/initrd"}, {"--block=/no/such/disk"}, {"--name=two words"},
            {"--console-log=/no/such/folder/log"}, {"--tunnet=bridge:nobridge"}};
        for (String[] words : usage) oneSentence(2, lguest("", words));
        for (String[] words : launch) oneSentence(1, lguest("", words));
    }

    private static void oneSentence(int status, Outcome o) {
        assertEquals(status, o.status, o::toString);
        assertEquals(1, o.err.lines().count(), o::toString);
        assertTrue(o.err.startsWith("lguest: "), o::toString);
    }

    @Test
    void verboseTellsTheGuestsLifeOnStandardError() throws Exception {
        Outcome o = lguest("", "--verbose", "--name=rex");
        assertEquals(0, o.status, o::toString);
        assertTrue(o.err.contains("rex: POWER_OFF"), o::toString);
    }

    @Test
    void aSignalEndsTheGuestAndLeavesNothingBehind() throws Exception {
        Path temp = Files.createDirectory(folder.resolve("tmp"));
        ProcessBuilder b = new ProcessBuilder(Distribution.home().resolve("bin/lguest").toString()).redirectErrorStream(true);
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        b.environment().put("LGUEST_JAVA_OPTS", "-Djava.io.tmpdir=" + temp);
        Process p = b.start();
        try {
            var out = p.getInputStream();
            StringBuilder seen = new StringBuilder();
            for (int c; seen.indexOf("puppy> ") < 0 && (c = out.read()) >= 0;) seen.append((char) c);
            assertTrue(seen.indexOf("puppy> ") > 0, seen::toString);
            p.destroy();
            assertTrue(p.waitFor(300, TimeUnit.SECONDS));
            assertEquals(143, p.exitValue());
        } finally {
            p.destroyForcibly();
        }
        try (var left = Files.list(temp)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void whatTheFirstStartKeepsForLaterOnesIsUsedAndCanBeSpoilt() throws Exception {
        Path caches = folder.resolve("caches"), classes = folder.resolve("classes");
        Map<String, String> here = Map.of("XDG_CACHE_HOME", caches.toString());
        assertEquals(0, lguest(here, "", "--version").status);
        BooleanSupplier made = () -> aotCache(caches) != null;
        assertTrue(Await.until(made) || Await.until(made) || Await.until(made), "no cache was made"); // by somebody who gives way to everybody
        Outcome watched = lguest(Map.of("XDG_CACHE_HOME", caches.toString(), "LGUEST_JAVA_OPTS", "-Xlog:class+load:file=" + classes), "", "--version");
        assertEquals(0, watched.status, watched::toString);
        assertTrue(read(classes).matches("(?s).*org\\.apache\\.felix\\.framework\\.Felix source: shared objects file.*"), "Felix does not come from the cache");
        assertTrue(read(classes).matches("(?s).*org\\.lguest\\.host\\.\\S+ source: shared objects file.*"), "the bundles do not come from the cache");
        try (var cache = Files.newByteChannel(aotCache(caches), StandardOpenOption.WRITE)) {
            cache.truncate(100_000);
        }
        Outcome spoilt = lguest(here, "", "--help");
        assertEquals(0, spoilt.status, spoilt::toString);
        assertFalse((spoilt.out + spoilt.err).contains("AOT cache has"), spoilt::toString);
    }

    /** The finished one; null when there is none. */
    private static Path aotCache(Path caches) {
        try (var files = Files.walk(caches)) {
            return files.filter(f -> f.toString().endsWith(".aot")).filter(Files::isRegularFile).findFirst().orElse(null);
        } catch (IOException | UncheckedIOException e) { // it is being made
            return null;
        }
    }

    @Test
    void runsFromAnInstallationThatCannotBeWritten() throws Exception {
        assertEquals(List.of(), changedFiles(() -> assertEquals(0, lguest("").status)), "files of the installation that a run wrote");
    }

    private interface Act {
        void run() throws Exception;
    }

    private static List<Path> changedFiles(Act act) throws Exception {
        var before = java.nio.file.attribute.FileTime.from(java.time.Instant.now());
        act.run();
        try (var files = Files.walk(Distribution.home())) {
            return files.filter(f -> {
                try {
                    return Files.getLastModifiedTime(f).compareTo(before) > 0;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }).toList();
        }
    }
}
