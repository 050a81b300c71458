package org.lguest.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
    @TempDir Path temp;

    private Set<String> left() throws IOException {
        try (var all = Files.list(temp)) {
            return all.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /** What somebody who was killed so long ago has left. */
    private void dead(String name, Duration ago) throws IOException {
        Path jar = Files.createDirectories(temp.resolve(name).resolve("felix/bundle1")).resolve("x.jar");
        Files.writeString(jar, "content");
        Files.setLastModifiedTime(Files.createFile(temp.resolve(name).resolve("lock")), FileTime.from(Instant.now().minus(ago)));
    }

    @Test
    void whoeverEndsTakesTheFoldersOfTheDeadAlong() throws Exception {
        dead("lguest-1", Duration.ofHours(1));
        dead("lguest-2", Duration.ofMinutes(2));
        Cache own = new Cache(temp);
        Files.writeString(own.folder().resolve("felix"), "bundles");
        own.close();
        assertEquals(Set.of(), left());
    }

    @Test
    void theLivingTheYoungAndStrangersKeepTheirs() throws Exception {
        dead("lguest-young", Duration.ofSeconds(1));
        dead("another", Duration.ofHours(1));
        Files.createDirectory(temp.resolve("lguest-without-a-lock"));
        try (Cache living = new Cache(temp)) {
            Path lock = living.folder().resolve("lock");
            Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
            new Cache(temp).close();
            assertTrue(Files.exists(lock));
            assertEquals(Set.of("lguest-young", "another", "lguest-without-a-lock", living.folder().getFileName().toString()), left());
        }
    }
}
