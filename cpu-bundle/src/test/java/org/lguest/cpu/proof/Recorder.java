package org.lguest.cpu.proof;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.proof.Coverage.Entry;
import org.lguest.cpu.table.X86Table.Row;

/**
 * Records fixtures on a host that has an x86 processor: {@code Recorder DIRECTORY [GROUP]} writes cases of every row of the table and
 * some programs, each reduced to what its outcome needs, so that the tests can replay them on any host.
 */
final class Recorder {
    private static final int PROGRAMS = 60, LONGEST_CHANGE = 128;

    private final Processor hardware;
    private final Processor engine;
    private final Image rich = new Image(false);

    private Recorder(Processor hardware, Processor engine) {
        this.hardware = hardware;
        this.engine = engine;
    }

    /** Writes the files. */
    public static void main(String[] args) throws IOException {
        try (var hardware = NativeProcessor.start(new Image(true)); var engine = new EngineProcessor(new Interpreter(), new Image(true))) {
            var recorder = new Recorder(hardware, engine);
            for (Group g : Group.values()) if (args.length < 2 || g.name().equals(args[1])) recorder.record(g, Path.of(args[0]));
        }
    }

    /** What goes into a file of its own. */
    private enum Group {
        INTEGER("fixtures.txt", 3), X87("fixtures-x87.txt", 5), VECTOR("fixtures-sse.txt", 5);

        private final String file;
        private final int each;

        Group(String file, int each) {
            this.file = file;
            this.each = each;
        }

        private boolean has(Row r) { return this == (VectorRoles.vector(r) ? VECTOR : r.family().matches("fpu|fwait") ? X87 : INTEGER); }
    }

    private void record(Group g, Path directory) throws IOException {
        var generator = new Generator(1995);
        try (var out = new PrintStream(Files.newOutputStream(directory.resolve(g.file)), false, StandardCharsets.US_ASCII)) {
            out.println("# What a processor of 2024 made of these cases; Fixtures says how to read them, Recorder how they came to be.");
            for (Entry e : new Coverage().forms()) if (g.has(e.row())) distinct(() -> generator.next(e.row(), e.modrm()), g.each).forEach(out::println);
            var programs = new Programs(generator, 1995);
            distinct(() -> programs.next(g != Group.INTEGER), PROGRAMS).forEach(out::println);
        }
    }

    /** Several cases that end differently, if possible: at least two that run to their end, and a fault. */
    private List<String> distinct(java.util.function.Supplier<Case> source, int wanted) {
        Map<Integer, Integer> kinds = new TreeMap<>();
        List<String> lines = new ArrayList<>();
        for (int tries = 0; lines.size() < wanted && tries < 40 * wanted; tries++) {
            Case c = self(source.get());
            Outcome o = hardware.run(List.of(c)).getFirst();
            boolean common = kinds.getOrDefault(o.trap(), 0) >= (o.trap() == 3 ? wanted - 1 : Math.max(1, wanted / 10));
            if (o.trap() == Outcome.ENDLESS || o.memory().size() > LONGEST_CHANGE || common && tries < 30 * wanted) continue;
            if (o.difference(engine.run(List.of(c)).getFirst(), c.undefined()) != null) continue; // a freedom of models: no fixture
            kinds.merge(o.trap(), 1, Integer::sum);
            lines.add(line(c, o));
        }
        return lines;
    }

    private Case self(Case c) {
        rich.begin(c);
        Case self = rich.selfContained(c);
        rich.end(c);
        return self;
    }

    private String line(Case c, Outcome o) {
        Predicate<Case> same = x -> {
            Outcome y = hardware.run(List.of(x)).getFirst();
            return y.trap() == o.trap() && y.error() == o.error() && y.cr2() == o.cr2() && y.eip() == o.eip() && y.memory().equals(o.memory()) && Objects.equals(unit(x, y), unit(c, o)) && results(x, y).equals(results(c, o));
        };
        Case small = new Blanker(c, same).blank();
        return Fixtures.write(small, hardware.run(List.of(small)).getFirst());
    }

    private static String unit(Case c, Outcome o) { return c.fpu() == null ? null : Fixtures.runs(c.fpu(), o.fpu()); }

    /** Registers that changed, with their values, and all flags. */
    private static List<Integer> results(Case c, Outcome o) {
        List<Integer> r = new ArrayList<>();
        for (int i = 0; i < 8; i++) if (c.gpr()[i] != o.gpr()[i]) r.add(o.gpr()[i]);
        r.add(o.eflags() & Outcome.COMPARED & ~c.undefined());
        for (int s : o.selectors()) r.add(s);
        return r;
    }

    /** Takes away memory content that does not matter, in a few steps. */
    private record Blanker(Case given, Predicate<Case> same) {
        Case blank() {
            Case best = given;
            for (int size = 4096; size >= 4; size /= 2)
                for (int n = 0; n < best.patches().size(); n++)
                    for (int at = 0; at < best.patches().get(n).bytes().length; at += size) best = without(best, n, at, size);
            return Shrinker.plainUnit(best, same);
        }

        private Case without(Case c, int n, int at, int size) {
            Case.Patch p = c.patches().get(n);
            if (p.code()) return c;
            byte[] bytes = p.bytes().clone();
            int end = Math.min(bytes.length, at + size);
            boolean empty = true;
            for (int i = at; i < end; i++) empty &= bytes[i] == 0;
            if (empty) return c;
            java.util.Arrays.fill(bytes, at, end, (byte) 0);
            List<Case.Patch> patches = new ArrayList<>(c.patches());
            patches.set(n, new Case.Patch(p.address(), bytes, false));
            Case x = c.with(patches);
            return same.test(x) ? x : c;
        }
    }
}
