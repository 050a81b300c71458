package org.lguest.boot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/**
 * The platform's folder for this process, among the temporary ones. A process that is killed leaves its folder behind; whoever ends in good
 * order removes such ones, too. A lock tells the dead from the living: it goes with the process, whatever ends that.
 */
final class Cache implements AutoCloseable {
    private static final String NAME = "lguest-", LOCK = "lock";
    /** Somebody may have made his folder just now, and not have locked it yet. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private final Path folder;
    private final FileChannel lock;

    /** A new one in a folder of temporary files. */
    Cache(Path among) throws IOException {
        folder = Files.createTempDirectory(among, NAME);
        lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
    }

    Path folder() { return folder; }

    /** Removes it, and those of the dead. */
    @Override
    public void close() throws IOException {
        lock.close();
        delete(folder);
        try (DirectoryStream<Path> others = Files.newDirectoryStream(folder.getParent(), NAME + "*")) {
            for (Path o : others) removeIfDead(o);
        }
    }

    private static void removeIfDead(Path other) {
        Path file = other.resolve(LOCK);
        try {
            if (!Files.isRegularFile(file) || Files.getLastModifiedTime(file).toInstant().plus(YOUNG).isAfter(Instant.now())) return;
            try (FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE); FileLock dead = c.tryLock()) {
                if (dead != null) delete(other);
            }
        } catch (IOException | OverlappingFileLockException e) { // another user's, another's who removes it just now, or alive in this very process
            return;
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
