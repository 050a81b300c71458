package org.lguest.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The origins of guests that the user has stopped and not started again: nobody starts them because a bundle was replaced. In a file, which is
 * what a bundle has for its successor; it goes with the platform.
 */
final class Stopped {
    private static final Logger LOG = LoggerFactory.getLogger(Stopped.class);

    private final Path file;
    private final Set<String> origins = new TreeSet<>();

    Stopped(Path file) {
        this.file = file;
        try {
            if (Files.exists(file)) origins.addAll(Files.readAllLines(file));
        } catch (IOException e) {
            LOG.warn("which guests the user has stopped cannot be read", e);
        }
    }

    boolean contains(String origin) { return origins.contains(origin); }

    void set(String origin, boolean stopped) {
        if (stopped ? !origins.add(origin) : !origins.remove(origin)) return;
        try {
            Files.write(file, origins);
        } catch (IOException e) {
            LOG.warn("which guests the user has stopped cannot be noted", e);
        }
    }
}
