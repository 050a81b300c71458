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
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The journey through the sources is numbered, and no number is given twice; each part has an opening, and who is sent somewhere arrives. */
class JourneyIT {
    private static final Path ROOT = Path.of(System.getProperty("lguest.sources"));
    private static final Pattern LABEL = Pattern.compile("^\\s*/?\\*\\*?\\s*([PGDLHSM]:\\d{3})\\b", Pattern.MULTILINE);
    private static final Pattern MENTION = Pattern.compile("\\b[PGDLHSM]:\\d{3}\\b");

    private final Map<String, List<String>> stations = new TreeMap<>();

    @BeforeEach
    void find() throws IOException {
        stations.putAll(places(LABEL, 1, p -> p.contains("/src/main/") && p.matches(".*\\.(java|c|h|S)")));
        assertTrue(stations.size() > 100, stations::toString);
    }

    /** Where something is found, by what was found. */
    private static Map<String, List<String>> places(Pattern what, int group, Predicate<String> where) throws IOException {
        Map<String, List<String>> places = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path f : files.filter(f -> where.test(f.toString()) && !f.toString().contains("/target/") && !f.toString().contains("/build/")).toList())
                for (Matcher m = what.matcher(Files.readString(f)); m.find();)
                    places.computeIfAbsent(m.group(group), k -> new ArrayList<>()).add(ROOT.relativize(f).toString());
        }
        return places;
    }

    @Test
    void noLabelIsGivenTwice() {
        stations.values().removeIf(p -> p.size() == 1);
        assertEquals(Map.of(), stations);
    }

    @Test
    void everyPartBeginsWithAnOpening() {
        for (char part : "PGDLHSM".toCharArray())
            assertEquals(part + ":010", stations.keySet().stream().filter(l -> l.charAt(0) == part).findFirst().orElse("nothing of " + part));
    }

    @Test
    void whoIsSentToAStationFindsIt() throws IOException {
        Map<String, List<String>> mentions = places(MENTION, 0, p -> p.contains("/src/main/") && p.matches(".*\\.(java|c|h|S)") || p.endsWith(".md"));
        mentions.keySet().removeAll(stations.keySet());
        assertEquals(Map.of(), mentions);
    }
}
