package org.lguest.cpu.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs the same cases on two processors and keeps what differs. */
final class Comparison {
    /**
     * A case on which two processors do not agree.
     *
     * @param alone the same for blank memory
     */
    record Mismatch(Case given, Case alone, Outcome hardware, Outcome engine, String difference) {
        @Override
        public String toString() { return given + "\n  hardware: " + hardware + "\n  engine:   " + engine + "\n  differ (hardware / engine):" + difference; }
    }

    private static final int KEPT = 3;

    private Image image = new Image(false);
    /** The first few of each instruction. */
    final List<Mismatch> mismatches = new ArrayList<>();
    /** How many, by instruction. */
    final Map<String, Integer> counts = new TreeMap<>();
    /** How many differences were explained, by reason. */
    final Map<String, Integer> explained = new TreeMap<>();
    /** Cases that ended in each trap. */
    final Map<Integer, Integer> traps = new TreeMap<>();
    final Coverage coverage = new Coverage();
    /** Cases that were compared, and batches that were not because one of their cases destroyed the runner. */
    long cases, lost;

    /** Everything in a few lines. */
    String summary() {
        return cases + " cases of " + coverage.instances() + " instructions compared, " + lost + " batches lost; by trap of the hardware: " + traps + "\nfreedoms of processors: " + explained + "\nmismatches: " + counts;
    }

    /** The next cases are for processors that have just started. */
    void restart() { image = new Image(false); }

    /** Cases for processors that have run no others but those that went through here before. */
    void run(Processor hardware, Processor engine, List<Case> batch) {
        List<Outcome> a = hardware.run(batch);
        List<Outcome> b = engine.run(batch);
        for (int n = 0; n < batch.size(); n++) {
            Case c = batch.get(n);
            image.begin(c);
            compare(c, a.get(n), b.get(n));
            image.end(c);
        }
        cases += batch.size();
    }

    /** What the hardware makes of a case in a process of its own. */
    private Outcome alone(Case c) {
        try (var fresh = NativeProcessor.start(new Image(true))) {
            return fresh.run(List.of(image.selfContained(c))).getFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void compare(Case c, Outcome a, Outcome b) {
        traps.merge(a.trap(), 1, Integer::sum);
        coverage.add(c, a);
        String difference = a.difference(b, c.undefined());
        if (difference == null) return;
        String why = Models.explain(c, a, b);
        if (why == null) why = OtherModels.explain(c, a, b);
        if (why == null && a.difference(alone(c), c.undefined()) != null) why = "what did not come a second time: another case's stray store, or another process in between, which costs x87 pointers";
        if (why != null) explained.merge(why, 1, Integer::sum);
        else if (counts.merge(c.name(), 1, Integer::sum) <= KEPT) mismatches.add(new Mismatch(c, image.selfContained(c), a, b, difference));
    }
}
