package org.lguest.boot;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The framework's properties: a file in which <code>${name}</code> stands for a system property, and {@code -Dkey=value} beats a line. */
final class Configuration {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");

    private Configuration() { }

    /** Reads a file; nothing when there is none. */
    static Map<String, String> read(Path file) throws IOException {
        Properties lines = new Properties();
        if (Files.exists(file))
            try (Reader r = Files.newBufferedReader(file)) {
                lines.load(r);
            }
        Map<String, String> conf = new HashMap<>();
        for (String key : lines.stringPropertyNames()) conf.put(key, resolve(System.getProperty(key, lines.getProperty(key))));
        return conf;
    }

    /** Replaces each variable once; unknown ones by nothing. */
    static String resolve(String value) {
        return VARIABLE.matcher(value).replaceAll(m -> Matcher.quoteReplacement(System.getProperty(m.group(1), "")));
    }
}
