package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.BundleContext;

/**
 * A process is killed while its guest writes, and what the guest had been told is safe is on the disk. puppy's command
 * {@code blk stamp} writes sectors that show their number in every word, round and round the disk, and tells how far they are safe.
 */
@OnThePlatform
@Timeout(1200)
class KilledIT {
    private static final int ENOUGH = 4 * Stamps.SECTORS; // so that all sectors have been written over

    @Inject private BundleContext context;
    private Path folder, image;
    private byte[] original;

    @BeforeEach
    void makeAnImage() throws IOException {
        folder = Files.createTempDirectory("killed");
        image = folder.resolve("disk.img");
        original = new byte[Stamps.SECTORS * Stamps.SECTOR];
        Files.write(image, original);
    }

    @AfterEach
    void tidy() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path f : files.toList()) Files.delete(f);
        }
        Files.delete(folder);
    }

    /** Runs puppy in a process of its own, kills that in the middle of its work; answers the last number that was safe. */
    private int killed(String disk) throws IOException {
        ProcessBuilder b = new ProcessBuilder(Distribution.home().resolve("bin/lguest").toString(), "--block=" + disk, "32", "puppy", "run=\"blk stamp 100000000\"");
        b.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process p = b.redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor(900, TimeUnit.SECONDS).execute(p.toHandle()::destroyForcibly); // ends our reads, too
        StringBuilder seen = new StringBuilder();
        int safe = 0;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.ISO_8859_1))) {
            for (String line; (line = out.readLine()) != null;) {
                seen.append(line).append('\n');
                if (!line.startsWith(Stamps.SAFE)) continue;
                safe = Integer.parseInt(line.substring(Stamps.SAFE.length()).strip());
                if (safe >= ENOUGH) p.toHandle().destroyForcibly(); // SIGKILL; what is printed and not read yet counts
            }
        } finally {
            p.destroyForcibly();
        }
        assertTrue(safe >= ENOUGH, seen::toString);
        return safe;
    }

    @Test
    void whatWasFlushedToAnImageIsThereWhenTheProcessIsKilled() throws Exception {
        int safe = killed(image.toString());
        Stamps.check(Files.readAllBytes(image), safe);
    }

    @Test
    void whatWasFlushedToAnOverlayIsThereWhenTheProcessIsKilled() throws Exception {
        String overlay = "overlay:" + image + ",file=" + folder.resolve("delta");
        int safe = killed(overlay);
        Stamps.check(Stamps.content(context, overlay), safe);
        assertEquals(-1, Arrays.mismatch(original, Files.readAllBytes(image)), "the base has been written");
    }
}
