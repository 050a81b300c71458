package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Farewell;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.Life;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Host;
import org.lguest.api.part.Launcher;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Organs are exchanged while a guest runs, and it does not notice. */
@OnThePlatform
@Timeout(1800)
class SwapIT {
    @Inject private Host host;
    @Inject private BundleContext context;

    private Bundle bundle(String name) {
        return Arrays.stream(context.getBundles()).filter(b -> name.equals(b.getSymbolicName())).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.lguest.cpu", "org.lguest.mmu", "org.lguest.switcher", "org.lguest.hypercalls", "org.lguest.clock",
        "org.lguest.device.console", "org.lguest.device.block", "org.lguest.device.rng", "org.lguest.launcher"})
    void aBundleIsUpdatedUnderARunningGuest(String name) throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            for (int round = 0; round < 3; round++) {
                bundle(name).update();
                assertTrue(s.puppy("echo round " + round).contains("round " + round));
            }
            s.type("poweroff");
            assertTrue(s.ending().clean(), () -> String.valueOf(s.guest.endingNow()));
        }
    }

    /** Whatever is on its way when a part changes arrives once, and in order. */
    @Test
    void nothingIsLostOrDoubledWhilePartsChangeInTheMiddleOfWork() throws Exception {
        String[] parts = {"org.lguest.cpu", "org.lguest.device.console", "org.lguest.mmu", "org.lguest.backends", "org.lguest.switcher"};
        int lines = 200;
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            Thread typist = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < lines; i++) s.type("echo <" + i + ">");
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (String part : parts) bundle(part).update();
            for (int i = 0; i < lines; i++) {
                s.await("echo <" + i + ">");
                assertTrue(s.await("puppy> ").contains("<" + i + ">"), "line " + i);
                if (i % 40 == 0) bundle(parts[i / 40]).update();
            }
            typist.join();
        }
    }

    @Test
    void diskAndBackendChangeWhileTheGuestWritesAndEverySectorArrives() throws Exception {
        Path image = Files.createTempFile("swap", ".img");
        Path delta = image.resolveSibling(image.getFileName() + ".delta");
        Files.write(image, new byte[Stamps.SECTORS * Stamps.SECTOR]);
        String overlay = "overlay:" + image + ",file=" + delta;
        try (Session s = Session.puppy(host, false, new GuestSpec.Device(DeviceType.BLOCK, overlay))) {
            s.await("puppy> ");
            s.type("blk stamp 30000");
            for (int round = 0; round < 8; round++) {
                s.await(Stamps.SAFE); // it is at work
                bundle(round % 2 == 0 ? "org.lguest.backends" : "org.lguest.device.block").update();
            }
            s.await(Stamps.SAFE + 30_000);
            s.type("poweroff");
            assertTrue(s.ending().clean());
            host.forget(s.guest);
            Stamps.check(Stamps.content(context, overlay), 30_000);
        } finally {
            Files.deleteIfExists(delta);
            Files.delete(image);
        }
    }

    @Test
    void aGuestWithoutACpuWaitsForOne() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            Bundle cpu = bundle("org.lguest.cpu");
            cpu.stop();
            try {
                assertEquals(Life.PARKED, s.guest.life());
                assertEquals("cpu", s.guest.vcpu().parts().missing());
            } finally {
                cpu.start();
            }
            assertTrue(s.puppy("echo back again").contains("back again"));
        }
    }

    @Test
    void theBackendsAreUpdatedUnderARunningGuest() throws Exception {
        try (Session s = Session.puppy(host, false, new GuestSpec.Device(DeviceType.RNG, "host:"))) {
            s.await("puppy> ");
            bundle("org.lguest.backends").update();
            assertTrue(s.puppy("echo through it").contains("through it")); // the console is another one now
            try (Session late = new Session(host, s.guest)) {
                late.await("puppy> "); // what was there before the change is kept
                late.await("echo through it");
                late.type("poweroff");
                assertTrue(late.ending().clean());
            }
        }
    }

    @Test
    void anEngineOfHigherRankTakesTheSeatAndGivesItBack() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            CpuEngine usual = s.guest.vcpu().parts().cpu();
            Handing better = new Handing(usual);
            ServiceRegistration<CpuEngine> there = register(better);
            try {
                assertEquals(better, s.guest.vcpu().parts().cpu());
                assertTrue(s.puppy("echo hello").contains("hello"));
                assertTrue(better.runs.get() > 0);
            } finally {
                there.unregister();
            }
            long runs = better.runs.get();
            assertTrue(s.puppy("echo goodbye").contains("goodbye"));
            assertEquals(runs, better.runs.get(), "somebody was inside after its unregistration");
            assertEquals(usual, s.guest.vcpu().parts().cpu());
        }
    }

    @Test
    void aRankingThatChangesCountsAtOnce() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            CpuEngine usual = s.guest.vcpu().parts().cpu();
            Handing other = new Handing(usual);
            ServiceRegistration<CpuEngine> there = context.registerService(CpuEngine.class, other, ranking(-1));
            try {
                assertEquals(usual, s.guest.vcpu().parts().cpu());
                there.setProperties(ranking(1));
                assertEquals(other, s.guest.vcpu().parts().cpu());
                assertTrue(s.puppy("echo promoted").contains("promoted"));
                there.setProperties(ranking(-1));
                assertEquals(usual, s.guest.vcpu().parts().cpu());
            } finally {
                there.unregister();
            }
            assertTrue(s.puppy("echo as before").contains("as before"));
        }
    }

    /** A launcher's work is done when the guest runs, so another one shows in the next life. */
    @Test
    void aLauncherOfHigherRankOrOfTheGuestsChoiceMakesTheNextLife() throws Exception {
        ServiceReference<Launcher> reference = context.getServiceReference(Launcher.class);
        Launcher usual = context.getService(reference);
        List<String> launched = new CopyOnWriteArrayList<>();
        ServiceRegistration<Launcher> there = context.registerService(Launcher.class, spec -> {
            launched.add(spec.name());
            return usual.launch(spec);
        }, new Hashtable<>(Map.of(Constants.SERVICE_RANKING, 100, Seat.NAME, "noting")));
        try (Session s = Session.puppy(host, false)) {
            assertEquals(1, launched.size());
            there.setProperties(new Hashtable<>(Map.of(Constants.SERVICE_RANKING, -1, Seat.NAME, "noting")));
            Session.puppy(host, false).close();
            assertEquals(1, launched.size(), "it is not the best any more");
            assertTrue(host.seats(s.guest).getLast().startsWith("launcher: org.lguest.launcher "), host.seats(s.guest)::toString);
            host.prefer(s.guest, "launcher", "noting");
            assertTrue(host.seats(s.guest).getLast().endsWith("(noting)"), host.seats(s.guest)::toString);
            host.stop(s.guest, Farewell.NONE);
            Guest next = host.start(s.guest.again());
            assertEquals(2, launched.size(), "but this guest wants it");
            host.stop(next, Farewell.NONE);
        } finally {
            there.unregister();
            context.ungetService(reference);
        }
    }

    /** Who launches is let out before a bundle stops; who comes in between is told who is missing. */
    @ParameterizedTest
    @ValueSource(strings = {"org.lguest.launcher", "org.lguest.guest", "org.lguest.backends", "org.lguest.device.console"})
    void whoeverHasAPartInALaunchIsUpdatedInTheMiddleOfIt(String name) throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        FutureTask<Integer> launches = new FutureTask<>(() -> {
            int launched = 0;
            while (!enough.get() || launched == 0) {
                try {
                    Guest g = host.launch(new GuestSpec(null, 4, null, null, "", List.of(), null));
                    launched++;
                    g.kill("enough");
                    host.forget(g);
                } catch (LaunchException e) {
                    assertTrue(e.getMessage().matches("no (launcher is here|kernel was named|console device is|backend 'hub').*"), e.getMessage());
                }
            }
            return launched;
        });
        Thread.ofPlatform().start(launches);
        try {
            for (int i = 0; i < 20 && !launches.isDone(); i++) bundle(name).update();
        } finally {
            enough.set(true);
        }
        assertTrue(launches.get() > 0);
    }

    private static Hashtable<String, Object> ranking(int n) { return new Hashtable<>(Map.of(Constants.SERVICE_RANKING, n)); }

    @Test
    void anEngineThatThrowsKillsItsGuestsAndNobodyElse() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            ServiceRegistration<CpuEngine> there = register((g, parts, budget) -> { throw new IllegalStateException("engine trouble"); });
            try {
                s.type("echo anything");
                assertTrue(s.ending().reason().contains("engine trouble"), () -> s.guest.endingNow().reason());
            } finally {
                there.unregister();
            }
        }
        try (Session next = Session.puppy(host, false)) {
            next.await("puppy> ");
        }
    }

    private ServiceRegistration<CpuEngine> register(CpuEngine engine) {
        return context.registerService(CpuEngine.class, engine, ranking(100));
    }

    /** An engine that is another one to the host. */
    static CpuEngine handingOnTo(CpuEngine usual) { return new Handing(usual); }

    /** Another engine to the host; hands on to the usual one. */
    private static final class Handing implements CpuEngine {
        private final CpuEngine to;
        private final AtomicLong runs = new AtomicLong();

        Handing(CpuEngine to) { this.to = to; }

        @Override
        public void adopt(Guest guest) { to.adopt(guest); }

        @Override
        public void release(Guest guest) { to.release(guest); }

        @Override
        public void run(Guest guest, Parts parts, int budget) {
            runs.incrementAndGet();
            to.run(guest, parts, budget);
        }
    }

    @Test
    void timersThatRanWhileTheClockWasAwayStillRing() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            s.type("sleep 1");
            s.await("sleep 1");
            bundle("org.lguest.clock").update();
            s.await("puppy> ");
        }
    }
}
