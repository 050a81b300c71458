package org.lguest.cpu.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.table.X86Table.Row;

/**
 * The long run: {@code Proof cases [seed [mnemonics]]}, the last one a regular expression, or {@code program} for programs.
 * Mismatches are shrunk and printed as fixtures, too.
 */
final class Proof {
    /** Cases that are sent to the native runner at once. */
    static final int BATCH = 4000;

    private static final int BATCHES = 100;

    private Proof() { }

    /** Runs cases on both processors and prints what differs. */
    public static void main(String[] args) throws IOException {
        long cases = Long.parseLong(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        var generator = new Generator(seed);
        List<Row> rows = args.length > 2 ? generator.rows().stream().filter(r -> r.mnemonic().matches(args[2])).toList() : generator.rows();
        boolean onlyPrograms = args.length > 2 && args[2].equals("program");
        var programs = new Programs(generator, seed);
        var random = new SplittableRandom(seed);
        long started = System.nanoTime();
        var comparison = new Comparison();
        while (comparison.cases < cases) {
            try (var hardware = NativeProcessor.start(); var engine = new EngineProcessor(new Interpreter())) {
                comparison.restart();
                for (int batches = 0; batches < BATCHES && comparison.cases < cases; batches++) {
                    List<Case> batch = new ArrayList<>();
                    for (int n = 0; n < BATCH; n++) batch.add(onlyPrograms || args.length < 3 && n % 3 == 0 ? programs.next() : generator.next(rows.get(random.nextInt(rows.size()))));
                    comparison.run(hardware, engine, batch);
                }
            } catch (UncheckedIOException e) { // a case has destroyed the runner: its batch does not count
                System.out.println("a batch was lost: " + e.getMessage());
            }
        }
        comparison.mismatches.forEach(m -> System.out.println(m + "\n"));
        for (var m : comparison.mismatches) System.out.println("fixture: " + fixture(m));
        System.out.println(comparison.cases + " cases in " + (System.nanoTime() - started) / 1_000_000 + " ms; traps " + comparison.traps);
        System.out.println("explained " + comparison.explained + "; mismatches " + comparison.counts);
    }

    /** The mismatch as a line for the fixtures, with the outcome that is right. */
    private static String fixture(Comparison.Mismatch m) throws IOException {
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
