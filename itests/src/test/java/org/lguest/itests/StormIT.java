package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Host;
import org.lguest.api.state.DeviceState;
import org.osgi.framework.BundleContext;

/**
 * Every seat is replaced, in random order and in every way, under a guest that uses all of its machine at once and looks closely, while
 * a second one answers it and a third asks the user network.
 *
 * <p>{@code -Dstorm.seed=N} repeats an order, {@code -Dstorm.times=N} replaces each seat so often instead of 50 times, and
 * {@code -Dstorm.report=true} tells how long the guest stood still.
 */
@OnThePlatform
@Timeout(value = 5, unit = TimeUnit.HOURS)
class StormIT {
    private static final int TIMES = Integer.getInteger("storm.times", 50);
    private static final long SEED = Long.getLong("storm.seed", System.nanoTime());
    private static final String[] BUNDLES = {"cpu", "mmu", "switcher", "clock", "hypercalls", "device.console", "device.block", "device.net", "device.rng",
        "device.classic", "backends", "netbackends", "usernet", "launcher", "guest", "shell"};
    private static final Pattern WORKER = Pattern.compile("churn: (\\w+) (\\d+), wrong (\\d+)"),
        VERDICT = Pattern.compile("churn: (\\d+) unanswered, latest by (\\d+) us");
    /** A bundle that was replaced so many times as often as it should have been, and yet lacks something, will always lack it. */
    private static final int ENOUGH = 20;
    /** Requests that read or write nearly each of the 80 pieces of the disk that the guest uses. */
    private static final int LOOKS = 300;
    private static final int LATEST_MICROS = 120_000_000; // a machine may be busy; a timer that was lost never rings

    @Inject private Host host;
    @Inject private BundleContext context;
    @Inject private CommandProcessor gogo;

    @Test
    void everySeatIsReplacedUnderAGuestThatLooksClosely(@TempDir Path folder) throws Exception {
        List<Replaceable> bundles = new ArrayList<>();
        try {
            for (String n : BUNDLES) bundles.add(new Replaceable(context, "org.lguest." + n, folder));
            storm(bundles);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("-Dstorm.seed=" + SEED + " -Dstorm.times=" + TIMES + ": " + e.getMessage(), e);
        } finally {
            for (Replaceable r : bundles) r.restore();
        }
        assertTrue(Await.until(() -> {
            System.gc();
            return bundles.stream().allMatch(r -> r.left().isEmpty());
        }), () -> "class loaders of replaced bundles are left: " + bundles.stream().flatMap(r -> r.left().stream()).toList());
    }

    private void storm(List<Replaceable> bundles) throws Exception {
        String start = "lguest:start --net=switch:storm --name=";
        assertEquals("rex started", gogo(start + "rex"));
        assertEquals("fido started", gogo(start + "fido --rng --block=mem:1M"));
        try (Session rex = new Session(host, host.find("rex").orElseThrow()); Session fido = new Session(host, host.find("fido").orElseThrow());
                Session traveller = Session.puppy(host, false, new GuestSpec.Device(DeviceType.NET, "user:"))) {
            for (Session s : List.of(rex, fido, traveller)) s.await("puppy> ");
            rex.puppy("ip 10.9.0.2/24");
            fido.puppy("ip 10.9.0.1/24");
            traveller.puppy("ip dhcp");
            traveller.type("ping 10.0.2.2 10000000");
            fido.type("churn 10.9.0.2");
            fido.await("at work\r\n");
            int begin = fido.screen().length();
            Typist typist = new Typist(fido, SEED);
            replaceAll(bundles, fido.guest);
            String typed = typist.stop();
            readAgain(fido.guest); // with nobody who types, which is what a slow processor has most to do with
            fido.type("\3");
            fido.await(" wrong in all");
            assertEquals(typed + "^C\r\n", fido.screen().substring(begin, begin + typed.length() + 4), "the console");
            judge(fido.screen(), bundles);
            traveller.type("\3");
            traveller.await(" questions, ");
            assertTrue(Integer.parseInt(traveller.await(" answers")) > 0);
        }
    }

