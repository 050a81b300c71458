package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The journey through the sources is numbered, and no number is given twice. */
class JourneyIT {
    private static final Pattern LABEL = Pattern.compile("^\\s*/?\\*\\*?\\s*([PGDLHSM]:\\d{3})\\b", Pattern.MULTILINE);

    @Test
    void noLabelIsGivenTwice() throws IOException {
        Path root = Path.of(System.getProperty("lguest.sources"));
        Map<String, List<Path>> places = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path f : files.filter(JourneyIT::source).toList())
                for (Matcher m = LABEL.matcher(Files.readString(f)); m.find();)
                    places.computeIfAbsent(m.group(1), k -> new ArrayList<>()).add(root.relativize(f));
        }
        assertTrue(places.size() > 20, places::toString);
        places.values().removeIf(p -> p.size() == 1);
        assertEquals(Map.of(), places);
    }

    private static boolean source(Path p) {
        String s = p.toString();
        return s.contains("/src/main/") && !s.contains("/target/") && s.matches(".*\\.(java|c|h|S)");
    }
}
