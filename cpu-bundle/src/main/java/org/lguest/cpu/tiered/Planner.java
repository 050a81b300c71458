package org.lguest.cpu.tiered;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.CodePage;
import org.lguest.cpu.interpreter.Extent;
import org.lguest.cpu.interpreter.Head;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Op;
import org.lguest.cpu.interpreter.Shape;
import org.lguest.cpu.interpreter.Target;

/**
 * M:210 Which code belongs together. From a hot entry the ways of the program are followed, through jumps, into calls and out of them
 * again, the likeliest first, until there is enough. How likely a way is the interpreter has counted; what is improbable is left to it.
 *
 * <p>On the vCPU thread: it looks at the page tables of the moment and at the guest's code, and decodes what the interpreter has not.
 */
final class Planner {
    /** A way that is taken less often, out of the times that the region is entered, is not followed. */
    private static final double IMPROBABLE = 0.01, IMPROBABLE_WHEN_WIDE = 0.001;
    /** Bytes of a function, more or less: a call to so little before the entry is one of the function that the entry is in. */
    private static final int FUNCTION = 0x800;

    /** A way that is to be followed. */
    private record Way(Spot to, double chance) { }

    private final Machine machine;
    private final Head head;
    private final Tuning tuning;
    /** EIP of the first byte of the entry's page. */
    private final int base;
    private final Map<Integer, CodePage> pages = new HashMap<>();
    private final Map<Spot, Step> found = new LinkedHashMap<>();
    private final Set<Spot> leaders = new HashSet<>();
    private final Extent extent;
    private final int most;
    private final Slight slight;
    private final double improbable;
    /** Where the calls of a function whose code is there once return to, by its address. */
    private final NavigableMap<Integer, Set<Spot>> returns = new TreeMap<>();
    private final PriorityQueue<Way> open = new PriorityQueue<>((a, b) -> Double.compare(b.chance, a.chance));

    private Planner(Machine machine, Head head, Tuning tuning, Extent extent) {
        this.machine = machine;
        this.head = head;
        this.tuning = tuning;
        this.extent = extent;
        most = extent == Extent.WIDE ? tuning.wide() : tuning.most();
        improbable = extent == Extent.WIDE ? IMPROBABLE_WHEN_WIDE : IMPROBABLE;
        base = machine.codeBase;
        slight = new Slight(machine, base, extent == Extent.SHORT ? tuning.slight() : 0);
        pages.put(0, head.page);
    }

    /** Plans from where the machine is; null when there is nothing to be generated. */
    static Plan plan(Machine machine, Head head, Tuning tuning, Extent extent) { return new Planner(machine, head, tuning, extent).plan(); }

    private Plan plan() {
        Spot entry = new Spot(head.offset, null);
        lead(entry, 1);
        while (!open.isEmpty() && found.size() < most) follow(open.poll());
        if (found.isEmpty()) return null;
        Map<Spot, Block> blocks = blocks();
        return new Plan(blocks, pages, shape(blocks), ways(blocks, entry));
    }

    /** From the beginning of a way to where it forks. */
    private void follow(Way way) {
        for (Spot spot = way.to; found.size() < most && !found.containsKey(spot);) {
            Step s = step(spot);
            if (s == null) return;
            found.put(spot, s);
            if (s.kind() != Kind.PLAIN) {
                for (Way w : ways(spot, s)) lead(w.to, w.chance * way.chance);
                return;
            }
            int page = spot.page();
            spot = spot.to(s.after());
            if (found.containsKey(spot) || spot.page() != page) leaders.add(spot);
        }
    }

    private void lead(Spot to, double chance) {
        leaders.add(to);
        if (chance >= improbable && !found.containsKey(to)) open.add(new Way(to, chance));
    }

    private List<Way> ways(Spot here, Step s) {
        double taken = s.op().chance();
        return switch (s.kind()) {
            case PLAIN, STOP -> List.of();
            case BRANCH -> List.of(new Way(here.to(s.target()), taken), new Way(here.to(s.after()), 1 - taken));
            case JUMP -> List.of(new Way(here.to(s.target()), 1));
            case CALL -> again(s.target()) ? List.of(new Way(new Spot(s.target(), null), 1), new Way(returning(here, s), 1)) : List.of(new Way(called(here, s, s.target()), 1));
            case RETURN -> here.calls() != null ? List.of(new Way(here.back(), 1)) : seen(here, s);
            case INDIRECT -> seen(here, s);
        };
    }

