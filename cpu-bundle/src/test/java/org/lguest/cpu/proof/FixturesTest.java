package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.proof.Fixtures.Fixture;

/** What was recorded from a real processor, replayed on any host. */
public class FixturesTest {
    /** The engine under test. */
    protected CpuEngine engine() { return new Interpreter(); }

    @Test
    void engineDoesWhatWasRecordedForEveryRow() throws IOException { assertTrue(replay("fixtures.txt") > 1000); }

    @Test
    void engineDoesWhatWasRecordedForEveryX87Instruction() throws IOException { assertTrue(replay("fixtures-x87.txt") > 450); }

    @Test
    void engineDoesWhatWasRecordedForEveryRowOfMmxAndSse() throws IOException { assertTrue(replay("fixtures-sse.txt") > 800); }

    @Test
    void engineDoesWhatItOnceDidWrong() throws IOException { assertTrue(replay("mismatches.txt") > 10); }

    @Test
    void fixturesSurviveWritingAndReading() throws IOException {
        for (String file : List.of("mismatches.txt", "fixtures-x87.txt", "fixtures-sse.txt")) for (String line : lines(file)) {
            Fixture f = Fixtures.parse(line);
            assertEquals(line, Fixtures.write(f.given(), f.expected()));
        }
    }

    private int replay(String file) throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> lines = lines(file);
        try (var engine = new EngineProcessor(engine(), new Image(true))) {
            for (String line : lines) {
                Fixture f = Fixtures.parse(line);
                Outcome o = engine.run(List.of(f.given())).getFirst();
                String difference = f.expected().difference(o, f.given().undefined());
                if (difference != null) wrong.add(f.given() + "\n recorded: " + f.expected() + "\n engine:   " + o + "\n" + difference + "\n");
            }
        }
        assertEquals(List.of(), wrong);
        return lines.size();
    }

    private static List<String> lines(String file) throws IOException {
        try (var in = new BufferedReader(new InputStreamReader(FixturesTest.class.getResourceAsStream(file), StandardCharsets.US_ASCII))) {
            return in.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
        }
    }
}
