package org.lguest.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @AfterEach
    void clean() {
        System.clearProperty("test.home");
        System.clearProperty("test.key");
    }

    @Test
    void variablesAreSystemProperties(@TempDir Path dir) throws IOException {
        System.setProperty("test.home", "C:\\home$1");
        Path file = Files.writeString(dir.resolve("conf"), "a=${test.home}/x:${test.home}\nb=${test.nobody}!\n# c=1\n");
        assertEquals(Map.of("a", "C:\\home$1/x:C:\\home$1", "b", "!"), Configuration.read(file));
    }

    @Test
    void aSystemPropertyBeatsALine(@TempDir Path dir) throws IOException {
        System.setProperty("test.key", "mine");
        assertEquals(Map.of("test.key", "mine"), Configuration.read(Files.writeString(dir.resolve("conf"), "test.key=yours\n")));
    }

    @Test
    void noFileIsNoConfiguration(@TempDir Path dir) throws IOException { assertEquals(Map.of(), Configuration.read(dir.resolve("conf"))); }
}
