package org.lguest.cpu.tiered;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.CodePage;
import org.lguest.cpu.interpreter.Head;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Op;
import org.lguest.cpu.interpreter.Shape;

/**
 * M:210 Which code belongs together. From a hot entry the ways of the program are followed, through jumps, into calls and
 * out of them again, until there is enough, or nothing more that can be known. Ways that the interpreter has never seen taken are left out.
 *
 * <p>On the vCPU thread: it looks at the page tables of the moment and at the guest's code, and decodes what the interpreter has not.
 */
final class Planner {
    private static final int CALLS = 4;

    private final Machine machine;
    private final Head head;
    private final Tuning tuning;
    /** EIP of the first byte of the entry's page. */
    private final int base;
    private final Map<Integer, CodePage> pages = new HashMap<>();
    private final Map<Spot, Insn> found = new LinkedHashMap<>();
    private final Set<Spot> leaders = new HashSet<>();
    private final Deque<Spot> open = new ArrayDeque<>();

    private Planner(Machine machine, Head head, Tuning tuning) {
        this.machine = machine;
        this.head = head;
        this.tuning = tuning;
        base = machine.codeBase();
        pages.put(0, head.page);
    }

    /** Plans from where the machine is; null when there is nothing to be generated. */
    static Plan plan(Machine machine, Head head, Tuning tuning) { return new Planner(machine, head, tuning).plan(); }

    private Plan plan() {
        Spot entry = new Spot(head.offset, null);
        open.add(entry);
        leaders.add(entry);
        while (!open.isEmpty() && found.size() < tuning.most()) follow(open.poll());
        if (found.isEmpty()) return null;
        Map<Spot, Block> blocks = blocks();
        return new Plan(blocks, pages, shape(blocks), ways(blocks, entry));
    }

    /** From a spot along the way that needs no decision. */
    private void follow(Spot spot) {
        while (spot != null && found.size() < tuning.most() && !found.containsKey(spot)) {
            Insn i = decode(spot.at());
            if (i == null) return;
            Spot here = spot;
            Kind kind = Kind.of(i);
            if (kind == Kind.STOP || tuning.checked() && kind == Kind.PLAIN && Emitters.of(i) == null) return;
            found.put(here, i);
            spot = next(here, i, kind);
            if (kind != Kind.PLAIN && spot != null) leaders.add(spot);
        }
        if (spot != null && found.containsKey(spot)) leaders.add(spot);
    }

    private Spot next(Spot here, Insn i, Kind kind) {
        int after = here.at() + i.length;
        int target = after + i.imm;
        return switch (kind) {
            case PLAIN -> here.to(after);
            case BRANCH -> {
                if (op(here.at()).taken()) later(here.to(target));
                yield here.to(after);
            }
            case JUMP -> here.to(target);
            case CALL -> here.calls() != null && here.calls().depth() >= CALLS ? null : here.call(target, after);
            case RETURN -> here.calls() == null ? null : here.back();
            case INDIRECT, STOP -> null;
        };
    }

    private void later(Spot spot) {
        leaders.add(spot);
        if (!found.containsKey(spot)) open.add(spot);
    }

    /** The instruction at a place, or null when its page is not mapped, or it is none of ours. */
    private Insn decode(int at) {
        CodePage page = page(at >> 12);
        if (page == null) return null;
        Insn i = new Insn();
        return machine.decode(page, at & 0xFFF, i) ? i : null;
    }

    private CodePage page(int number) {
        CodePage known = pages.get(number);
        if (known == null) {
            known = machine.mapped(base + (number << 12));
            if (known != null) pages.put(number, known);
        }
        return known;
    }

    private Op op(int at) { return machine.operation(page(at >> 12), at & 0xFFF); }

    private Map<Spot, Block> blocks() {
        Map<Spot, Block> blocks = new LinkedHashMap<>();
        int k = 0;
        Block block = null;
        Spot expected = null;
        for (var e : found.entrySet()) {
            Spot spot = e.getKey();
            Insn i = e.getValue();
            if (block == null || leaders.contains(spot) || !spot.equals(expected)) {
                block = new Block(spot);
                blocks.put(spot, block);
            }
            block.steps.add(new Step(k++, spot.at(), block.steps.size(), i, op(spot.at())));
            expected = Kind.of(i) == Kind.PLAIN ? spot.to(spot.at() + i.length) : null;
        }
        return blocks;
    }

    private static Map<Spot, Integer> ways(Map<Spot, Block> blocks, Spot entry) {
        Map<Spot, Integer> ways = new HashMap<>();
        ways.put(entry, 1);
        for (Block b : blocks.values()) for (Spot to : b.leadsTo()) ways.merge(to, 1, Integer::sum);
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
        return new Shape(machine, head, n, at, sequence, ops, pages.values());
    }
}
