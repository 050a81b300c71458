package org.lguest.shell;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The value of {@code --block}: a file, as with the original launcher, or {@code SCHEME:...} for what a disk may be else. Files are meant from
 * a folder on.
 */
final class DiskOption {
    /** Two letters at least: one is a drive where drives have letters. */
    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9]+):(.*)");
    private static final String FILE = ",file=";

    private final Path folder;

    DiskOption(Path folder) { this.folder = folder; }

    /** The backend's spec. A file that is there counts for what it is, whatever its name looks like. */
    String backend(String value) throws UsageException {
        Matcher m = SCHEME.matcher(value);
        if (!m.matches() || Files.exists(folder.resolve(value))) return "raw:" + from(raw(value));
        String rest = m.group(2);
        return m.group(1) + ":" + switch (m.group(1)) {
            case "raw", "qcow2" -> from(named(value, rest));
            case "overlay" -> overlay(named(value, rest));
            default -> rest;
        };
    }

    /** Nobody means the bytes of such a file, and a guest that wrote to them would ruin it. */
    private static String raw(String value) throws UsageException {
        if (value.replaceFirst(",.*", "").endsWith(".qcow2"))
            throw new UsageException("--block=" + value + ": say --block=qcow2:" + value + ", or raw:" + value + " if the file is no qcow2 image");
        return value;
    }

    private static String named(String value, String rest) throws UsageException {
        if (rest.isEmpty()) throw new UsageException("--block=" + value + " names no file");
        return rest;
    }

    /** {@code BASE[,option]...[,file=FILE[,option]...]}. */
    private String overlay(String rest) {
        int at = rest.lastIndexOf(FILE);
        return at < 0 ? from(rest) : from(rest.substring(0, at)) + FILE + from(rest.substring(at + FILE.length()));
    }

    /** Options behind a name stay what they are. */
    private String from(String name) { return folder.resolve(name).toString(); }
}
