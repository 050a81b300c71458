package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.proof.Comparison.Mismatch;
import org.lguest.cpu.proof.Coverage.Entry;

/**
 * The engine against the processor of this host, where it is an x86 under Linux: a short run always, and a long one with
 * {@code -Dproof.cases=10000000 [-Dproof.seed=1] [-Dproof.only=mnemonics|FPU|vector|program]}. Which forms were compared is left in
 * {@code target/proof-coverage.txt}.
 */
public class SiliconTest {
    /** The engine under test. */
    protected CpuEngine engine() { return new Interpreter(); }

    private static final int FOR_EACH_FORM = 30, ROUNDS = 12, PROGRAMS = 4000;

    @BeforeAll
    static void lookForAProcessor() {
        String missing = NativeProcessor.missing();
        assumeTrue(missing == null, () -> "no native comparison: " + missing);
    }

    @Test
    void everyRowOfTheTableDoesWhatTheProcessorOfThisHostDoes() throws IOException {
        var generator = new Generator(2026);
        var programs = new Programs(generator, 2026);
        var comparison = new Comparison();
        try (var hardware = NativeProcessor.start(); var engine = new EngineProcessor(engine())) {
            List<Case> batch = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (Entry e : comparison.coverage.incomplete()) {
                    for (int n = 0; n < FOR_EACH_FORM; n++) batch.add(generator.next(e.row(), e.modrm()));
                    if (batch.size() < Proof.BATCH) continue;
                    comparison.run(hardware, engine, batch);
                    batch.clear();
                }
                comparison.run(hardware, engine, batch);
                batch.clear();
            }
            for (int n = 0; n < PROGRAMS; n++) batch.add(programs.next());
            comparison.run(hardware, engine, batch);
        }
        assertNoMismatch(comparison);
        assertEquals(List.of(), comparison.coverage.missing(), "forms that were never compared");
        assertTrue(comparison.traps.getOrDefault(3, 0) > comparison.cases / 2, () -> "most cases should run to their end: " + comparison.traps);
    }

    @Test
    @EnabledIfSystemProperty(named = "proof.cases", matches = "\\d+")
    void manyCasesDoWhatTheProcessorOfThisHostDoes() throws IOException {
        var comparison = Proof.run(this::engine, Long.getLong("proof.cases"), Long.getLong("proof.seed", 1), System.getProperty("proof.only"));
        System.out.println(comparison.summary());
        assertNoMismatch(comparison);
    }

    private static void assertNoMismatch(Comparison comparison) throws IOException {
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "proof-coverage.txt"), comparison.coverage.report() + comparison.summary() + "\n");
        if (comparison.mismatches.isEmpty()) return;
        var s = new StringBuilder(comparison.counts.toString());
        for (Mismatch m : comparison.mismatches) s.append("\n\n").append(m).append("\nfixture: ").append(Proof.fixture(m));
        throw new AssertionError(s.toString());
    }
}
