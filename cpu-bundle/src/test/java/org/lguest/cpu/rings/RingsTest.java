package org.lguest.cpu.rings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.rings.Fixtures.Fixture;

/**
 * Rings, segments, pages and single steps, which programs of an ordinary process cannot try: what another processor made of
 * some thirty thousand cases, recorded, and asked again of ours.
 *
 * <p>{@code mvn test -pl cpu-bundle -am -Dtest=RingsTest -Dsurefire.failIfNoSpecifiedTests=false -Drings.record=FOLDER} records
 * anew where Bochs is installed; the files of {@code FOLDER} belong beside {@code monitor.hex}.
 */
public class RingsTest {
    /** The engine under test. */
    protected CpuEngine engine() { return new Interpreter(); }

    @ParameterizedTest
    @ValueSource(strings = {"segments", "transfers", "paging", "edges"})
    void interpreterAgreesWithWhatWasRecorded(String subject) throws IOException {
        List<Fixture> fixtures = Fixtures.read("fixtures-" + subject + ".txt.gz");
        List<String> wrong = new ArrayList<>();
        try (Engine plain = new Engine(engine(), false); Engine pae = new Engine(engine(), true)) {
            for (Fixture f : fixtures) {
                String why = f.expected().difference((f.given().pae() ? pae : plain).run(f.given()));
                if (why != null) wrong.add(f.given().name() + ":" + why);
            }
        }
        assertEquals(List.of(), wrong.subList(0, Math.min(20, wrong.size())), wrong.size() + " of " + fixtures.size());
        assertTrue(fixtures.size() > 7000, "only " + fixtures.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"segments", "transfers", "paging", "edges"})
    void recording(String subject) throws IOException {
        String folder = System.getProperty("rings.record");
        assumeTrue(folder != null, "records only when asked");
        Recorder recorder = Emulator.bochs();
        List<Case> cases = Cases.all(subject);
        List<Outcome> outcomes = recorder.run(cases);
        List<Fixture> kept = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++)
            if (!Doubts.of(cases.get(i), outcomes.get(i))) kept.add(new Fixture(cases.get(i), outcomes.get(i)));
        Fixtures.write(Path.of(folder, "fixtures-" + subject + ".txt.gz"), recorder.name(), kept);
        assertTrue(kept.size() > cases.size() * 9 / 10, kept.size() + " of " + cases.size());
    }
}
