package org.lguest.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lguest.api.Counters;
import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;

/**
 * What a guest's counters said at a moment. Two of them make rates. The counters are the vCPU thread's; they are read here
 * as they come, a turn old at most.
 */
record Activity(long nanos, long instructions, long turns, long[] traps, long[] hypercalls, long[] interrupts, long shadowFaults, long tlbFills, long requests,
        long bytes) {
    private static final String ROW = "%-3s %-12s %8s %8s %8s %8s %8s %8s %8s %8s %8s";
    private static final int MOST_CAUSES = 8;

    /** Of this moment. */
    static Activity of(Guest g) {
        Counters c = g.counters();
        return new Activity(System.nanoTime(), g.cpu().retired, c.turns, c.traps.clone(), c.hypercalls.clone(), c.interrupts.clone(), c.shadowFaults, g.tlb().fills,
            c.chains.sum(), c.deviceBytes.sum());
    }

    /** The headings of {@link #line}. */
    static String heading() { return String.format(ROW, "ID", "NAME", "MIPS", "TURNS/s", "TRAPS/s", "CALLS/s", "IRQS/s", "FAULTS/s", "TLB/s", "REQS/s", "MB/s"); }

    /** A guest's rates since an earlier moment. */
    String line(Guest g, Activity before) {
        return String.format(ROW, g.id(), g.name(), decimal(per(instructions - before.instructions, before) / 1e6), rate(turns - before.turns, before),
            rate(sum(traps) - sum(before.traps), before), rate(sum(hypercalls) - sum(before.hypercalls), before), rate(sum(interrupts) - sum(before.interrupts), before),
            rate(shadowFaults - before.shadowFaults, before), rate(tlbFills - before.tlbFills, before), rate(requests - before.requests, before),
            decimal(per(bytes - before.bytes, before) / 1e6));
    }

    /** The same by cause: traps by vector, hypercalls by name, interrupts by line, the most frequent ones first. */
    List<String> causes(Activity before) {
        List<String> lines = new ArrayList<>();
        lines.add("traps       " + most(traps, before.traps, before, n -> "vector " + n));
        lines.add("hypercalls  " + most(hypercalls, before.hypercalls, before, Activity::call));
        lines.add("interrupts  " + most(interrupts, before.interrupts, before, n -> "line " + n));
        return lines;
    }

    private interface Name {
        String of(int number);
    }

    private static String call(int number) {
        for (Hypercall h : Hypercall.values()) if (h.number() == number) return h.name();
        return "call " + number;
    }

    private String most(long[] now, long[] then, Activity before, Name name) {
        List<Integer> busy = new ArrayList<>();
        for (int n = 0; n < now.length; n++) if (now[n] != then[n]) busy.add(n);
        busy.sort(Comparator.comparingLong((Integer n) -> then[n] - now[n]));
        List<String> words = busy.stream().limit(MOST_CAUSES).map(n -> name.of(n) + " " + rate(now[n] - then[n], before) + "/s").toList();
        return words.isEmpty() ? "none" : String.join(", ", words);
    }

    private double per(long count, Activity before) { return count * 1e9 / Math.max(1, nanos - before.nanos); }

    private String rate(long count, Activity before) { return Long.toString(Math.round(per(count, before))); }

    private static String decimal(double d) { return String.format(java.util.Locale.ROOT, "%.1f", d); }

    private static long sum(long[] counts) {
        long s = 0;
        for (long c : counts) s += c;
        return s;
    }
}
