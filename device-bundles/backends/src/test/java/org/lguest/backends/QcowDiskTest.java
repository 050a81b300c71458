package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.BlockBackend;

class QcowDiskTest {
    private static final int BITS = 12, CLUSTER = 1 << BITS;

    @TempDir Path folder;
    private Path image;

    @BeforeEach
    void name() { image = folder.resolve("disk.qcow2"); }

    private static BlockBackend open(Object spec) throws IOException { return (BlockBackend) new QcowDisks().open(null, spec.toString()); }

    private static String refused(Object spec) { return assertThrows(IOException.class, () -> open(spec)).getMessage(); }

    private static byte[] content(BlockBackend disk) throws IOException {
        byte[] all = new byte[(int) disk.size()];
        disk.read(0, MemorySegment.ofArray(all));
        return all;
    }

    private static void write(BlockBackend disk, byte[] model, int at, byte[] bytes) throws IOException {
        disk.write(at, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, at, bytes.length);
    }

    private static byte[] noise(Random random, int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Whenever the process is killed, the image is whole and has all that was written. */
    @ParameterizedTest
    @CsvSource({"1, 12", "2, 9", "3, 16", "4, 10"})
    void aKilledProcessLeavesAWholeImageWithEverythingInIt(long seed, int bits) throws IOException {
        Random random = new Random(seed);
        int size = bits == 9 ? 1 << 20 : 3 << 20;
        new QcowImage(bits, size).write(image);
        byte[] model = new byte[size];
        try (BlockBackend disk = open(image)) {
            assertEquals(size, disk.size());
            for (int step = 0; step < 40; step++) {
                int at = random.nextInt(size / 512) * 512;
                write(disk, model, at, noise(random, Math.min(size - at, (1 + random.nextInt(40)) * 512)));
                if (random.nextInt(8) == 0) disk.flush();
                if (step % 5 != 0) continue;
                Path copy = Files.write(folder.resolve("copy"), Files.readAllBytes(image));
                QcowImage.check(copy);
                try (BlockBackend survivor = open(copy)) {
                    assertArrayEquals(model, content(survivor), "after step " + step);
                }
            }
        }
        QcowImage.check(image);
        try (BlockBackend disk = open(image + ",ro")) {
            assertArrayEquals(model, content(disk));
        }
    }

    @Test
    void whatWasCountedAheadAndNotUsedIsGivenBack() throws IOException {
        new QcowImage(BITS, 1 << 20).write(image);
        for (int i = 0; i < 5; i++)
            try (BlockBackend disk = open(image)) {
                disk.write(i * CLUSTER, MemorySegment.ofArray(new byte[] {1}));
            }
        assertEquals(4 + 1 + 5, QcowImage.counted(image), "four of the empty image, an L2 table, five clusters");
        assertEquals(10L * CLUSTER, Files.size(image));
    }

    @Test
    void packedZeroAndSharedClustersAreReadAndAnsweredByNewOnesWhenWritten() throws IOException {
        byte[] packed = new byte[CLUSTER];
        for (int i = 0; i < CLUSTER; i++) packed[i] = (byte) (i / 7);
        byte[] shared = noise(new Random(1), CLUSTER);
        new QcowImage(BITS, 10 * CLUSTER).withEverything(packed, shared).write(image);
        byte[] model = new byte[10 * CLUSTER];
        System.arraycopy(packed, 0, model, 0, CLUSTER);
        System.arraycopy(shared, 0, model, 2 * CLUSTER, CLUSTER);
        try (BlockBackend disk = open(image)) {
            assertArrayEquals(model, content(disk));
            for (int c = 0; c < 4; c++) write(disk, model, c * CLUSTER + 1000, new byte[] {1, 2, 3});
            assertArrayEquals(model, content(disk));
        }
        byte[] after = Files.readAllBytes(image);
        assertArrayEquals(shared, Arrays.copyOfRange(after, 8 * CLUSTER, 9 * CLUSTER), "the snapshot's cluster");
        try (BlockBackend disk = open(image)) {
            assertArrayEquals(model, content(disk));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1, is no qcow2 image", "4, 1, of version 1", "8, 100, has a backing file", "20, 8, damaged", "20, 30, damaged",
        "24, -1, damaged", "24, 0, damaged",
        "32, 1, is encrypted", "36, 0, damaged", "36, 100000000, damaged", "40, 8192001, damaged", "40, 1048576, damaged", "48, 0, damaged", "56, 0, damaged",
        "60, 2, has snapshots", "72, 1, has not been closed", "72, 2, damaged", "72, 16, needs features", "96, 3, refcounts of 8 bits"})
    void imagesThatAreNotForUsAreRefusedWithASentence(int at, long value, String sentence) throws IOException {
        new QcowImage(BITS, 1 << 20).header(at, value).write(image);
        assertTrue(refused(image).contains(sentence), () -> refused(image));
    }

    @Test
    void imagesWithSnapshotsAreReadOnly() throws IOException {
        new QcowImage(BITS, 1 << 20).header(60, 2).write(image);
        try (BlockBackend disk = open(image + ",ro")) {
            assertTrue(disk.readOnly());
            assertEquals(1 << 20, content(disk).length);
        }
    }

    @Test
    void knowledgeThatAWriterWouldMakeWrongIsCleared() throws IOException {
        new QcowImage(BITS, 1 << 20).header(88, 1).write(image);
        open(image + ",ro").close();
        assertEquals(1, Files.readAllBytes(image)[95]);
        open(image).close();
        assertEquals(0, Files.readAllBytes(image)[95]);
    }

    /** Whatever is in the tables, the answer is content or an IOException. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noiseInTheTablesDoesNotThrowAnythingElse(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] good = Files.readAllBytes(new QcowImage(BITS, 1 << 20).withEverything(new byte[CLUSTER], new byte[CLUSTER]).write(image));
        int failures = 0;
        for (int round = 0; round < 60; round++) {
            byte[] bad = good.clone();
            for (int i = 0; i < 20; i++) bad[(1 + random.nextInt(5)) * CLUSTER + random.nextInt(64)] = (byte) random.nextInt();
            Files.write(image, bad);
            try (BlockBackend disk = open(image)) {
                content(disk);
                disk.write(random.nextInt(200) * 512, MemorySegment.ofArray(new byte[512]));
            } catch (IOException e) {
                failures++;
            }
        }
        assertTrue(failures > 0);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(p.waitFor(300, TimeUnit.SECONDS));
        assertEquals(0, p.exitValue(), out);
        return out;
    }

    /** Where QEMU's own program is there, it is asked. */
    @ParameterizedTest
    @ValueSource(strings = {"compat=1.1", "compat=0.10", "cluster_size=4096", "preallocation=metadata"})
    void qemuImgReadsWhatWeWriteAndWeReadWhatItWrites(String option) throws Exception {
        boolean there = Arrays.stream(System.getenv("PATH").split(":")).anyMatch(d -> Files.isExecutable(Path.of(d, "qemu-img")));
        assumeTrue(there, "no qemu-img");
        byte[] model = noise(new Random(5), 5 << 20);
        Arrays.fill(model, 1 << 20, 3 << 20, (byte) 7);
        Path plain = Files.write(folder.resolve("plain"), model);
        run("qemu-img", "convert", "-O", "qcow2", "-c", plain.toString(), image.toString());
        try (BlockBackend disk = open(image + ",ro")) {
            assertArrayEquals(model, content(disk), "packed");
        }
        run("qemu-img", "create", "-q", "-f", "qcow2", "-o", option, image.toString(), "5M");
        try (BlockBackend disk = open(image)) {
            byte[] got = new byte[model.length];
            for (int at = 0; at < model.length; at += 9 * 512) write(disk, got, at, Arrays.copyOfRange(model, at, Math.min(model.length, at + 9 * 512)));
        }
        assertTrue(run("qemu-img", "check", image.toString()).contains("No errors were found"));
        run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", plain.toString(), image.toString());
    }
}
