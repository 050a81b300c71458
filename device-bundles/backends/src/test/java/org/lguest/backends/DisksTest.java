package org.lguest.backends;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.BlockBackend;

class DisksTest {
    @TempDir Path folder;

    private static byte[] bytes(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    private Path image(int size) throws IOException { return Files.write(folder.resolve("disk.img"), new byte[size]); }

    private static BlockBackend raw(String spec) throws IOException { return (BlockBackend) new RawDisks().open(null, spec); }

    private static BlockBackend memory(String spec) throws IOException { return (BlockBackend) new MemoryDisks().open(null, spec); }

    private static String refused(String spec) { return assertThrows(IOException.class, () -> raw(spec)).getMessage(); }

    private static String read(BlockBackend disk, long at, int n) throws IOException {
        byte[] back = new byte[n];
        disk.read(at, MemorySegment.ofArray(back));
        return new String(back, StandardCharsets.US_ASCII);
    }

    @Test
    void aRawDiskIsItsFile() throws IOException {
        Path file = image(2048);
        try (BlockBackend disk = raw(file.toString())) {
            assertEquals(2048, disk.size());
            disk.write(512, MemorySegment.ofArray(bytes("sector one")));
            disk.flush();
            assertEquals("sector one", read(disk, 512, 10));
        }
        assertEquals('s', Files.readAllBytes(file)[512]);
    }

    @Test
    void anImageThatOneWritesIsNobodyElses() throws IOException {
        Path file = image(512);
        try (BlockBackend first = raw(file.toString())) {
            assertFalse(first.readOnly());
            assertEquals("the disk image " + file + " is in use by another guest", refused(file.toString()));
            assertTrue(refused(file + ",ro").contains("in use"));
        }
        raw(file.toString()).close();
    }

    @Test
    void anImageHasManyReadersAndThenNoWriter() throws IOException {
        Path file = image(512);
        try (BlockBackend one = raw(file + ",ro")) {
            BlockBackend other = raw(file + ",ro");
            assertTrue(refused(file.toString()).contains("in use"));
            other.close();
            other.close();
            assertEquals("\0", read(one, 0, 1), "closed by the other");
            assertTrue(refused(file.toString()).contains("in use"));
        }
        raw(file.toString()).close();
    }

    @Test
    void aLinkToAnImageIsTheSameImage() throws IOException {
        Path file = image(512);
        Path link = Files.createLink(folder.resolve("link.img"), file);
        try (BlockBackend first = raw(file.toString())) {
            assertTrue(refused(link.toString()).contains("in use"), first::describe);
        }
    }

    /** Another program, which asks for a lock as this one does. */
    private static boolean lockedForOthers(Path file) throws IOException, InterruptedException {
        Path program = Files.writeString(file.resolveSibling("Lock.java"), """
            import java.nio.channels.*;
            import java.nio.file.*;
            void main(String[] a) throws Exception {
                try (var c = FileChannel.open(Path.of(a[0]), StandardOpenOption.WRITE)) { System.exit(c.tryLock() == null ? 3 : 0); }
            }
            """);
        Process p = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), program.toString(), file.toString())
            .inheritIO().start();
        int status = p.waitFor();
        assertTrue(status == 0 || status == 3, "the other program ended with status " + status);
        return status == 3;
    }

    @Test
    void otherProgramsAreLockedOutAlsoAfterASecondGuestWasRefused() throws Exception {
        Path file = image(512);
        try (BlockBackend disk = raw(file.toString())) {
            assertTrue(refused(file.toString()).contains("in use"), disk::describe);
            assertTrue(lockedForOthers(file), "the lock was lost");
        }
        assertFalse(lockedForOthers(file));
    }

    @Test
    void aReadOnlyDiskIsOpenedForReadingOnly() throws IOException {
        Path file = image(512);
        try (BlockBackend disk = raw(file + ",ro")) {
            assertTrue(disk.readOnly());
            assertThrows(RuntimeException.class, () -> disk.write(0, MemorySegment.ofArray(new byte[512])));
        }
    }

    @Test
    void anImageThatHasBecomeShorterIsAnErrorAndStaysShort() throws IOException {
        Path file = image(4096);
        try (BlockBackend disk = raw(file.toString())) {
            try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
                other.truncate(1024);
            }
            assertEquals(4096, disk.size());
            assertTrue(assertThrows(IOException.class, () -> disk.read(2048, MemorySegment.ofArray(new byte[512]))).getMessage().contains("shorter"));
            assertTrue(assertThrows(IOException.class, () -> disk.write(2048, MemorySegment.ofArray(new byte[512]))).getMessage().contains("shorter"));
            assertEquals(1024, Files.size(file));
            assertEquals("\0", read(disk, 1023, 1));
        }
    }

    @Test
    void missingImagesFoldersAndEmptyFilesAreNamed() throws IOException {
        assertTrue(refused(folder.resolve("nothing").toString()).contains("does not exist"));
        assertTrue(refused(folder.toString()).contains("is a directory"));
        assertTrue(refused(image(0).toString()).contains("truncate -s"));
        assertTrue(refused("").contains("name of a file"));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(300)
    void aPipeIsRefusedBeforeAnybodyWaitsForIt() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertEquals("the disk image " + pipe + " is a pipe", refused(pipe.toString()));
        assertTrue(assertThrows(IOException.class, () -> new ConsoleLog(pipe)).getMessage().contains("is a pipe"));
    }

    @Test
    void aNameMayHaveCommasAndOptionsStandBehindIt() throws IOException {
        Path file = Files.write(folder.resolve("a,ro,b.img"), new byte[4096]);
        try (BlockBackend disk = raw(file + ",bs=4096,ro")) {
            assertTrue(disk.readOnly());
            assertEquals(4096, disk.blockSize());
        }
        try (BlockBackend disk = raw(file.toString())) {
            assertFalse(disk.readOnly());
            assertEquals(512, disk.blockSize());
        }
        assertTrue(refused(file + ",bs=100").contains("want 512"));
        assertTrue(refused(file + ",ro=yes").contains("takes no value"));
    }

    @Test
    void memoryDisksTakeSizesWithUnits() throws IOException {
        try (BlockBackend disk = memory("3M,bs=1024")) {
            assertEquals(3 << 20, disk.size());
            assertEquals(1024, disk.blockSize());
        }
    }

    @Test
    void anotherMemoryDiskGoesOnWithTheContent() throws IOException {
        BlockBackend first = memory("1M");
        first.write(4096, MemorySegment.ofArray(new byte[] {1, 2, 3}));
        assertEquals(0, first.handOver().length);
        FileChannel file = first.handOverFile();
        first.close();
        byte[] read = new byte[4];
        try (BlockBackend next = memory("1M")) {
            next.takeOverFile(file);
            next.read(4096, MemorySegment.ofArray(read));
        }
        assertArrayEquals(new byte[] {1, 2, 3, 0}, read);
        assertFalse(file.isOpen());
    }

    @Test
    void aMemoryDiskIsFullOfZerosAndRemembers() throws IOException {
        try (BlockBackend disk = memory("100G")) {
            assertEquals("\0\0", read(disk, (100L << 30) - 2, 2));
            disk.write(99L << 30, MemorySegment.ofArray(bytes("far out")));
            disk.flush();
            assertEquals("\0far out\0", read(disk, (99L << 30) - 1, 9));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "-1M", "99999G", "12Q", "0", "1M,ro"})
    void nonsenseSizesAreRefused(String size) { assertThrows(IOException.class, () -> memory(size)); }
}
