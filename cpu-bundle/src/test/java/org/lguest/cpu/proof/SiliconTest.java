package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.table.X86Table.Row;

/** A short run of the proof: the engine against the processor of this host, where it is an x86 under Linux. */
class SiliconTest {
    private static final int FOR_EACH_ROW = 60, PROGRAMS = 4000;

    @Test
    void everyRowOfTheTableDoesWhatTheProcessorOfThisHostDoes() throws IOException {
        String missing = NativeProcessor.missing();
        assumeTrue(missing == null, () -> "no native comparison: " + missing);
        var generator = new Generator(2026);
        try (var hardware = NativeProcessor.start(); var engine = new EngineProcessor(new Interpreter())) {
            var comparison = new Comparison();
            List<Case> batch = new ArrayList<>();
            for (Row row : generator.rows()) {
                for (int n = 0; n < FOR_EACH_ROW; n++) batch.add(generator.next(row));
                if (batch.size() < Proof.BATCH) continue;
                comparison.run(hardware, engine, batch);
                batch.clear();
            }
            var programs = new Programs(generator, 2026);
            for (int n = 0; n < PROGRAMS; n++) batch.add(programs.next());
            comparison.run(hardware, engine, batch);
            assertTrue(comparison.mismatches.isEmpty(), () -> comparison.counts + "\n" + comparison.mismatches.getFirst());
            assertTrue(comparison.traps.getOrDefault(3, 0) > comparison.cases / 2, () -> "most cases should run to their end: " + comparison.traps);
        }
    }
}
