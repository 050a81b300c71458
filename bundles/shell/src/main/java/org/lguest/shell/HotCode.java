package org.lguest.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.lguest.api.part.GeneratedCode;

/** Generated code in words: who does how much of the guest's work. */
final class HotCode {
    private static final String ROW = "%-10s %6s %7s %7s %12s %15s %10s %10s";

    private final List<GeneratedCode> regions;
    private final long retired;

    /**
     * Of this moment.
     *
     * @param regions what is in use
     * @param retired instructions of the guest since its start
     */
    HotCode(List<GeneratedCode> regions, long retired) {
        this.regions = regions.stream().sorted(Comparator.comparingLong(GeneratedCode::instructions).reversed()).toList();
        this.retired = retired;
    }

    /** The regions that did most of all instructions, a line each, and what all of them did. */
    List<String> hottest(int count) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(ROW, "ADDRESS", "SHARE%", "GUEST", "BYTES", "ENTRIES", "INSTRUCTIONS", "AN ENTRY", "STOPS"));
        regions.stream().limit(count).map(this::row).forEach(lines::add);
        lines.add(regions.size() + " regions did " + share(regions.stream().mapToLong(GeneratedCode::instructions).sum()) + " % of all " + retired
            + " instructions");
        return lines;
    }

    private String row(GeneratedCode c) {
        return String.format(ROW, address(c), share(c.instructions()), c.size(), c.bytes(), c.entries(), c.instructions(), perEntry(c), c.stops());
    }

    /** The addresses of the hottest. */
    List<String> addresses(int count) { return regions.stream().limit(count).map(HotCode::address).distinct().toList(); }

    /**
     * One of them in full; empty when there is none.
     *
     * @param bytecode whether the JVM's instructions are told, too
     */
    List<String> at(long address, boolean bytecode) {
        List<String> lines = new ArrayList<>();
        for (GeneratedCode c : regions) {
            if (c.address() != address) continue;
            lines.add(address(c) + ": " + c.size() + " instructions became " + c.bytes() + " bytes; " + share(c.instructions()) + " % of all instructions, "
                + c.entries() + " entries, " + perEntry(c) + " instructions an entry, " + c.stops() + " stops");
            lines.addAll(c.disassembly().lines().toList());
            if (bytecode) lines.addAll(c.generated().lines().map(l -> "    " + l).toList());
        }
        return lines;
    }

    private static String address(GeneratedCode c) { return String.format("0x%08x", c.address()); }

    private static String perEntry(GeneratedCode c) { return decimal((double) c.instructions() / Math.max(1, c.entries())); }

    private String share(long instructions) { return decimal(Math.min(100, 100.0 * instructions / Math.max(1, retired))); }

    private static String decimal(double d) { return String.format(Locale.ROOT, "%.1f", d); }
}
