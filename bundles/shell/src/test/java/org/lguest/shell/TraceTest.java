package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.Trace.Category;
import org.lguest.api.state.GuestMemory;

class TraceTest {
    private static TraceWords parse(String... words) throws UsageException { return TraceWords.parse(words, Path.of("/home")); }

    @Test
    void withoutWordsAllButInstructionsAreWatched() throws Exception {
        TraceWords w = parse();
        assertEquals(EnumSet.of(Category.HYPERCALLS, Category.TRAPS, Category.INTERRUPTS, Category.REQUESTS), w.categories());
        assertFalse(w.off());
        assertEquals(EnumSet.allOf(Category.class), parse("all").categories());
        assertEquals(EnumSet.of(Category.TRAPS, Category.INSTRUCTIONS), parse("traps", "instructions", "--count=7").categories());
    }

    @Test
    void filesAreMeantFromWhereOneStands() throws Exception { assertEquals(Path.of("/home/t"), parse("--file=t").file()); }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"hypercall|did you mean hypercalls?", "--cuont=1|did you mean --count=?", "pages|there are: hypercalls",
        "--count=0|from 1 to",
        "--count=x|from 1 to", "--keep=401|from 1 to 400", "--file=|names no file", "off traps|takes no other word", "--count=1 --keep=1|do not go together"})
    void whatMakesNoSenseIsRefused(String words, String because) {
        String message = assertThrows(UsageException.class, () -> parse(words.split(" "))).getMessage();
        assertTrue(message.contains(because), message);
    }

    @Test
    void aLineTellsTimeInstructionsAndWhatHappened() throws Exception {
        try (GuestMemory memory = GuestMemory.create(1 << 20)) {
            Guest g = new Guest(new GuestSpec("g", 1, null, null, "", List.of(), null), memory);
            long[] now = {1_000_000};
            List<String> lines = new ArrayList<>();
            Watch w = new Watch(EnumSet.of(Category.TRAPS), lines::add, () -> now[0]);
            assertTrue(g.trace(null, w));
            assertEquals(w, g.tracing(Category.TRAPS));
            assertEquals(null, g.tracing(Category.REQUESTS));
            now[0] += 2_345_678;
            g.cpu().retired = 99;
            g.tracing(Category.TRAPS).step(g, Category.TRAPS, "trap 14");
            assertEquals(List.of("      2.345           99  trap         trap 14"), lines);
            assertFalse(g.trace(null, w), "it is watched already");
            assertTrue(g.trace(w, null));
            assertEquals(null, g.tracing(Category.TRAPS));
        }
    }

    @Test
    void theLastLinesAreKeptAndTheOthersCounted() {
        Lines l = new Lines(2);
        for (String s : List.of("a", "b", "c", "d")) l.accept(s);
        assertEquals(List.of("(2 more)", "c", "d"), l.drain());
        l.accept("e");
        assertEquals(List.of("e"), l.drain());
        assertEquals(5, l.count());
    }

    @Test
    void linesGoToAFileUntilItIsClosed(@TempDir Path dir) throws Exception {
        try (GuestMemory memory = GuestMemory.create(1 << 20)) {
            Guest g = new Guest(new GuestSpec("g", 1, null, null, "", List.of(), null), memory);
            TraceFile f = new TraceFile(g, dir.resolve("t"));
            f.accept("one");
            f.close();
            f.accept("two");
            f.close();
            assertEquals("one\n", Files.readString(dir.resolve("t")));
            assertTrue(g.log().events().isEmpty());
            assertThrows(UsageException.class, () -> new TraceFile(g, dir.resolve("no/such/folder")));
        }
    }
}
