package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionWordsTest {
    @Test
    void filesAreOfferedFromTheFolderOn(@TempDir Path dir) throws Exception {
        Files.createFile(dir.resolve("root.img"));
        Files.createFile(dir.resolve("other"));
        Files.createFile(Files.createDirectory(dir.resolve("rooms")).resolve("disk"));
        assertEquals(List.of("--block=rooms/", "--block=root.img"), OptionWords.values("--block=roo", dir, List.of()));
        assertEquals(List.of("--initrd=rooms/disk"), OptionWords.values("--initrd=rooms/", dir, List.of()));
        assertEquals(List.of(), OptionWords.values("--initrd=nowhere/", dir, List.of()));
    }

    @Test
    void schemesAreOfferedForDisksAndCards(@TempDir Path dir) {
        assertEquals(List.of("--block=qcow2:"), OptionWords.values("--block=qc", dir, List.of()));
        assertTrue(OptionWords.values("--net=", dir, List.of()).contains("--net=user"));
        assertEquals(List.of("--engine=tiered"), OptionWords.values("--engine=t", dir, List.of("interpreter", "tiered")));
        assertEquals(List.of(), OptionWords.values("--pae", dir, List.of()));
    }

    @Test
    void theNearestWordIsOneThatIsNear() {
        List<String> known = List.of("hypercalls", "traps", "off");
        assertEquals("hypercalls", Nearest.of("hypercal", known).orElseThrow());
        assertEquals("traps", Nearest.of("trap", known).orElseThrow());
        assertTrue(Nearest.of("requests", known).isEmpty());
        assertEquals("; did you mean off?", Nearest.hint("of", known));
        assertEquals("", Nearest.hint("", known));
    }
}
