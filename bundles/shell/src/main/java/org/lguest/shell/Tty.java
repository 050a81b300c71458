package org.lguest.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.lguest.api.part.ConsoleBackend;

/**
 * The terminal on standard input: raw while a guest owns it, and as it was before on every way out, signals included.
 *
 * <p>Set by {@code stty}, which every system with terminals has. Like the original launcher this turns off line editing, echo
 * and signal keys; output stays as it is, so that a line feed still begins a line. Carriage return and flow control keys go
 * to the guest, whose own terminal line knows what to do with them.
 */
final class Tty implements AutoCloseable {
    private static final List<String> RAW = List.of("-icanon", "-echo", "-isig", "-iexten", "-ixon", "-icrnl", "min", "1", "time", "0");

    private final List<String> before;
    private final AtomicBoolean restored = new AtomicBoolean();
    private final Thread hook = new Thread(this::restore, "terminal-restore");

    private Tty(String before) { this.before = List.of(before); }

    /** The terminal in raw mode; empty when standard input is none. */
    static Optional<Tty> raw() throws IOException {
        String settings = System.getProperty("lguest.tty"); // the start script has asked already
        if (settings == null) settings = settings();
        if (settings.isBlank()) return Optional.empty();
        Tty tty = new Tty(settings);
        Runtime.getRuntime().addShutdownHook(tty.hook);
        stty(RAW);
        return Optional.of(tty);
    }

    private static String settings() throws IOException { return ask("-g"); }

    private static String ask(String question) throws IOException {
        Process p = new ProcessBuilder("stty", question).redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream()))) {
            String line = r.readLine();
            return line == null ? "" : line;
        }
    }

    /** How large it is. */
    ConsoleBackend.Size size() throws IOException { return size(ask("size")); }

    /** Understands what {@code stty size} says: rows and columns. */
    static ConsoleBackend.Size size(String text) throws IOException {
        String[] n = text.strip().split(" ");
        try {
            if (n.length == 2) return new ConsoleBackend.Size(Integer.parseInt(n[1]), Integer.parseInt(n[0]));
        } catch (IllegalArgumentException e) {
            throw new IOException("stty says that the terminal's size is '" + text + "'", e);
        }
        throw new IOException("stty says that the terminal's size is '" + text + "'");
    }

    private static void stty(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(arguments);
        Process p = new ProcessBuilder(command).inheritIO().start();
        try {
            int status = p.waitFor();
            if (status != 0) throw new IOException(String.join(" ", command) + " ended with status " + status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restore() {
        if (!restored.compareAndSet(false, true)) return;
        try {
            stty(before);
        } catch (IOException e) {
            System.err.println("lguest: the terminal could not be restored (" + e.getMessage() + "); \"stty sane\" does it");
        }
    }

    /** As it was before. */
    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) { // the JVM is on its way out, and the hook finds nothing to do
            return;
        }
    }
}
