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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/lguest} on a terminal, which {@code script} of util-linux makes. */
class TerminalIT {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir Path folder;

    @BeforeAll
    static void needsScript() throws IOException, InterruptedException {
        Process p = new ProcessBuilder("sh", "-c", "script --version").redirectErrorStream(true).start();
        String version = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assumeTrue(p.waitFor() == 0 && version.contains("util-linux"), "no script of util-linux");
    }

    /** A program on a terminal of its own. */
    private final class OnATerminal implements AutoCloseable {
        private final Process process;
        private final InputStream out;
        private final StringBuilder seen = new StringBuilder();

        OnATerminal(String... words) throws IOException { this("", List.of(words)); }

        /** With a line of shell before it. */
        OnATerminal(String before, List<String> words) throws IOException {
            String command = before + "stty rows 24 cols 80; stty -g > before; '" + Distribution.home() + "/bin/lguest' " + String.join(" ", words) + "; echo status $?; stty -g > after";
            ProcessBuilder b = new ProcessBuilder("script", "-qefc", command, "/dev/null").directory(folder.toFile()).redirectErrorStream(true);
            b.environment().put("JAVA_HOME", System.getProperty("java.home"));
            b.environment().put("SHELL", "/bin/sh");
            process = b.start();
            CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly); // ends our reads, too
            out = process.getInputStream();
        }

        void await(String text) throws IOException {
            int from = seen.length();
            while (seen.indexOf(text, Math.max(0, from - text.length())) < 0) {
                int c = out.read();
                if (c < 0) throw new AssertionError("\"" + text + "\" did not appear in: " + seen);
                seen.append((char) c);
            }
        }

        void type(String keys) throws IOException {
            process.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        }

        /** Waits for the end, and answers the exit status; the terminal is as it was. */
        void endsWith(int status) throws IOException, InterruptedException {
            await("status " + status + "\r\n");
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(Files.readString(folder.resolve("before")), Files.readString(folder.resolve("after")));
        }

        @Override
        public void close() { process.destroyForcibly(); }
    }

    @Test
    void oneInterruptKeyGoesToTheGuestAndThreeKillIt() throws Exception {
        try (OnATerminal t = new OnATerminal()) {
            t.await("puppy> ");
            t.type("\3");
            t.await("^C");
            t.await("puppy> ");
            t.type("\3\3\3");
            t.endsWith(130);
        }
    }

    @Test
    void theTerminalIsAsItWasAfterAPowerOff() throws Exception {
        try (OnATerminal t = new OnATerminal()) {
            t.await("puppy> ");
            t.type("poweroff\r");
            t.endsWith(0);
        }
    }

    @Test
    void theTerminalIsAsItWasAfterAPanicAndTheReasonIsShown() throws Exception {
        try (OnATerminal t = new OnATerminal()) {
            t.await("puppy> ");
            t.type("panic fleas\r");
            t.await("lguest: CRASH: fleas");
            t.endsWith(1);
        }
    }

    @Test
    void theGuestIsToldTheSizeOfTheTerminalAndOfItsChanges() throws Exception {
        assertEquals(0, new ProcessBuilder("mkfifo", folder.resolve("larger").toString()).start().waitFor());
        try (OnATerminal t = new OnATerminal("{ read now < larger; stty rows 50 cols 132 < /dev/tty; } &\n", List.of())) {
            t.await("puppy> ");
            t.type("tty\r");
            t.await("80 columns, 24 rows");
            Files.writeString(folder.resolve("larger"), "now\n");
            for (long end = System.nanoTime() + 30_000_000_000L; t.seen.indexOf("132 columns, ") < 0;) {
                assertTrue(System.nanoTime() < end, t.seen::toString);
                t.await("puppy> ");
                t.type("tty\r");
                t.await(" columns, ");
            }
            t.await("puppy> ");
            t.type("poweroff\r");
            t.endsWith(0);
        }
    }

    @Test
    void thePromptStartsAGuestShowsItsConsoleAndEnds() throws Exception {
        try (OnATerminal t = new OnATerminal("shell")) {
            t.await("lguest> ");
            t.type("start --name=rex --attach\r");
            t.await("puppy> ");
            t.type("echo woof\r");
            t.await("\nwoof");
            t.type("\035");
            t.await("detached from rex");
            t.type("swap re\tcp\tint\t\r"); // the prompt completes guest, seat and provider
            t.await("cpu: *interpreter");
            t.type("exit\r");
            t.endsWith(0);
        }
    }
}
