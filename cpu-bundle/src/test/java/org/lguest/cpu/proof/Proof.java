package org.lguest.cpu.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.table.X86Table.Row;

/** The long run: {@code Proof cases [seed [mnemonics]]}, the last one a regular expression. */
final class Proof {
    /** Cases that are sent to the native runner at once. */
    static final int BATCH = 4000;

    private Proof() { }

    /** Runs cases on both processors and prints what differs. */
    public static void main(String[] args) throws IOException {
        long cases = Long.parseLong(args[0]);
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        var generator = new Generator(seed);
        List<Row> rows = args.length > 2 ? generator.rows().stream().filter(r -> r.mnemonic().matches(args[2])).toList() : generator.rows();
        var random = new SplittableRandom(seed);
        long started = System.nanoTime();
        try (var hardware = NativeProcessor.start(); var engine = new EngineProcessor(new Interpreter())) {
            var comparison = new Comparison(hardware, engine);
            while (comparison.cases < cases) {
                List<Case> batch = new ArrayList<>();
                for (int n = 0; n < BATCH; n++) batch.add(generator.next(rows.get(random.nextInt(rows.size()))));
                comparison.run(batch);
            }
            comparison.mismatches.forEach(m -> System.out.println(m + "\n"));
            System.out.println(comparison.cases + " cases in " + (System.nanoTime() - started) / 1_000_000 + " ms; traps " + comparison.traps);
            System.out.println("explained " + comparison.explained + "; mismatches " + comparison.counts);
        }
    }
}
