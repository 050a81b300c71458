package org.lguest.boot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.osgi.framework.BundleException;

/**
 * P:100 How it starts. Before there can be a Guest there must be a place for its parts to meet: an OSGi framework. This is the only class of
 * the project that is started by a {@code java} command; it lives on the class path, not in a bundle, and knows nothing of
 * guests.
 *
 * <p>It installs what lies in {@code bundle/<start level>/}, starts the levels that make the machine, and then looks for a
 * service that calls itself the main program: {@code ToIntFunction<String[]>} with the property {@code org.lguest.main}. That
 * one gets the arguments and this very thread, and its number becomes the exit status. Configuration and hot deployment start
 * meanwhile, on other threads, because nobody waits for them. {@code lguest shell} is the exception: it has no main
 * program but a prompt, and ends when the prompt does; {@code lguest serve} has neither, and ends by a signal.
 *
 * <p>Types of the JDK only pass between here and the bundles, so that no package of the class path has to be exported.
 */
public final class Main {
    /** Start levels, see the folders of the distribution: the machine is complete; so is what serves it; configured guests run; there is a prompt. */
    static final int MACHINE = 2, SERVICES = 3, GUESTS = 4, PROMPT = 5;

    private Main() { }

    /** Never returns: ends the JVM with the exit status. */
    public static void main(String[] args) {
        int status;
        try {
            status = run(args);
        } catch (IOException | BundleException | RuntimeException e) {
            System.err.println("lguest: the platform did not start: " + e);
            if (verbose(args)) e.printStackTrace();
            status = 1;
        } catch (InterruptedException e) {
            status = 130;
        }
        System.exit(status);
    }

    private static boolean verbose(String[] args) { return List.of(args).contains("--verbose") || List.of(args).contains("-v"); }

    private static int run(String[] args) throws IOException, BundleException, InterruptedException {
        int level = switch (args.length == 0 ? "" : args[0]) {
            case "shell" -> PROMPT;
            case "serve" -> GUESTS;
            default -> MACHINE;
        };
        if (verbose(args)) System.setProperty("lguest.log.level", "DEBUG"); // the log is configured before anybody reads options
        Path home = Path.of(System.getProperty("lguest.home", ".")).toAbsolutePath().normalize();
        System.setProperty("lguest.home", home.toString());
        try (Platform platform = new Platform(home, level)) {
            if (level == MACHINE) return platform.main(args);
            platform.awaitStop();
            return 0;
        }
    }
}
