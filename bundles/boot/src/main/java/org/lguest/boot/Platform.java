package org.lguest.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/**
 * The framework from start to end. Its cache is a temporary folder of this process, so that any number of platforms run from
 * one installation, which may be read-only.
 */
final class Platform implements AutoCloseable {
    private static final String MAIN = "(org.lguest.main=true)";
    private static final String GRACE = "lguest.stop.seconds"; // how long guests have, who are asked to end themselves
    private static final long USUAL_GRACE = 10, STOP_SECONDS = 15;

    private final Framework framework;
    private final Cache cache;
    private final int level;
    private final long patience; // milliseconds
    private boolean closed;

    /** Starts all levels up to this one; the bundles of the services are there in any case. */
    Platform(Path home, int level) throws IOException, BundleException {
        this.level = level;
        cache = new Cache(Path.of(System.getProperty("java.io.tmpdir")));
        System.setProperty("lguest.cache", cache.folder().toString());
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "lguest-end"));
        Map<String, String> conf = Configuration.read(home.resolve("conf/framework.properties"));
        conf.put(Constants.FRAMEWORK_STORAGE, cache.folder().resolve("felix").toString());
        conf.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(level));
        patience = TimeUnit.SECONDS.toMillis(STOP_SECONDS + grace(conf.get(GRACE)));
        // JLine looks its terminals up in the context class loader; without one it finds those of its own bundle
        Thread.currentThread().setContextClassLoader(null);
        framework = ServiceLoader.load(FrameworkFactory.class, Main.class.getClassLoader()).findFirst()
            .orElseThrow(() -> new IllegalStateException("no OSGi framework on the class path")).newFramework(conf);
        framework.init();
        for (Bundle b : install(framework.getBundleContext(), home.resolve("bundle"))) start(b);
        framework.start();
    }

    private static long grace(String seconds) throws IOException {
        try {
            return seconds == null ? USUAL_GRACE : Integer.parseUnsignedInt(seconds);
        } catch (NumberFormatException e) {
            throw new IOException(GRACE + "=" + seconds + " in conf/framework.properties: want seconds", e);
        }
    }

    private List<Bundle> install(BundleContext context, Path folder) throws IOException, BundleException {
        List<Bundle> bundles = new ArrayList<>();
        for (Path jars : sorted(folder)) {
            int number = Integer.parseInt(jars.getFileName().toString());
            if (number > Math.max(level, Main.SERVICES)) continue;
            for (Path jar : sorted(jars)) {
                if (!jar.toString().endsWith(".jar")) continue;
                Bundle b = context.installBundle("reference:" + jar.toUri());
                b.adapt(BundleStartLevel.class).setStartLevel(number);
                bundles.add(b);
            }
        }
        return bundles;
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** Marks it started; what cannot start is told and left out, the rest may do without. */
    private static void start(Bundle b) {
        if ((b.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0) return;
        try {
            b.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            System.err.println("lguest: " + b.getSymbolicName() + " did not start: " + e.getMessage());
        }
    }

    /** Calls the main program on this thread; returns its exit status. */
    int main(String[] args) {
        BundleContext context = framework.getBundleContext();
        ServiceReference<?> reference = mainProgram(context);
        if (reference == null || !(context.getService(reference) instanceof ToIntFunction<?> main)) {
            System.err.println("lguest: there is no command line; is the bundle org.lguest.shell in " + System.getProperty("lguest.home") + "/bundle?");
            return 1;
        }
        framework.adapt(FrameworkStartLevel.class).setStartLevel(Main.SERVICES); // on the framework's own thread
        @SuppressWarnings("unchecked") ToIntFunction<String[]> program = (ToIntFunction<String[]>) main;
        return program.applyAsInt(args);
    }

    private static ServiceReference<?> mainProgram(BundleContext context) {
        try {
            ServiceReference<?>[] all = context.getServiceReferences(ToIntFunction.class.getName(), MAIN);
            return all == null ? null : all[0];
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e); // the filter is a constant
        }
    }

    /** Returns when the framework has been stopped from inside, such as by the end of the prompt. */
    void awaitStop() throws InterruptedException {
        while (framework.waitForStop(0).getType() == FrameworkEvent.WAIT_TIMEDOUT) Thread.onSpinWait();
    }

    /** Stops the framework and removes its cache. Idempotent; also the way out when the JVM gets a signal. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        try {
            if (framework != null) {
                framework.stop();
                framework.waitForStop(patience);
            }
            cache.close();
            if (level == Main.PROMPT) restoreTerminal();
        } catch (BundleException | IOException e) {
            System.err.println("lguest: the platform did not stop cleanly: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As the start script found it: the prompt may have ended in the middle of a line, which leaves the terminal raw. */
    private static void restoreTerminal() throws IOException, InterruptedException {
        String before = System.getProperty("lguest.tty", "");
        if (!before.isEmpty()) new ProcessBuilder("stty", before).inheritIO().redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
