package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverlayTest {
    private static final int BLOCK = OverlayHeader.BLOCK;
    private static final int SIZE = 21 * BLOCK + 1536; // the last block is none
    private static final UUID TODAY = new UUID(1, 2), TOMORROW = new UUID(3, 4);

    @TempDir Path folder;
    private Path base, delta;
    private byte[] original;

    @BeforeEach
    void makeABase() throws IOException {
        original = new byte[SIZE];
        new Random(7).nextBytes(original);
        base = Files.write(folder.resolve("base.img"), original);
        delta = folder.resolve("delta");
    }

    private OverlayDisk open(String options, UUID boot) throws IOException {
        return Overlays.open(new DiskSpec(base + options, Set.of("file", "rebase", "bs")), boot);
    }

    private OverlayDisk open(Path file, UUID boot) throws IOException { return open(",file=" + file, boot); }

    private String refused(String options) { return assertThrows(IOException.class, () -> open(options, TODAY).close()).getMessage(); }

    private static byte[] content(OverlayDisk disk) throws IOException {
        byte[] all = new byte[(int) disk.size()];
        disk.read(0, MemorySegment.ofArray(all));
        return all;
    }

    private static void write(OverlayDisk disk, byte[] model, int at, byte[] bytes) throws IOException {
        disk.write(at, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, at, bytes.length);
    }

    private static byte[] noise(Random random, int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The file as it would be found if the process were killed now. */
    private Path copy() throws IOException { return Files.write(folder.resolve("copy"), Files.readAllBytes(delta)); }

    @Test
    void withoutAFileChangesAreForgottenAndTheBaseIsWhatItWas() throws IOException {
        byte[] model = original.clone();
        try (OverlayDisk disk = open("", TODAY)) {
            assertEquals(SIZE, disk.size());
            write(disk, model, 5000, noise(new Random(1), 10_000));
            disk.flush();
            assertArrayEquals(model, content(disk));
        }
        try (OverlayDisk disk = open("", TODAY)) {
            assertArrayEquals(original, content(disk));
        }
        assertArrayEquals(original, Files.readAllBytes(base));
    }

    @Test
    void withoutAFileAnotherOneGoesOnWithTheChanges() throws IOException {
        byte[] model = original.clone();
        OverlayDisk first = open("", TODAY);
        write(first, model, 5000, noise(new Random(1), 10_000));
        FileChannel file = first.handOverFile();
        first.close();
        try (OverlayDisk next = open("", TODAY)) {
            next.takeOverFile(file);
            assertArrayEquals(model, content(next));
            write(next, model, 4000, noise(new Random(2), 30_000));
            assertArrayEquals(model, content(next));
        }
        assertFalse(file.isOpen());
        try (OverlayDisk lasting = open(delta, TODAY)) {
            assertNull(lasting.handOverFile());
        }
    }

    @Test
    void aFileKeepsTheChangesAndOnlyThem() throws IOException {
        byte[] model = original.clone();
        try (OverlayDisk disk = open(delta, TODAY)) {
            write(disk, model, SIZE - 512, noise(new Random(1), 512));
            write(disk, model, 3 * BLOCK - 1, noise(new Random(2), 2));
        }
        try (OverlayDisk disk = open(delta, TOMORROW)) {
            assertArrayEquals(model, content(disk));
            assertTrue(disk.describe().contains("12 KiB changed"), disk.describe());
        }
        assertArrayEquals(original, Files.readAllBytes(base));
    }

    @Test
    void guestsShareABaseWhichNobodyMayWriteMeanwhile() throws IOException {
        try (OverlayDisk one = open("", TODAY); OverlayDisk other = open(delta, TODAY)) {
            one.write(0, MemorySegment.ofArray(new byte[512]));
            assertArrayEquals(original, content(other));
            assertTrue(assertThrows(IOException.class, () -> new RawDisks().open(null, base.toString())).getMessage().contains("in use"));
            assertTrue(refused(",file=" + delta).contains("in use"));
        }
    }

    /** Random writes and flushes; the file is looked at in between, as after a killed process and as after a power failure. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aKilledProcessLosesNothingAndAPowerFailureOnlyWhatWasNotFlushed(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] model = original.clone();
        BitSet flushed = new BitSet(), written = new BitSet();
        try (OverlayDisk disk = open(delta, TODAY)) {
            for (int step = 0; step < 40; step++) {
                if (random.nextInt(5) == 0) {
                    disk.flush();
                    flushed.or(written);
                } else {
                    int at = random.nextInt(SIZE / 512) * 512;
                    int n = Math.min(SIZE - at, (1 + random.nextInt(24)) * 512);
                    write(disk, model, at, noise(random, n));
                    written.set(at / BLOCK, (at + n - 1) / BLOCK + 1);
                }
                assertArrayEquals(model, content(disk));
                try (OverlayDisk survivor = open(copy(), TODAY)) {
                    assertArrayEquals(model, content(survivor), "killed after step " + step);
                }
                try (OverlayDisk survivor = open(copy(), TOMORROW)) {
                    assertArrayEquals(known(model, flushed), content(survivor), "power failed after step " + step);
                }
            }
        }
    }

    /** Blocks are the overlay's once they have been flushed, and the base's before. */
    private byte[] known(byte[] model, BitSet flushed) {
        byte[] all = original.clone();
        for (int b = flushed.nextSetBit(0); b >= 0; b = flushed.nextSetBit(b + 1))
            System.arraycopy(model, b * BLOCK, all, b * BLOCK, Math.min(BLOCK, SIZE - b * BLOCK));
        return all;
    }

    @Test
    void whatWasOpenedUnderTheSameBootIsSafeAfterTheNextFlush() throws IOException {
        byte[] model = original.clone();
        try (OverlayDisk disk = open(delta, TODAY)) {
            write(disk, model, BLOCK, noise(new Random(1), BLOCK));
            Path killed = copy();
            try (OverlayDisk second = open(killed, TODAY)) {
                assertArrayEquals(model, content(second));
                Path after = Files.copy(killed, folder.resolve("after"));
                try (OverlayDisk third = open(after, TOMORROW)) {
                    assertArrayEquals(model, content(third), "opening flushes what was there");
                }
            }
        }
    }

    @Test
    void aBlockOfWhichHalfWasWrittenBeforeTheEndIsTheBases() throws IOException {
        try (OverlayDisk disk = open(delta, TODAY)) {
            disk.write(0, MemorySegment.ofArray(new byte[512]));
        }
        byte[] file = Files.readAllBytes(delta);
        file[OverlayHeader.BYTES] = BlockStates.ABSENT; // data is there, the note is not
        Files.write(delta, file);
        try (OverlayDisk disk = open(delta, TODAY)) {
            assertArrayEquals(original, content(disk));
        }
    }

    @Test
    void aBaseThatHasBeenChangedIsRefusedUnlessItIsKnownToBeTheSame() throws IOException {
        byte[] model = original.clone();
        try (OverlayDisk disk = open(delta, TODAY)) {
            write(disk, model, 512, new byte[512]);
        }
        Files.setLastModifiedTime(base, FileTime.fromMillis(1_000_000));
        assertTrue(refused(",file=" + delta).contains("has been changed since"));
        try (OverlayDisk disk = open(",rebase,file=" + delta, TODAY)) {
            assertArrayEquals(model, content(disk));
        }
        open(delta, TODAY).close();
        Files.write(base, Arrays.copyOf(original, SIZE + 512));
        assertTrue(refused(",rebase,file=" + delta).contains("belongs to an image of " + SIZE + " bytes"));
    }

    @Test
    void damageIsFoundWhenTheFileIsOpened() throws IOException {
        open(delta, TODAY).close();
        byte[] good = Files.readAllBytes(delta);
        byte[] bad = good.clone();
        bad[24] ^= 1;
        Files.write(delta, bad);
        assertTrue(refused(",file=" + delta).contains("checksum"));
        bad = Arrays.copyOf(good, OverlayHeader.BYTES + BLOCK);
        bad[OverlayHeader.BYTES + 3] = 9;
        Files.write(delta, bad);
        assertTrue(refused(",file=" + delta).contains("damaged"));
        Files.write(delta, new byte[100]);
        assertTrue(refused(",file=" + delta).contains("is no overlay"));
        Files.write(delta, new byte[5000]);
        assertTrue(refused(",file=" + delta).contains("is no overlay"));
    }

    @Test
    void anOverlayThatHasBecomeShorterIsAnError() throws IOException {
        try (OverlayDisk disk = open(delta, TODAY)) {
            disk.write(SIZE - 512, MemorySegment.ofArray(new byte[512]));
            Files.write(delta, Arrays.copyOf(Files.readAllBytes(delta), 8192));
            assertThrows(IOException.class, () -> content(disk));
        }
    }

    @Test
    void specsThatMakeNoSenseAreRefused() throws IOException {
        assertTrue(refused(",file=" + folder.resolve("no/such/folder")).contains("cannot be made"));
        assertTrue(refused(",file=" + base).contains("on itself"));
        assertTrue(refused(",file=").contains("name of a file"));
        assertTrue(refused("x").contains("does not exist"));
        assertTrue(refused(",bs=3").contains("want 512"));
        Files.write(base, new byte[0]);
        assertTrue(refused("").contains("is empty"));
    }
}
