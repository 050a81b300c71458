package org.lguest.backends;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What stands behind the scheme of a disk: {@code FILE[,option][,option=value]...}. A file's name may contain commas. */
final class DiskSpec {
    private final String file;
    private final Map<String, String> options = new HashMap<>();

    /** Takes known options off the end, one after the other; what is left is the file. */
    DiskSpec(String rest, Set<String> known) {
        String left = rest;
        for (int comma; (comma = left.lastIndexOf(',')) >= 0; left = left.substring(0, comma)) {
            String option = left.substring(comma + 1);
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            if (!known.contains(name)) break;
            options.put(name, equals < 0 ? "" : option.substring(equals + 1));
        }
        file = left;
    }

    /** The file's name as it is. */
    String file() { return file; }

    Path path() throws IOException { return file(file); }

    /** The file that an option names; null without the option. */
    Path path(String option) throws IOException {
        String value = options.get(option);
        return value == null ? null : file(value);
    }

    private static Path file(String name) throws IOException {
        try {
            if (!name.isEmpty()) return Path.of(name);
        } catch (InvalidPathException e) {
            throw new IOException("'" + name + "' is no name for a file", e);
        }
        throw new IOException("a disk needs the name of a file");
    }

    /** Whether an option without a value is there. */
    boolean flag(String option) throws IOException {
        String value = options.get(option);
        if (value != null && !value.isEmpty()) throw new IOException("the option " + option + " of a disk takes no value");
        return value != null;
    }

    /** {@code bs}: the block size, 512 unless said otherwise. */
    int blockSize() throws IOException {
        String value = options.getOrDefault("bs", "512");
        return switch (value) {
            case "512", "1024", "2048", "4096" -> Integer.parseInt(value);
            default -> throw new IOException("a disk with blocks of '" + value + "' bytes: want 512, 1024, 2048 or 4096");
        };
    }
}
