package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code bin/lguest} on a terminal of its own, which {@code script} of util-linux makes. */
final class OnATerminal implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 1800;
    private final Process process;
    private final InputStream out;
    private final Path folder;
    private final StringBuilder seen = new StringBuilder();

    /**
     * Starts it.
     *
     * @param home   the distribution
     * @param folder where it runs, and where it leaves the settings of the terminal, before and after
     * @param before a line of shell before it
     * @param words  its arguments
     */
    OnATerminal(Path home, Path folder, String before, List<String> words) throws IOException {
        this.folder = folder;
        String command = before + "stty rows 24 cols 80; stty -g > before; '" + home + "/bin/lguest' " + String.join(" ", words)
            + "; echo status $?; stty -g > after";
        ProcessBuilder b = new ProcessBuilder("script", "-qefc", command, "/dev/null").directory(folder.toFile()).redirectErrorStream(true);
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        b.environment().put("SHELL", "/bin/sh");
        process = b.start();
        CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly); // ends our reads, too
        out = process.getInputStream();
    }

    /** The tests are skipped where there is no such program. */
    static void isPossible() throws IOException, InterruptedException {
        Process p = new ProcessBuilder("sh", "-c", "script --version").redirectErrorStream(true).start();
        String version = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assumeTrue(p.waitFor() == 0 && version.contains("util-linux"), "no script of util-linux");
    }

    /** Waits until {@code text} appears behind what was awaited before; answers what stood before it. */
    String await(String text) throws IOException {
        int from = seen.length();
        while (seen.indexOf(text, from) < 0) {
            int c = out.read();
            if (c < 0) throw new AssertionError("\"" + text + "\" did not appear in: " + seen);
            seen.append((char) c);
        }
        return seen.substring(from, seen.length() - text.length());
    }

    boolean saw(String text) { return seen.indexOf(text) >= 0; }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    /** Waits for the end, and answers the exit status; the terminal is as it was. */
    void endsWith(int status) throws IOException, InterruptedException {
        await("status " + status + "\r\n");
        assertTrue(process.waitFor(300, TimeUnit.SECONDS));
        assertEquals(Files.readString(folder.resolve("before")), Files.readString(folder.resolve("after")));
    }

    @Override
    public void close() { process.destroyForcibly(); }

    @Override
    public String toString() { return seen.toString(); }
}
