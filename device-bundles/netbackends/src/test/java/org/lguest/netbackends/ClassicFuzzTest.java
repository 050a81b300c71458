package org.lguest.netbackends;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.ControlException;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.NetBackend;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;
import org.lguest.device.classic.ClassicConsole;
import org.lguest.device.classic.ClassicDisk;
import org.lguest.device.net.ClassicCard;
import org.lguest.hypercalls.DmaCalls;
import org.lguest.testkit.ClassicGuest;

/**
 * The whole of the first lguest's input and output at once: guests that bind, unbind and send whatever comes to their minds, on threads of their
 * own; devices of every kind; two runtimes' guests on one network; and a launcher that asks its control device anything, in any order.
 * Nothing may throw but refusals, who dies has a reason, and whoever comes afterwards finds everything in order.
 *
 * <p>{@code -Ddma.cases=10000000} for a long one, {@code -Ddma.seed=N} for another one.
 */
@EnabledOnOs(OS.LINUX)
class ClassicFuzzTest {
    private static final int CASES = Integer.getInteger("dma.cases", 200_000), SEED = Integer.getInteger("dma.seed", 1), GUESTS = 4;
    private static final int LISTS = 64;
    private static final DmaCalls CALLS = new DmaCalls();
    private static final DeviceModel[] MODELS = {new ClassicDisk(), new ClassicCard(), new ClassicCard(), new ClassicConsole()};

    @TempDir Path folder;
    private final ShareNets[] runtimes = {new ShareNets(120_000), new ShareNets(120_000)};
    private final LongAdder done = new LongAdder(), refusals = new LongAdder(), taken = new LongAdder();
    private final Map<String, LongAdder> ends = new ConcurrentSkipListMap<>();

    /** A terminal at which somebody types at random. */
    private record Terminal(Random random) implements ConsoleBackend {
        @Override
        public void write(byte[] bytes, int offset, int length) { java.util.Objects.checkFromIndexSize(offset, length, bytes.length); }

        @Override
        public int read(byte[] to, int offset, int length) { return random.nextInt(length); }

        @Override
        public String describe() { return "terminal"; }

        @Override
        public void close() { }
    }

    /** A disk with a scratch, and a cable that is sometimes full. */
    private static final class Outside implements BlockBackend, NetBackend {
        private final Random random;
        private final byte[] disk = new byte[64 * 512];

        Outside(Random random) { this.random = random; }

        @Override
        public long size() { return disk.length; }

        @Override
        public boolean readOnly() { return false; }

        @Override
        public void read(long offset, MemorySegment to) throws IOException {
            if (random.nextInt(100) == 0) throw new IOException("head crash");
            to.copyFrom(MemorySegment.ofArray(disk).asSlice(offset, to.byteSize()));
        }

        @Override
        public void write(long offset, MemorySegment from) { MemorySegment.ofArray(disk).asSlice(offset, from.byteSize()).copyFrom(from); }

        @Override
        public void flush() { }

        @Override
        public long offloads() { return 0; }

        @Override
        public boolean send(byte[] packet, int length) { return random.nextInt(10) > 0; }

        @Override
        public int receive(byte[] to) { return random.nextInt(3) > 0 ? 0 : HEADER + random.nextInt(MAX_FRAME); }

        @Override
        public String describe() { return "outside"; }

        @Override
        public void close() { }
    }

    /** A guest, and its launcher: it stands still while that works, so one thread is both. */
    private final class Player implements AutoCloseable {
        final ClassicGuest g = new ClassicGuest();
        private final Random random;
        private final GuestMemory memory = g.guest.memory();
        private final List<Backend> behind = new ArrayList<>();
        private final List<DeviceState> devices = new ArrayList<>();

        Player(Random random, ShareNets runtime) throws IOException {
            this.random = random;
            var outside = new Outside(random);
            for (Backend b : new Backend[] {outside, runtime.open(g.guest, folder.resolve("lan").toString()), outside, new Terminal(random)}) {
                devices.add(g.plug(MODELS[behind.size()], b));
                behind.add(b);
            }
            g.guest.dma().bind((int) devices.getFirst().config, ClassicGuest.LISTS, 8, 1); // a disk's driver without a buffer does not live long
        }

        /** Mostly something that makes sense, so that it lives to do worse. */
        private int address() {
            return switch (random.nextInt(300)) {
                case 0 -> ClassicGuest.hostile(random);
                case 1 -> (int) memory.limit() - random.nextInt(400);
                default -> aList();
            };
        }

        private int aList() { return ClassicGuest.LISTS + DmaList.BYTES * random.nextInt(LISTS); }

        private int key() {
            DeviceState d = devices.get(random.nextInt(devices.size()));
            return random.nextInt(400) == 0 ? ClassicGuest.hostile(random) : (int) d.config + (d.config == 0 ? 0 : 4 * random.nextInt(4));
        }

