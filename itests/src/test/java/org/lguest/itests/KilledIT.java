package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.BlockBackend;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * A process is killed while its guest writes, and what the guest had been told is safe is on the disk. puppy's command
 * {@code blk stamp} writes sectors that show their number in every word, round and round the disk, and tells how far they are safe.
 */
@OnThePlatform
@Timeout(180)
class KilledIT {
    private static final int SECTOR = 512, SECTORS = 303;
    private static final int ENOUGH = 4 * SECTORS; // so that most sectors have been written over
    private static final String SAFE = "safe up to ";

    @Inject private BundleContext context;
    private Path folder, image;
    private byte[] original;

    @BeforeEach
    void makeAnImage() throws IOException {
        folder = Files.createTempDirectory("killed");
        image = folder.resolve("disk.img");
        original = new byte[SECTORS * SECTOR];
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
        CompletableFuture.delayedExecutor(120, TimeUnit.SECONDS).execute(p.toHandle()::destroyForcibly); // ends our reads, too
        StringBuilder seen = new StringBuilder();
        int safe = 0;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.ISO_8859_1))) {
            for (String line; (line = out.readLine()) != null;) {
                seen.append(line).append('\n');
                if (!line.startsWith(SAFE)) continue;
                safe = Integer.parseInt(line.substring(SAFE.length()).strip());
                if (safe >= ENOUGH) p.toHandle().destroyForcibly(); // SIGKILL; what is printed and not read yet counts
            }
        } finally {
            p.destroyForcibly();
        }
        assertTrue(safe >= ENOUGH, seen::toString);
        return safe;
    }

    private byte[] content(String scheme, String rest) throws IOException, InvalidSyntaxException {
        for (ServiceReference<BackendProvider> r : context.getServiceReferences(BackendProvider.class, null)) {
            BackendProvider provider = context.getService(r);
            if (provider.type() != DeviceType.BLOCK || !provider.scheme().equals(scheme)) continue;
            try (BlockBackend disk = (BlockBackend) provider.open(null, rest)) {
                byte[] all = new byte[(int) disk.size()];
                disk.read(0, MemorySegment.ofArray(all));
                return all;
            }
        }
        throw new AssertionError("nobody provides " + scheme);
    }

    private static byte[] stamp(int number) {
        ByteBuffer b = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN).putInt(number);
        for (int i = 1; b.hasRemaining(); i++) b.putInt(number * 0x9E3779B1 + i);
        return b.array();
    }

    /** Each sector has, whole, the last stamp that was safe, or one of those that came later. */
    private static void assertStamped(byte[] disk, int safe) {
        for (int s = 0; s < SECTORS; s++) {
            byte[] sector = Arrays.copyOfRange(disk, s * SECTOR, (s + 1) * SECTOR);
            int number = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN).getInt();
            int last = safe - Math.floorMod(safe - 1 - s, SECTORS);
            assertTrue(number >= last && (number - 1) % SECTORS == s, "sector " + s + " has number " + number + " and should have " + last + "; safe were " + safe);
            assertEquals(-1, Arrays.mismatch(stamp(number), sector), "sector " + s + " is torn");
        }
    }

    @Test
    void whatWasFlushedToAnImageIsThereWhenTheProcessIsKilled() throws Exception {
        int safe = killed(image.toString());
        assertStamped(Files.readAllBytes(image), safe);
    }

    @Test
    void whatWasFlushedToAnOverlayIsThereWhenTheProcessIsKilled() throws Exception {
        String overlay = image + ",file=" + folder.resolve("delta");
        int safe = killed("overlay:" + overlay);
        assertStamped(content("overlay", overlay), safe);
        assertEquals(-1, Arrays.mismatch(original, Files.readAllBytes(image)), "the base has been written");
    }
}
