package org.lguest.itests;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.lguest.api.Guest;
import org.lguest.api.part.Host;
import org.lguest.api.part.Seat;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleWiring;

/** A bundle of the platform with its twin of higher rank, and all the ways in which whoever sits in their seats is replaced. */
final class Replaceable {
    /** Ways to replace somebody, and how often of twenty times. */
    enum Way {
        /** The guests want somebody else. */ WISH(12),
        /** The twin of higher rank comes, or goes. */ TWIN(3),
        /** The bundle is updated. */ UPDATE(2),
        /** The bundle is stopped and started. */ RESTART(3),
        /** The bundle is uninstalled and installed. */ REINSTALL(1);

        private final int weight;

        Way(int weight) { this.weight = weight; }

        static Way any(Random random) {
            int die = random.nextInt(Arrays.stream(values()).mapToInt(w -> w.weight).sum());
            for (Way w : values()) if ((die -= w.weight) < 0) return w;
            throw new AssertionError();
        }
    }

    private final BundleContext context;
    private final String name;
    private final List<WeakReference<ClassLoader>> retired = new ArrayList<>();
    private Bundle bundle, twin;
    private int times;

    Replaceable(BundleContext context, String name, Path folder) throws IOException, BundleException {
        this.context = context;
        this.name = name;
        bundle = Arrays.stream(context.getBundles()).filter(b -> name.equals(b.getSymbolicName())).findFirst().orElseThrow();
        twin = context.installBundle(Twin.of(name, twinName(), 1, folder.resolve(name + ".jar")).toUri().toString());
    }

    private String twinName() { return name + ".twin"; }

    /** How often this was done. */
    int times() { return times; }

    /** Whether somebody else sits down in the seat of whom this bundle provides, and who leaves is not missed in between. */
    boolean twinIsThere() { return twin.getState() == Bundle.ACTIVE; }

    /** The seats of a guest's machine for which it has somebody. */
    List<String> seats(Host host, Guest guest) {
        return host.machine(guest).stream().filter(s -> s.providers().stream().anyMatch(p -> bundleOf(p).equals(name))).map(Seat::name).toList();
    }

    private static String bundleOf(Seat.Provider p) { return p.about().split(" ")[0]; }

    /** Replaces; {@code alone} means that nobody else is there who could sit meanwhile. */
    void replace(Way way, boolean alone, Host host, Random random) throws BundleException {
        times++;
        if (alone && twinIsThere() && way != Way.WISH && way != Way.TWIN) twin.stop(Bundle.STOP_TRANSIENT);
        switch (way) {
            case WISH -> wish(host, random);
            case TWIN -> {
                if (twinIsThere()) twin.stop(Bundle.STOP_TRANSIENT);
                else twin.start(Bundle.START_TRANSIENT);
            }
            case UPDATE -> {
                retire(bundle);
                bundle.update();
            }
            case RESTART -> {
                bundle.stop(Bundle.STOP_TRANSIENT);
                bundle.start(Bundle.START_TRANSIENT);
            }
            case REINSTALL -> reinstall();
        }
    }

    /** In each of its seats the guests want somebody else, of it or of its twin; all guests the same, since the switches of two providers are two. */
    private void wish(Host host, Random random) throws BundleException {
        if (!twinIsThere()) twin.start(Bundle.START_TRANSIENT);
        int choice = random.nextInt(Integer.MAX_VALUE);
        for (Guest g : host.guests())
            for (Seat s : host.machine(g)) {
                if (!s.taken().map(Replaceable::bundleOf).orElse("").startsWith(name)) continue;
                List<String> others = s.providers().stream().filter(p -> !p.sits()).map(Seat.Provider::name).sorted().toList();
                host.prefer(g, s.name(), others.get(choice % others.size()));
            }
    }

    private void reinstall() throws BundleException {
        int level = bundle.adapt(BundleStartLevel.class).getStartLevel();
        retire(bundle);
        bundle.uninstall();
        bundle = context.installBundle(bundle.getLocation());
        bundle.adapt(BundleStartLevel.class).setStartLevel(level);
        bundle.start();
    }

    private void retire(Bundle b) { retired.add(new WeakReference<>(b.adapt(BundleWiring.class).getClassLoader())); }

    /** The twin is gone. */
    void restore() throws BundleException {
        if (twinIsThere()) retire(twin);
        twin.uninstall();
    }

    /** Class loaders of revisions that are no more. */
    List<ClassLoader> left() { return retired.stream().map(WeakReference::get).filter(l -> l != null).toList(); }

    @Override
    public String toString() { return name; }
}
