package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.EBP;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.api.state.CpuState.ZERO;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lguest.cpu.decode.Insn;

/**
 * M:225 Memory that is looked up once. Compilers keep the variables of a function beside its stack pointer, those of an object beside another
 * register, and those of a program at fixed addresses. So most accesses of a region are near each other, at distances that are known, and lie in
 * one page: that page is looked up when the region is entered, and the place of the first of them is a variable. An access is an addition of
 * a constant then, which costs the processor nothing; it cannot fail, and code that cannot be left needs no flags. When the page is not there, or the memory lies in two, the region is
 * not entered so: see {@code Region.refused}.
 */
final class Windows {
    /** Bytes of memory beside a register: the wider, the likelier it lies in two pages. */
    private static final int WIDEST = 512;
    /** Accesses that a window is worth, and the number of windows that may have to be there before the region is entered. */
    private static final int WORTH = 3, MOST = 4;
    private static final Set<String> READ_ONLY = Set.of("push", "call", "jmp", "mul", "imul1", "div", "idiv");

    /**
     * Memory that lies in one page.
     *
     * @param root  the register that it is beside, as it is at the entry
     * @param low   bytes from there to its beginning
     * @param span  its length in bytes
     * @param write whether it is written to
     */
    record Window(int root, int low, int span, boolean write) { }

    /** The accesses of an instruction: to its operand, and to the stack. */
    enum Side { OPERAND, STACK }

    /** @param certain the instruction is executed whenever the region is entered */
    private record Use(Step step, Side side, Origin at, int bytes, boolean write, boolean certain) {
        int end() { return at.offset() + bytes; }
    }

    private record Key(int k, Side side) { }

    /**
     * Where an access is.
     *
     * @param number of the window
     * @param from   bytes from the window's beginning
     * @param bytes  that it may have at most
     */
    record Inside(int number, int from, int bytes) { }

    private final List<Window> windows = new ArrayList<>();
    private final Map<Key, Inside> accesses = new HashMap<>();

    private Windows() { }

    /** For code that is to work wherever memory is. */
    static Windows none() { return new Windows(); }

    static Windows in(Plan plan) {
        Windows w = new Windows();
        List<Use> uses = uses(plan);
        List<List<Use>> groups = new ArrayList<>();
        for (int root = 0; root <= ZERO; root++) {
            int r = root;
            group(root, uses.stream().filter(u -> u.at.root() == r).toList(), groups);
        }
        groups.sort(Comparator.comparing(g -> -g.size()));
        groups.stream().limit(MOST).forEach(w::add);
        return w;
    }

    private void add(List<Use> uses) {
        int low = uses.stream().mapToInt(u -> u.at.offset()).min().orElseThrow();
        int high = uses.stream().mapToInt(Use::end).max().orElseThrow();
        for (Use u : uses) accesses.put(new Key(u.step.k(), u.side), new Inside(windows.size(), u.at.offset() - low, u.bytes));
        windows.add(new Window(uses.getFirst().at.root(), low, high - low, uses.stream().anyMatch(Use::write)));
    }

    boolean any() { return !windows.isEmpty(); }

    List<Window> all() { return windows; }

    /** Where in a window an access of so many bytes is, or null. */
    Inside inside(int k, Side side, int length) {
        Inside in = accesses.get(new Key(k, side));
        return in != null && in.bytes >= length ? in : null;
    }

    /** Whether an instruction's operand is in a window. */
    boolean covers(Step s) { return inside(s.k(), Side.OPERAND, s.insn().memorySize >>> 3) != null; }

    // --- which are worth it ---------------------------------------------------------------------------------------------

    /**
     * A window is asked for at the entry, even when the region is then left before memory is accessed. So it has to be memory that will be accessed,
     * in the same manner; the stack always is.
     */
    private static void group(int root, List<Use> all, List<List<Use>> groups) {
        boolean written = root == ESP || all.stream().anyMatch(u -> u.certain && u.write);
        boolean read = root == ESP || root == ZERO || all.stream().anyMatch(Use::certain);
        List<Use> uses = all.stream().filter(u -> u.write ? written : read).sorted(Comparator.comparing(u -> u.at.offset())).toList();
        if (root == ZERO) pages(uses, groups);
        else densest(uses, groups);
    }

    private static void pages(List<Use> uses, List<List<Use>> groups) {
        Map<Integer, List<Use>> pages = new HashMap<>();
        for (Use u : uses)
            if ((u.at.offset() ^ u.end() - 1) >>> 12 == 0) pages.computeIfAbsent(u.at.offset() >>> 12, p -> new ArrayList<>()).add(u);
        pages.values().stream().filter(p -> p.size() >= WORTH).forEach(groups::add);
    }

    /** Of all memory beside a register as much as a window may have, where most is accessed. */
    private static void densest(List<Use> sorted, List<List<Use>> groups) {
        List<Use> best = List.of();
        for (int from = 0; from < sorted.size(); from++) {
            int low = sorted.get(from).at.offset();
            List<Use> here = sorted.subList(from, sorted.size()).stream().filter(u -> (long) u.at.offset() + u.bytes - low <= WIDEST).toList();
            if (here.size() > best.size()) best = here;
        }
        if (best.size() >= WORTH) groups.add(best);
    }

    // --- what accesses what ---------------------------------------------------------------------------------------------

    private static List<Use> uses(Plan plan) {
        List<Use> uses = new ArrayList<>();
        Map<Spot, Origins> in = Origins.in(plan);
        for (Block b : plan.blocks().values()) {
            Origins o = in.get(b.spot);
            if (o == null) continue;
            o = o.copy();
            for (Step s : b.steps) {
                uses(s, o, b.spot.equals(plan.entry()), uses);
                o.after(s);
            }
        }
        return uses;
    }

    private static void uses(Step s, Origins o, boolean certain, List<Use> uses) {
        Insn i = s.insn();
        if (s.kind() == Kind.STOP || s.kind() == Kind.PLAIN && Emitters.of(i) == null) return;
        Origin operand = operand(i) ? o.of(i.base) : null;
        if (operand != null) uses.add(new Use(s, Side.OPERAND, operand.plus(i.disp), bytes(i), writes(i), certain));
        boolean pushes = s.calls() || i.row.family().equals("push");
        Origin stack = switch (i.row.family()) {
            case "push", "pop", "call", "ret" -> o.of(ESP);
            case "leave" -> o.of(EBP);
            default -> null;
        };
        if (stack != null) uses.add(new Use(s, Side.STACK, pushes ? stack.plus(-4) : stack, 4, pushes, certain));
    }

    private static boolean operand(Insn i) {
        return i.memory() && i.index == ZERO && i.addressSize == 32 && Code.flat(i) && i.memorySize > 0 && !i.row.family().equals("lea")
            && !i.row.family().equals("nop") && !Exchanges.string(i);
    }

    private static int bytes(Insn i) { return i.row.family().equals("fpu") ? FpuEmitters.bytes(i) : i.memorySize >>> 3; }

    private static boolean writes(Insn i) {
        if (i.row.family().equals("fpu")) return FpuEmitters.stores(i);
        boolean compares = i.row.handler().equals("bt.0") || i.row.family().equals("alu") && (i.row.variant().equals("cmp") || i.row.variant().equals("test"));
        return i.dstKind == Insn.Kind.MEMORY && !compares && !READ_ONLY.contains(i.row.family());
    }
}
