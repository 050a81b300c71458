package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.part.Host;

/** A jar dropped into {@code load/} takes its seat under a running guest, and gives it back when it is deleted. */
@OnThePlatform
@Timeout(300)
class HotDeployIT {
    @Inject private Host host;

    @Test
    void aProcessorDroppedIntoTheFolderTakesOver() throws Exception {
        Path load = Distribution.home().resolve("load");
        Path ready = Twin.of("org.lguest.cpu", "org.lguest.cpu.better", 100, Distribution.home().resolve("better-cpu.new")); // beside the folder that is watched
        Path jar = load.resolve("better-cpu.jar");
        try (Session s = Session.puppy(host, false)) {
            s.await("puppy> ");
            Files.move(ready, jar, StandardCopyOption.ATOMIC_MOVE);
            try {
                assertTrue(soon(() -> cpu(s).contains("org.lguest.cpu.better")), () -> cpu(s));
                assertTrue(s.puppy("echo with the new one").contains("with the new one"));
            } finally {
                Files.delete(jar);
            }
            assertTrue(soon(() -> !cpu(s).contains("better") && !cpu(s).contains("empty")), () -> cpu(s));
            assertTrue(s.puppy("echo with the old one").contains("with the old one"));
        }
    }

    private String cpu(Session s) { return host.seats(s.guest).stream().filter(l -> l.startsWith("cpu:")).findFirst().orElseThrow(); }

    private static boolean soon(BooleanSupplier condition) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); System.nanoTime() < end; LockSupport.parkNanos(5_000_000))
            if (condition.getAsBoolean()) return true;
        return condition.getAsBoolean();
    }
}
