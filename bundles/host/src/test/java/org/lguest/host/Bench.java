package org.lguest.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.GuestMemory;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** A host on a bench: parts are plugged in by hand, as the framework would. */
final class Bench implements AutoCloseable {
    private static final AtomicInteger IDS = new AtomicInteger();
    private final List<Guest> made = new ArrayList<>();

    final GuestHost host = new GuestHost((BundleContext) Proxy.newProxyInstance(Bench.class.getClassLoader(), new Class<?>[] {BundleContext.class},
        (proxy, method, arguments) -> switch (method.getName()) {
            case "addBundleListener", "removeBundleListener", "getProperty" -> null;
            default -> throw new UnsupportedOperationException(method.getName());
        }));

    /** Everything but a CPU; a guest sleeps between two turns until something happens. */
    static Bench withoutCpu() {
        Bench b = new Bench();
        b.host.bindMmu(new Reference<>(0), new PlainMmu());
        b.host.bindSwitcher(new Reference<>(0), new OneRunATurn());
        b.host.bindClock(new Reference<>(0), new ManualClock(0));
        for (Hypercall.Family f : Hypercall.Family.values()) b.host.bindFamily(new Reference<>(0), new Family(f));
        b.host.bindModel(new Reference<>(0), new Model(DeviceType.CONSOLE));
        b.host.bindProvider(new Reference<>(0), new Provider(DeviceType.CONSOLE, "hub"));
        return b;
    }

    /** A guest that has not been admitted. */
    Guest guest(String name, GuestSpec.Device... devices) throws IOException {
        Guest g = new Guest(new GuestSpec(name, 1, null, null, "", List.of(devices), null), GuestMemory.create(1 << 20));
        made.add(g);
        return g;
    }

    Guest admitted(String name, GuestSpec.Device... devices) throws Exception {
        Guest g = guest(name, devices);
        host.admit(g);
        return g;
    }

    Guest running(String name, GuestSpec.Device... devices) throws Exception {
        Guest g = admitted(name, devices);
        host.start(g);
        return g;
    }

    static GuestSpec.Device disk(String backend) { return new GuestSpec.Device(DeviceType.BLOCK, backend); }

    /** Waits for what tells nobody, a minute at most. */
    static boolean soon(BooleanSupplier condition) {
        for (long end = System.nanoTime() + 60_000_000_000L; System.nanoTime() < end; LockSupport.parkNanos(100_000)) if (condition.getAsBoolean()) return true;
        return condition.getAsBoolean();
    }

    @Override
    public void close() { host.stop(); }

    /** A service's reference: ordered as the framework orders them. */
    static final class Reference<S> implements ServiceReference<S> {
        volatile int ranking;
        private final int id = IDS.incrementAndGet();
        private final String name;

        Reference(int ranking) { this(ranking, null); }

        /** With a name of the provider's own. */
        Reference(int ranking, String name) {
            this.ranking = ranking;
            this.name = name;
        }

        @Override
        public int compareTo(Object o) {
            Reference<?> r = (Reference<?>) o;
            return ranking != r.ranking ? Integer.compare(ranking, r.ranking) : Integer.compare(r.id, id);
        }

        @Override
        public Object getProperty(String key) { return key.equals(Seat.NAME) ? name : null; }

        @Override
        public String[] getPropertyKeys() { return new String[0]; }

        @Override
        public Bundle getBundle() { return null; }

        @Override
        public Bundle[] getUsingBundles() { return null; }

        @Override
        public boolean isAssignableTo(Bundle bundle, String className) { return true; }

        @Override
        public Dictionary<String, Object> getProperties() { return new Hashtable<>(); }

        @Override
        public <A> A adapt(Class<A> type) { return null; }
    }

    /** Runs the engine once and sleeps. */
    private static final class OneRunATurn implements Switcher {
        @Override
        public Next turn(Guest guest, Parts parts) {
            parts.cpu().run(guest, parts, 1);
            return Next.SLEEP;
        }

        @Override
        public boolean reflect(Guest guest, Parts parts, int trap, int errorCode) { return false; }
    }

    private record Family(Hypercall.Family family) implements HypercallFamily {
        @Override
        public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) { }
    }

    /** An engine that takes notes of who it works for, and whether somebody is inside. */
    static class Engine implements CpuEngine {
        final List<String> notes = new CopyOnWriteArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger runs = new AtomicInteger();

        @Override
        public void adopt(Guest guest) { notes.add("adopt " + guest); }

        @Override
        public void release(Guest guest) { notes.add("release " + guest); }

        @Override
        public void run(Guest guest, Parts parts, int budget) {
            inside.incrementAndGet();
            runs.incrementAndGet();
            work(guest);
            inside.decrementAndGet();
        }

        void work(Guest guest) { }
    }

    /** A model with two queues that takes notes. */
    static class Model implements DeviceModel {
        final List<String> notes = new CopyOnWriteArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger services = new AtomicInteger();
        private final DeviceType type;

        Model(DeviceType type) { this.type = type; }

        @Override
        public DeviceType type() { return type; }

        @Override
        public Shape shape(Backend backend) { return new Shape(new int[] {8, 8}, 3, new byte[4]); }

        @Override
        public void adopt(Guest guest) { notes.add("adopt " + guest); }

        @Override
        public void release(Guest guest) { notes.add("release " + guest + (inside.get() == 0 ? "" : ", somebody is inside")); }

        @Override
        public void service(Guest guest, DeviceState device, int queue, Backend backend) {
            inside.incrementAndGet();
            work(guest, device, queue, backend);
            services.incrementAndGet();
            inside.decrementAndGet();
        }

        void work(Guest guest, DeviceState device, int queue, Backend backend) { }
    }

    /** Opens backends that remember whether they are open; refuses the rest {@code broken}. */
    static final class Provider implements BackendProvider {
        final List<Plain> opened = new CopyOnWriteArrayList<>();
        volatile boolean broken;
        private final DeviceType type;
        private final String scheme;

        Provider(DeviceType type, String scheme) {
            this.type = type;
            this.scheme = scheme;
        }

        @Override
        public DeviceType type() { return type; }

        @Override
        public String scheme() { return scheme; }

        @Override
        public Backend open(Guest guest, String rest) throws IOException {
            if (broken || rest.equals("broken")) throw new IOException("the disk " + rest + " is broken");
            Plain p = new Plain(rest);
            opened.add(p);
            return p;
        }
    }

    /** A backend of no use. */
    static final class Plain implements ConsoleBackend {
        final String rest;
        final StringBuilder written = new StringBuilder();
        volatile boolean closed;
        volatile String inherited;
        volatile FileChannel left, inheritedFile;
        volatile Runnable wake;

        Plain(String rest) { this.rest = rest; }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) { for (int i = 0; i < length; i++) written.append((char) bytes[offset + i]); }

        @Override
        public int read(byte[] to, int offset, int length) { return 0; }

        @Override
        public void onReady(Runnable wake) { this.wake = wake; }

        @Override
        public String describe() { return "plain " + rest; }

        @Override
        public byte[] handOver() { return rest.getBytes(StandardCharsets.US_ASCII); }

        @Override
        public void takeOver(byte[] state) { inherited = new String(state, StandardCharsets.US_ASCII); }

        @Override
        public FileChannel handOverFile() {
            try {
                Path nameless = Files.createTempFile("bench", "");
                return left = FileChannel.open(nameless, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void takeOverFile(FileChannel file) { inheritedFile = file; }

        @Override
        public void close() { closed = true; }
    }
}
