package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/write-a-virtio-device.md}, done as it is written: its files are those of the example, its commands build, its sessions are
 * typed, and what they show appears.
 *
 * <p>Maven takes plugins and libraries from the repository that this build has filled, as if that were the internet, and keeps what it
 * took in one of its own.
 */
class TutorialIT {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+) ?(\\S*)\\n(.*?)^```$");
    private static final Pattern TYPED = Pattern.compile("(\\$|lguest>|puppy>) (.*)");
    private static final Pattern ESCAPE = Pattern.compile("\033(\\[[0-9;?]*[A-Za-z]|[=>])");
    private static final Path SOURCES = Path.of(System.getProperty("lguest.sources"));
    private static final Path EXAMPLE = SOURCES.resolve("docs/examples/virtio-pantry");

    @TempDir Path folder;
    private Path home, project;
    private OnATerminal terminal;
    private boolean changed;

    /** What is typed at a prompt, null for what only goes on, and what appears. */
    private record Exchange(String prompt, String typed, List<String> shown) { }

    @BeforeEach
    void needsScriptAndMaven() throws Exception {
        OnATerminal.isPossible();
        assumeTrue(new ProcessBuilder("sh", "-c", "command -v mvn").start().waitFor() == 0, "no mvn on the PATH");
        project = Files.createDirectory(folder.resolve("pantry"));
        home = folder.resolve("jlguest");
        copy(Distribution.home(), home);
        prepareMaven();
    }

    @Test
    void whatTheTutorialSaysIsSo() throws Exception {
        int[] done = new int[3];
        try {
            for (Matcher m = BLOCK.matcher(Files.readString(SOURCES.resolve("docs/write-a-virtio-device.md"))); m.find();) {
                switch (m.group(1)) {
                    case "console" -> session(m.group(3), done[0]++ == 0);
                    case "sh" -> shell(m.group(3), done[1]++);
                    case "c" -> assertEquals(Files.readString(SOURCES.resolve(m.group(2))), m.group(3));
                    default -> file(m.group(2), m.group(3), done[2]++);
                }
            }
            terminal.endsWith(0);
        } finally {
            if (terminal != null) terminal.close();
        }
        assertTrue(done[0] >= 5 && done[1] >= 4 && done[2] == 3, "blocks were not found");
    }

    @Test
    void theExampleHasNoFileThatTheTutorialDoesNotTell() throws IOException {
        String tutorial = Files.readString(SOURCES.resolve("docs/write-a-virtio-device.md"));
        try (Stream<Path> files = Files.walk(EXAMPLE)) {
            assertEquals(List.of(), files.filter(Files::isRegularFile).map(f -> EXAMPLE.relativize(f).toString()).filter(f -> !f.startsWith("target/"))
                .filter(f -> !tutorial.contains(" " + f + "\n")).toList());
        }
    }

    private void file(String path, String text, int number) throws IOException {
        assertEquals(Files.readString(EXAMPLE.resolve(path)), text, path);
        Files.createDirectories(project.resolve(path).getParent());
        Files.writeString(project.resolve(path), text);
    }

    private void shell(String commands, int number) throws Exception {
        Path log = folder.resolve("sh" + number + ".log");
        ProcessBuilder b = new ProcessBuilder("sh", "-e", "-c", commands).directory(project.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        b.environment().put("JLGUEST", home.toString());
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        b.environment().put("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        b.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        Process p = b.start();
        boolean ended = p.waitFor(900, TimeUnit.SECONDS);
        p.destroyForcibly();
        assertTrue(ended && p.exitValue() == 0, commands + Files.readString(log));
        changed = true;
    }

    private void session(String transcript, boolean first) throws IOException {
        List<Exchange> all = exchanges(transcript);
        if (first) {
            assertEquals("$JLGUEST/bin/lguest shell", all.removeFirst().typed);
            terminal = new OnATerminal(home, folder, "TERM=xterm; export TERM; ", List.of("shell"));
            terminal.await("lguest> ");
        }
        for (int i = 0; i < all.size(); i++) {
            Exchange e = all.get(i);
            String next = i + 1 < all.size() ? all.get(i + 1).prompt : e.shown.isEmpty() ? null : e.prompt;
            exchange(e, next);
        }
    }

    /** Types, and waits for what is to appear, and for the next prompt if there will be one. A platform needs a moment to see a changed jar. */
    private void exchange(Exchange e, String next) throws IOException {
        String keys = e.typed == null ? "" : e.typed.equals("^]") ? "\035" : e.typed + "\r";
        terminal.type(keys);
        StringBuilder said = new StringBuilder();
        while (next != null) {
            said.append(ESCAPE.matcher(terminal.await(next + " ")).replaceAll(""));
            if (follow(said.toString(), e.shown)) break;
            if (!changed) continue;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            terminal.type(keys);
        }
        if (!e.shown.isEmpty()) changed = false;
    }

    private static boolean follow(String said, List<String> lines) {
        int found = 0;
        for (String l : said.lines().map(String::strip).toList()) if (found < lines.size() && l.equals(lines.get(found))) found++;
        return found == lines.size();
    }

    private static List<Exchange> exchanges(String transcript) {
        List<Exchange> all = new ArrayList<>();
        for (String line : transcript.lines().toList()) {
            Matcher m = TYPED.matcher(line);
            if (m.matches()) all.add(new Exchange(m.group(1), m.group(2), new ArrayList<>()));
            else if (all.isEmpty()) all.add(new Exchange(null, null, new ArrayList<>(List.of(line))));
            else all.getLast().shown.add(line);
        }
        return all;
    }

    private void prepareMaven() throws IOException {
        Path repository = Path.of("target/tutorial-repository").toAbsolutePath();
        delete(repository.resolve("org/lguest"));
        Path settings = Files.writeString(folder.resolve("settings.xml"), "<settings><mirrors><mirror><id>downloaded</id><mirrorOf>central</mirrorOf><url>file://"
            + System.getProperty("lguest.repository") + "</url></mirror></mirrors></settings>\n");
        Path mvn = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
        Files.writeString(mvn, "#!/bin/sh\nPATH=${PATH#*:}\nexec mvn -s '" + settings + "' '-Dmaven.repo.local=" + repository + "' -B -ntp \"$@\"\n");
        assertTrue(mvn.toFile().setExecutable(true));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : all.toList()) Files.copy(p, to.resolve(from.relativize(p).toString()), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) Files.delete(p);
        }
    }
}
