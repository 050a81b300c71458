package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Life;
import org.lguest.api.part.Host;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Organs are exchanged while a guest runs, and it does not notice. */
@OnThePlatform
@Timeout(300)
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
        String[] parts = {"org.lguest.cpu", "org.lguest.device.console", "org.lguest.mmu", "org.lguest.switcher", "org.lguest.hypercalls"};
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
    void timersThatRanWhileTheClockWasAwayStillRing() throws Exception {
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            s.type("sleep 1");
            s.await("sleep 1");
            bundle("org.lguest.clock").update();
            long before = System.nanoTime();
            s.await("puppy> ");
            assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(30));
        }
    }
}