    /** Whether a call is one of the function that a wide region begins in: its code is there already, with returns to wherever it is called from. */
    private boolean again(int target) { return extent == Extent.WIDE && target <= head.offset && head.offset - target < FUNCTION; }

    /** Where such a call will return to. */
    private Spot returning(Spot call, Step s) {
        Spot back = call.to(s.after());
        returns.computeIfAbsent(s.target(), f -> new LinkedHashSet<>()).add(back);
        return back;
    }

    /** Where a jump that is not direct has led, or a call. */
    private List<Way> seen(Spot here, Step s) {
        return s.targets().stream().map(t -> {
            int at = s.at() - s.op().offset + t.distance();
            return new Way(s.calls() ? called(here, s, at) : here.to(at), t.chance());
        }).toList();
    }

    /** The first place of a function that is called. */
    private Spot called(Spot here, Step call, int function) { return here.call(function, call.after(), slight.at(function)); }

    /** The instruction at a place; null when its page is not mapped, or it is none of ours. Its ordinals come later. */
    private Step step(Spot spot) {
        CodePage page = page(spot.page());
        Insn i = new Insn();
        if (page == null || !machine.decode(page, spot.at() & 0xFFF, i) && !straddles(spot, page, i)) return null;
        Kind kind = Kind.of(i);
        if (kind == Kind.STOP && (found.isEmpty() || tuning.checked()) || tuning.checked() && kind == Kind.PLAIN && Emitters.of(i) == null) return null;
        Op op = machine.operation(page, spot.at() & 0xFFF);
        if (extent == Extent.SHORT && op.begins() && !spot.repeated()) return null;
        List<Target> targets = op.targets().stream().filter(t -> t.chance() >= improbable).toList();
        return new Step(found.size(), spot.at(), 0, i, op, targets);
    }

    /** Whether there is an instruction that runs into the next page, as that is mapped now. */
    private boolean straddles(Spot spot, CodePage page, Insn i) {
        int offset = spot.at() & 0xFFF;
        if (offset + Machine.LONGEST <= 0x1000) return false;
        CodePage second = page(spot.page() + 1);
        return second != null && machine.decode(page, second, offset, i);
    }

    private CodePage page(int number) {
        CodePage known = pages.get(number);
        if (known == null) {
            known = machine.mapped(base + (number << 12));
            if (known != null) pages.put(number, known);
        }
        return known;
    }

    private Map<Spot, Block> blocks() {
        Map<Spot, Block> blocks = new LinkedHashMap<>();
        Block block = null;
        Spot expected = null;
        for (var e : found.entrySet()) {
            Spot spot = e.getKey();
            Step s = e.getValue();
            if (block == null || leaders.contains(spot) || !spot.equals(expected)) {
                block = new Block(spot);
                blocks.put(spot, block);
            }
            block.steps.add(s.in(block.steps.size()));
            expected = s.kind() == Kind.PLAIN ? spot.to(s.after()) : null;
        }
        blocks.values().forEach(b -> b.leadsTo = leadsTo(b.spot, b.last()));
        return blocks;
    }

    /** Ways that lead to each spot. */
    private static Map<Spot, Integer> ways(Map<Spot, Block> blocks, Spot entry) {
        Map<Spot, Integer> ways = new HashMap<>();
        ways.put(entry, 1);
        for (Block b : blocks.values()) for (Spot to : b.leadsTo) ways.merge(to, 1, Integer::sum);
        return ways;
    }

    private Shape shape(Map<Spot, Block> blocks) {
        int n = found.size();
        int[] at = new int[n];
        int[] sequence = new int[n];
        Op[] ops = new Op[n];
        for (Block b : blocks.values())
            for (Step s : b.steps) {
                at[s.k()] = s.at();
                sequence[s.k()] = s.sequence();
                ops[s.k()] = s.op();
            }
        return new Shape(machine, head, n, at, sequence, ops, pages.values(), extent);
    }

    private List<Spot> leadsTo(Spot from, Step last) {
        if (last.kind() == Kind.PLAIN) return List.of(from.to(last.after()));
        Stream<Spot> to = ways(from, last).stream().map(Way::to);
        if (last.kind() == Kind.CALL) return to.limit(1).toList();
        return last.kind() == Kind.RETURN && from.calls() == null ? Stream.concat(to, back(from).stream()).distinct().toList() : to.toList();
    }

    /** Where the function that has a return may have been called from: the one that begins last before it. */
    private Set<Spot> back(Spot from) {
        var function = returns.floorEntry(from.at());
        return function == null ? Set.of() : function.getValue();
    }
}
