package org.lguest.cpu.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The committed operations are what the generator writes. */
class GeneratedOpsTest {
    private static final Path SOURCES = Path.of("src/main/java/org/lguest/cpu/interpreter");
    private static final String REPAIR = "run: mvn -q -pl cpu-bundle -am test -Dtest=GeneratedOpsTest -Dsurefire.failIfNoSpecifiedTests=false -Dgenerate=true, and commit";

    @TestFactory
    Iterable<DynamicTest> committedOperationsAreUpToDate() {
        return OpsGenerator.files().entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getKey(), e.getValue()))).toList();
    }

    private static void check(String name, String wanted) throws IOException {
        Path file = SOURCES.resolve(name);
        if (Boolean.getBoolean("generate")) Files.writeString(file, wanted);
        assertEquals(wanted, Files.exists(file) ? Files.readString(file) : "", REPAIR);
    }
}