        private void list() {
            int[] pieces = new int[2 * random.nextInt(DmaList.SECTIONS + 1)];
            boolean small = random.nextInt(40) > 0;
            for (int i = 0; i < pieces.length; i += 2) {
                pieces[i] = random.nextInt(500) == 0 ? ClassicGuest.hostile(random) : 0x100000 + random.nextInt(64) * GuestMemory.PAGE;
                pieces[i + 1] = small ? random.nextInt(GuestMemory.PAGE + 1) : random.nextInt(0x10000);
            }
            g.write(aList(), pieces);
        }

        private void request() {
            long page = devices.getFirst().config;
            int[] words = {random.nextInt(2), random.nextInt(random.nextInt(50) == 0 ? 100 : 8), 512 * random.nextInt(9), random.nextInt(3)};
            for (int i = 0; i < words.length; i++) memory.store32(page + 4 * i, random.nextInt(200) == 0 ? random.nextInt() : words[i]);
        }

        private void call(Hypercall call, int a1, int a2, int a3) {
            CALLS.perform(g.guest, null, call, a1, a2, a3, 0);
            if (g.guest.dma().pending()) serve();
        }

        /** As the host has it: to whom the key belongs, and nobody is no harm. */
        private void serve() {
            for (int i = 0; i < MODELS.length && g.guest.dma().pending() && !g.guest.dead(); i++) {
                long into = Integer.toUnsignedLong(g.guest.dma().sentKey()) - devices.get(i).config;
                if (into == 0 || into > 0 && into < devices.get(i).configBytes) input(i);
            }
            if (!g.guest.dma().pending()) taken.increment();
            g.guest.dma().taken();
        }

        private void input(int i) { MODELS[i].service(g.guest, devices.get(i), 0, behind.get(i)); }

        private void ask() throws InterruptedException {
            try {
                switch (random.nextInt(5)) {
                    case 0 -> g.guest.control().getDma(key());
                    case 1 -> g.guest.control().irq(random.nextInt(40) - 4);
                    case 2 -> g.guest.control().initialize(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt());
                    case 3 -> g.guest.control().breakOut(false);
                    default -> g.guest.control().renumber(random.nextInt());
                }
            } catch (ControlException e) {
                refusals.increment();
            }
        }

        void step() throws InterruptedException {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> list();
                case 3 -> memory.store32(aList(), random.nextInt(3)); // buffers are freed, or taken
                case 4, 5 -> call(Hypercall.BIND_DMA, key(), address(), random.nextInt(6) << 8 | random.nextInt(34));
                case 6 -> call(Hypercall.BIND_DMA, key(), address(), 0);
                case 7, 8, 9 -> {
                    request();
                    call(Hypercall.SEND_DMA, key(), address(), 0);
                }
                case 10 -> input(random.nextInt(MODELS.length));
                default -> ask();
            }
        }

        @Override
        public void close() {
            if (g.guest.dead()) {
                String reason = g.guest.endingNow().reason();
                assertNotNull(reason);
                ends.computeIfAbsent(reason.replaceAll("(0x[0-9a-f]+|[0-9]+).*", "..."), r -> new LongAdder()).increment();
            } else g.guest.kill("end of test");
            behind.forEach(Backend::close);
            g.close();
        }
    }

    /** Lives one life after the other. */
    private Void play(int seed) throws Exception {
        var random = new Random(seed);
        for (int cases = CASES / GUESTS; cases > 0;) {
            try (Player p = new Player(random, runtimes[seed % runtimes.length])) {
                for (int steps = 0; steps < 5000 && cases > 0 && !p.g.guest.dead(); steps++, cases--) p.step();
            }
        }
        done.add(CASES / GUESTS);
        return null;
    }

    @Test
    void whateverGuestsAndLaunchersDoInWhateverOrderNothingIsThrown() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(GUESTS)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < GUESTS; i++) {
                int seed = SEED * GUESTS + i;
                all.add(threads.submit(() -> play(seed)));
            }
            for (Future<Void> f : all) f.get();
        }
        String told = done + " cases, " + taken + " messages taken, " + refusals + " refusals, ends: " + ends;
        if (Integer.getInteger("dma.cases") != null) System.out.println(told);
        assertEquals(CASES, done.sum(), told);
        assertTrue(taken.sum() > CASES / 50 && refusals.sum() > CASES / 100 && ends.size() > 5, told);
        try (Player a = new Player(new Random(1), runtimes[0]); Player b = new Player(new Random(2), runtimes[1])) { // afterwards all is as it was
            int key = (int) b.devices.get(1).config, to = ClassicGuest.LISTS, from = ClassicGuest.LISTS;
            b.g.write(to, 0x100000, 1514);
            b.call(Hypercall.BIND_DMA, key, to, 1 << 8 | 2);
            a.g.write(from, 0x100000, 100);
            a.call(Hypercall.SEND_DMA, (int) a.devices.get(1).config, from, 0);
            assertEquals(100, a.g.used(from));
            assertEquals(100, b.g.used(to));
        }
    }
}
