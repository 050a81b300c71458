package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/the-first-launcher.md} goes through the whole document of 2007, and who is said to realise something is there. */
class FirstLauncherIT {
    private static final Path ROOT = Path.of(System.getProperty("lguest.sources"));
    /** The notes of the document. */
    private static final List<Integer> NOTES = List.of(0, 10, 20, 30, 35, 40, 50, 60, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 195, 200, 210, 220,
        300, 305, 310, 315, 320, 330, 340, 350, 360, 370, 380, 385, 390, 400, 410);
    /** {@code netbackends.ShareFile.reserve}: packages, classes, and a member. */
    private static final Pattern CLASS = Pattern.compile("`((?:[a-z]+\\.)*)([A-Z]\\w+)(?:\\.(\\w+))?`");

    private static String page() throws IOException { return Files.readString(ROOT.resolve("docs/the-first-launcher.md")); }

    @Test
    void noNoteOfTheDocumentIsLeftOut() throws IOException {
        String page = page();
        assertEquals(List.of(), NOTES.stream().map("L%03d"::formatted).filter(n -> !Pattern.compile("\\| [^|]*\\b" + n + "\\b").matcher(page).find()).toList());
    }

    @Test
    void everyClassAndMemberIsThere() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(ROOT)) {
            sources = files.filter(f -> f.toString().contains("/src/main/java/") && f.toString().endsWith(".java")).toList();
        }
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Matcher m = CLASS.matcher(page()); m.find(); named++) {
            String file = "/" + m.group(1).replace('.', '/') + m.group(2) + ".java", member = m.group(3) == null ? m.group(2) : m.group(3);
            boolean there = false;
            for (Path s : sources) there |= s.toString().endsWith(file) && Pattern.compile("\\b" + member + "\\b").matcher(Files.readString(s)).find();
            if (!there) missing.add(m.group());
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 60, named + " classes in the table");
    }
}