    private String gogo(String command) throws Exception {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        try (CommandSession s = gogo.createSession(new ByteArrayInputStream(new byte[0]), nowhere, nowhere)) {
            return String.valueOf(s.execute(command));
        }
    }

    /** Until somebody else has sat down in each seat, and each bundle that has none was replaced, so often. */
    private void replaceAll(List<Replaceable> bundles, Guest guest) throws Exception {
        Random random = new Random(SEED);
        StandStill still = new StandStill(guest);
        Map<String, Integer> replaced = counted(guest);
        for (List<Replaceable> open; !(open = bundles.stream().filter(r -> lacks(r, guest, replaced)).toList()).isEmpty();) {
            Replaceable r = open.get(random.nextInt(open.size()));
            Replaceable.Way way = Replaceable.Way.any(random);
            boolean alone = random.nextBoolean();
            List<Long> before = still.now();
            r.replace(way, alone, host, random);
            still.add(r.toString(), r.twinIsThere() || way == Replaceable.Way.TWIN ? "handed" : way.name(), before);
            if (r.seats(host, guest).isEmpty()) use(guest);
            assertFalse(guest.dead(), () -> "after " + r + ", " + way + ": " + guest.endingNow());
            assertTrue(r.times() < ENOUGH * TIMES, () -> r + " was replaced " + r.times() + " times, and somebody else keeps a seat: " + host.machine(guest));
        }
        if (Boolean.getBoolean("storm.report")) System.out.println(still.report());
    }

    /** On a busy machine there was little time between two changes: what was written then is looked at now. */
    private static void readAgain(Guest guest) {
        DeviceState disk = guest.devicePage().devices().stream().filter(d -> d.type.alike(DeviceType.BLOCK)).findFirst().orElseThrow();
        long before = disk.requests.sum();
        boolean used = Await.until(() -> disk.requests.sum() >= before + LOOKS || guest.dead());
        assertFalse(guest.dead(), () -> "afterwards: " + guest.endingNow());
        assertTrue(used, () -> "the disk is hardly used: " + before + ", then " + disk.requests.sum());
    }

    /** The seats' names, and how often the guest was told that somebody has taken them. */
    private static Map<String, Integer> counted(Guest guest) {
        Map<String, Integer> counts = new ConcurrentSkipListMap<>();
        guest.log().follow(e -> {
            int colon = e.text().indexOf(": ");
            if (colon > 0 && !e.text().contains("empty")) counts.merge(e.text().substring(0, colon), 1, Integer::sum);
        });
        return counts;
    }

    private boolean lacks(Replaceable r, Guest guest, Map<String, Integer> replaced) {
        List<String> seats = r.seats(host, guest);
        return seats.isEmpty() ? r.times() < TIMES : seats.stream().anyMatch(s -> replaced.getOrDefault(s, 0) < TIMES);
    }

    /** Whoever was replaced without a guest of ours in his seat does his work: shell, launcher, bundled kernel. */
    private void use(Guest guest) throws Exception {
        assertTrue(gogo("lguest:list").contains(guest.name()));
        Guest another = host.launch(new GuestSpec(null, 4, null, null, "", List.of(), false));
        another.kill("enough");
        host.forget(another);
    }

    private static void judge(String screen, List<Replaceable> bundles) {
        List<MatchResult> workers = WORKER.matcher(screen).results().toList();
        assertEquals(List.of("sums", "programs", "timer", "disk", "net", "dice"), workers.stream().map(m -> m.group(1)).toList());
        for (MatchResult m : workers) assertTrue(!m.group(2).equals("0") && m.group(3).equals("0"), m.group());
        MatchResult verdict = VERDICT.matcher(screen).results().findFirst().orElseThrow();
        int networks = bundles.stream().filter(r -> r.toString().endsWith("netbackends")).mapToInt(Replaceable::times).sum();
        assertTrue(Integer.parseInt(verdict.group(1)) <= networks, "a network may lose what is on its way, once each time that it is replaced: " + verdict.group());
        assertTrue(Integer.parseInt(verdict.group(2)) < LATEST_MICROS, verdict.group());
    }
}
