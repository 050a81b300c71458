package org.lguest.cpu.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.proof.Comparison.Mismatch;
import org.lguest.cpu.proof.Coverage.Entry;

/** A run of as many cases as one likes, one third of them programs. */
final class Proof {
    /** Cases that are sent to the native runner at once. */
    static final int BATCH = 4000;
    private static final int BATCHES = 100;

    private Proof() { }

    /**
     * Compares.
     *
     * @param only mnemonics as a regular expression, {@code program} for programs alone, {@code vector} for MMX and SSE, or null for everything
     */
    static Comparison run(Supplier<CpuEngine> engines, long cases, long seed, String only) throws IOException {
        Supplier<Case> source = source(seed, only);
        var comparison = new Comparison();
        while (comparison.cases < cases) {
            try (var hardware = NativeProcessor.start(); var engine = new EngineProcessor(engines.get())) {
                comparison.restart();
                for (int batches = 0; batches < BATCHES && comparison.cases < cases; batches++) {
                    List<Case> batch = new ArrayList<>();
                    for (int n = 0; n < BATCH; n++) batch.add(source.get());
                    comparison.run(hardware, engine, batch);
                }
            } catch (UncheckedIOException e) { // a case has destroyed the runner: its batch does not count
                comparison.lost++;
            }
        }
        return comparison;
    }

    private static Supplier<Case> source(long seed, String only) {
        var generator = new Generator(seed);
        var programs = new Programs(generator, seed);
        var random = new SplittableRandom(seed);
        if ("program".equals(only)) return programs::next;
        List<Entry> forms = new Coverage().forms().stream().filter(e -> only == null || (only.equals("vector") ? VectorRoles.vector(e.row()) : e.row().mnemonic().matches(only))).toList();
        if (forms.isEmpty()) throw new IllegalArgumentException("no instruction is called " + only);
        return () -> {
            if (only == null && random.nextInt(3) == 0) return programs.next();
            Entry e = forms.get(random.nextInt(forms.size()));
            return generator.next(e.row(), e.modrm());
        };
    }

    /** The mismatch as a line for the fixtures, with the outcome that is right. */
    static String fixture(Mismatch m) throws IOException {
        try (var hardware = NativeProcessor.start(new Image(true)); var engine = new EngineProcessor(new Interpreter(), new Image(true))) {
            Predicate<Case> differs = c -> {
                Outcome a = hardware.run(List.of(c)).getFirst();
                Outcome b = engine.run(List.of(c)).getFirst();
                return a.difference(b, c.undefined()) != null && Models.explain(c, a, b) == null && a.trap() == m.hardware().trap() && b.trap() == m.engine().trap();
            };
            if (!differs.test(m.alone())) return "does not happen alone";
            Case small = Shrinker.shrink(m.alone(), differs);
            return Fixtures.write(small, hardware.run(List.of(small)).getFirst());
        } catch (UncheckedIOException e) {
            return "destroys the runner";
        }
    }
}
