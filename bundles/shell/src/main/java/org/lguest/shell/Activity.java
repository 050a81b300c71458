package org.lguest.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lguest.api.Counters;
import org.lguest.api.Guest;
import org.lguest.api.VcpuThread;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.TrapTable;

/**
 * What a guest's counters said at a moment. Two of them make rates. The counters are the vCPU thread's; they are read here
 * as they come, a turn old at most.
 */
record Activity(long nanos, long processor, long instructions, long turns, long[] traps, long[] hypercalls, long[] interrupts, long shadowFaults, long tlbFills,
        long requests, long bytes, List<Traffic> devices, Generated generated, Generation generation) {
    private static final String ROW = "%-3s %-12s %5s %8s %5s %8s %8s %8s %8s %8s %8s %8s %8s";
    private static final int MOST_CAUSES = 8;

    /** What a device did; {@code lines} are its interrupts. */
    record Traffic(String name, List<Integer> lines, long requests, long bytes) {
        static Traffic of(DeviceState d) { return new Traffic(d.toString(), d.lines(), d.requests.sum(), d.bytes.sum()); }
    }

    /** Of this moment. */
    static Activity of(Guest g) {
        Counters c = g.counters();
        VcpuThread t = g.vcpu();
        return new Activity(System.nanoTime(), t == null ? -1 : t.processorNanos(), g.cpu().retired, c.turns, c.traps.clone(), c.hypercalls.clone(),
            c.interrupts.clone(), c.shadowFaults, g.tlb().fills,
            c.chains.sum(), c.deviceBytes.sum(), g.devicePage().devices().stream().map(Traffic::of).toList(), Generated.of(g), g.generation());
    }

    /** The headings of {@link #line}. */
    static String heading() {
        return String.format(ROW, "ID", "NAME", "CPU%", "MIPS", "GEN%", "TURNS/s", "TRAPS/s", "CALLS/s", "IRQS/s", "FAULTS/s", "TLB/s", "REQS/s", "MB/s");
    }

    /** A guest's rates since an earlier moment. */
    String line(Guest g, Activity before) {
        return String.format(ROW, g.id(), g.name(), share(before), decimal(per(instructions - before.instructions, before) / 1e6),
            inGenerated(before), rate(turns - before.turns, before),
            rate(sum(traps) - sum(before.traps), before), rate(sum(hypercalls) - sum(before.hypercalls), before),
            rate(sum(interrupts) - sum(before.interrupts), before),
            rate(shadowFaults - before.shadowFaults, before), rate(tlbFills - before.tlbFills, before), rate(requests - before.requests, before),
            decimal(per(bytes - before.bytes, before) / 1e6));
    }

    /** The same by cause: traps, hypercalls, interrupts, devices, the most frequent ones first; and generated code, where there is any. */
    List<String> causes(Activity before) {
        List<String> lines = new ArrayList<>();
        long others = Math.max(0, turns - before.turns - sum(traps) + sum(before.traps));
        lines.add("exits       " + most(traps, before.traps, before, Activity::trap) + "; between instructions " + rate(others, before) + "/s");
        lines.add("hypercalls  " + most(hypercalls, before.hypercalls, before, this::call));
        lines.add("interrupts  " + most(interrupts, before.interrupts, before, this::line));
        if (generated.regions() > 0)
            lines.add("generated   " + generated.regions() + " regions, " + inGenerated(before) + " % of instructions, "
                + rate(generated.stops(before.generated), before) + " stops/s");
        for (int i = 0; i < devices.size(); i++) traffic(devices.get(i), i < before.devices.size() ? before.devices.get(i) : null, before, lines);
        return lines;
    }

    private void traffic(Traffic now, Traffic then, Activity before, List<String> lines) {
        if (then == null || now.requests == then.requests) return;
        lines.add(String.format("%-11s ", now.name) + rate(now.requests - then.requests, before) + " requests/s, "
            + decimal(per(now.bytes - then.bytes, before) / 1e6) + " MB/s");
    }

    /** Instructions since an earlier moment. */
    long since(Activity before) { return instructions - before.instructions; }

    /** Processor time in percent of one core. */
    private String share(Activity before) {
        return processor < 0 || before.processor < 0 ? "-" : decimal(per(processor - before.processor, before) / 1e7);
    }

    /** Instructions that were completed in generated code, in percent of all. */
    private String inGenerated(Activity before) {
        return generated.regions() == 0 ? "-" : decimal(Math.min(100, 100.0 * generated.instructions(before.generated) / Math.max(1, since(before))));
    }

    private static String trap(int vector) {
        return switch (vector) {
            case 7 -> "no FPU";
            case 13 -> "general protection";
            case 14 -> "page fault";
            case TrapTable.HYPERCALL -> "hypercall";
            case 0x80 -> "system call";
            default -> "vector " + vector;
        };
    }

    private String line(int irq) {
        if (irq == 0) return "clock";
        return devices.stream().filter(d -> d.lines.contains(irq)).map(Traffic::name).findFirst().orElse("line " + irq);
    }

    private interface Name {
        String of(int number);
    }

    private String call(int number) {
        Hypercall call = generation.call(number);
        return call == null ? "call " + number : call.name();
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
