package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.Limits;
import org.lguest.api.Trace;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.lguest.api.state.Rate;

/** The first lguest, by the guest of that time that comes along: devices by DMA messages, and a network of guests in several processes. */
@OnThePlatform
@Timeout(1800)
class ClassicIT {
    private static final Path PUPPY = Path.of("puppy-classic");
    private static final int TEN_MEGABYTES = 10_485_760;

    @Inject private Host host;
    @Inject private BundleContext context;
    private Path folder;

    @BeforeEach
    void makeAFolder() throws IOException { folder = Files.createTempDirectory("classic"); }

    @AfterEach
    void tidy() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path f : files.toList()) Files.delete(f);
        }
        Files.delete(folder);
    }

    private Session puppy(String words, GuestSpec.Device... devices) throws Exception {
        return new Session(host, host.start(new GuestSpec(null, 32, PUPPY, null, words, List.of(devices), null)));
    }

    @Test
    void itsOwnTestsPassWithADiskAndANetwork() throws Exception {
        Path disk = Files.write(folder.resolve("disk.img"), new byte[1 << 20]);
        try (Session s = puppy("quiet", new GuestSpec.Device(DeviceType.BLOCK, "raw:" + disk), new GuestSpec.Device(DeviceType.NET, "user:"))) {
            s.await("puppy> ");
            s.type("selftest");
            String said = s.await("selftest: ");
            assertFalse(said.contains("not ok"), said);
            assertTrue(s.await(" failed").endsWith(" passed, 0"), s::screen);
            assertTrue(s.puppy("ip dhcp").contains("address 10.0.2.15/24"), s::screen);
            assertTrue(s.puppy("ping 10.0.2.2 2").contains("2 questions, 2 answers"), s::screen);
            s.type("poweroff");
            assertEquals(Ending.Kind.POWER_OFF, s.ending().kind());
        }
    }

    private Session on(Path network, int number) throws Exception {
        Session s = puppy("quiet", new GuestSpec.Device(DeviceType.NET, "share:" + network));
        s.await("puppy> ");
        s.puppy("ip 10.9.0." + number + "/24");
        return s;
    }

    @Test
    void aGuestThatIsKilledInMidTransferHarmsNobodyAndTheNextHasItsPlace() throws Exception {
        Path lan = folder.resolve("lan");
        try (Session a = on(lan, 1); Session c = on(lan, 3)) {
            try (Session b = on(lan, 2)) {
                a.type("recv 7");
                a.await("recv: port 7");
                b.type("send 10.9.0.1 7 1000000000");
                long before = b.guest.counters().framesSent.sum();
                assertTrue(Await.until(() -> b.guest.counters().framesSent.sum() > before + 200), b::screen);
                b.guest.kill("by the test");
            }
            assertEquals(List.of(true, true, false), places(lan, 3), "who is killed takes his address along");
            a.type("\u0003");
            a.await("puppy> ");
            assertTrue(a.puppy("ping 10.9.0.3 2").contains("2 questions, 2 answers"), a::screen);
            try (Session d = on(lan, 4)) {
                assertEquals(List.of(true, true, true), places(lan, 3));
                assertTrue(d.puppy("ping 10.9.0.1 2").contains("2 questions, 2 answers"), d::screen);
                assertTrue(c.puppy("ping 10.9.0.4 2").contains("2 questions, 2 answers"), c::screen);
            }
        }
    }

    @Test
    void aNetworkThatIsUpdatedKeepsTheAddressesThatGuestsWroteOnIt() throws Exception {
        try (Session a = on(folder.resolve("lan"), 1); Session b = on(folder.resolve("lan"), 2)) {
            Bundle networks = Arrays.stream(context.getBundles()).filter(x -> x.getSymbolicName().equals("org.lguest.netbackends")).findFirst().orElseThrow();
            networks.stop();
            networks.start();
            assertEquals(List.of(true, true), places(folder.resolve("lan"), 2));
            assertTrue(a.puppy("ping 10.9.0.2 2").contains("2 questions, 2 answers"), a::screen);
            assertTrue(b.puppy("ping 10.9.0.1 2").contains("2 questions, 2 answers"), b::screen);
        }
    }

    /** Whether somebody has his address there. */
    private static List<Boolean> places(Path network, int count) throws IOException {
        byte[] page = Files.readAllBytes(network);
        return IntStream.range(0, count).mapToObj(i -> page[6 * i] != 0).toList();
    }

    @Test
    void itsDiskIsLimitedAndItsMessagesAreTraced() throws Exception {
        List<String> steps = new CopyOnWriteArrayList<>();
        Trace trace = new Trace() {
            @Override
            public boolean wants(Category category) { return category == Category.REQUESTS; }

            @Override
            public void step(Guest guest, Category category, String what) { steps.add(what); }
        };
        try (Session s = puppy("quiet", new GuestSpec.Device(DeviceType.BLOCK, "mem:1M"))) {
            s.await("puppy> ");
            s.guest.trace(null, trace);
            s.puppy("blk write 7 hello");
            s.guest.trace(trace, null);
            assertTrue(steps.contains("block 0: message of 512 bytes") && steps.contains("block 0: into a buffer: 0 bytes"), steps::toString);
            s.guest.limit(new Limits(0, Map.of(0, new Rate(0, 10)))); // five requests a second, each a message and a buffer
            long begin = System.nanoTime();
            for (int i = 0; i < 5; i++) assertTrue(s.puppy("blk read 7").contains("hello"));
            assertTrue(System.nanoTime() - begin > 500_000_000L, "a tenth of a second is free, and the last is not waited for");
        }
    }

    @Test
    void aDeviceThatTheKernelHasNoDriverForIsRefusedWithASentence() {
        var e = org.junit.jupiter.api.Assertions.assertThrows(org.lguest.api.LaunchException.class, () -> puppy("", new GuestSpec.Device(DeviceType.RNG, "host:")));
        assertTrue(e.getMessage().startsWith("no rng device is installed that this kernel has a driver for; there are: block, console, net"), e.getMessage());
    }

    /** A guest in a process of its own. */
    private final class Stranger implements AutoCloseable {
        private final Process process;
        private final OutputStream keyboard;
        private final StringBuilder screen = new StringBuilder();
        private int seen;

        Stranger() throws IOException {
            ProcessBuilder b = new ProcessBuilder(Distribution.home().resolve("bin/lguest").toString(), "--sharenet=" + folder.resolve("lan"), "32",
                "puppy-classic");
            b.environment().put("JAVA_HOME", System.getProperty("java.home"));
            process = b.redirectErrorStream(true).start();
            keyboard = process.getOutputStream();
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            byte[] some = new byte[4096];
            try {
                for (int n; (n = process.getInputStream().read(some)) > 0;) add(new String(some, 0, n, StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                add("[" + e + "]");
            }
        }

        private synchronized void add(String text) {
            screen.append(text);
            notifyAll();
        }

        void type(String line) throws IOException {
            keyboard.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
            keyboard.flush();
        }

        synchronized String await(String text) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(600);
            for (int at; (at = screen.indexOf(text, seen)) < 0;) {
                assertTrue(System.nanoTime() < end, () -> "'" + text + "' did not appear: " + screen);
                TimeUnit.MILLISECONDS.timedWait(this, 100);
            }
            String before = screen.substring(seen, screen.indexOf(text, seen));
            seen = screen.indexOf(text, seen) + text.length();
            return before;
        }

        @Override
        public void close() throws Exception {
            process.destroyForcibly().waitFor(); // SIGKILL
        }
    }

    private static String summed(String said) {
        Matcher m = Pattern.compile("\\d+ bytes, crc [0-9a-f]{8}").matcher(said);
        assertTrue(m.find(), said);
        return m.group();
    }

    /** A process that is kept waiting for a second counts as gone, and what is sent to it is lost; that may happen on a busy machine, but not for ever. */
    private static boolean answered(Session s, String ping, String all) throws InterruptedException {
        for (int i = 0; i < 10; i++) if (s.puppy(ping).contains(all)) return true;
        return false;
    }

    @Test
    void guestsOfTwoProcessesExchangeTenMegabytesAndOneThatIsKilledLeavesItsPlace() throws Exception {
        try (Session a = puppy("", new GuestSpec.Device(DeviceType.NET, "share:" + folder.resolve("lan")))) {
            a.await("puppy> ");
            a.puppy("ip 10.8.0.1/24");
            try (Stranger b = new Stranger()) {
                b.await("puppy> ");
                b.type("ip 10.8.0.2/24");
                b.await("puppy> ");
                a.type("recv 7");
                a.await("recv: port 7");
                b.type("send 10.8.0.1 7 " + TEN_MEGABYTES);
                b.await("sent ");
                String sent = summed(b.await("puppy> "));
                assertEquals(sent, summed(a.await("puppy> ")));
                assertTrue(sent.startsWith(TEN_MEGABYTES + " bytes"), sent);
                a.type("recv 7");
                a.await("recv: port 7");
                b.type("send 10.8.0.1 7 1000000000");
                long before = a.guest.counters().framesSent.sum();
                assertTrue(Await.until(() -> a.guest.counters().framesSent.sum() > before + 200), a::screen);
            } // killed in mid-transfer
            a.type("\u0003");
            a.await("puppy> ");
            try (Stranger c = new Stranger()) {
                c.await("puppy> ");
                c.type("ip 10.8.0.3/24");
                c.await("puppy> ");
                assertTrue(answered(a, "ping 10.8.0.3 3", "3 answers"), a::screen);
                long page = a.guest.devicePage().devices().getFirst().config;
                assertTrue(a.guest.memory().load8(page + 6) != 0 && a.guest.memory().load8(page + 12) == 0,
                    "the place of the one that was killed is taken again");
            }
        }
    }
}
