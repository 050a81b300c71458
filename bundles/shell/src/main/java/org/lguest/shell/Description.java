package org.lguest.shell;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lguest.api.Counters;
import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Backend;
import org.lguest.api.part.Host;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.Rate;

/** Guests in words. */
final class Description {
    private static final String ROW = "%-3s %-14s %-8s %8s  %-24s %8s  %s";

    private Description() { }

    /** A table, a line for each guest. */
    static String table(Host host) {
        List<Guest> guests = host.guests();
        if (guests.isEmpty()) return "no guests; lguest:start starts one";
        List<String> lines = new ArrayList<>();
        lines.add(String.format(ROW, "ID", "NAME", "LIFE", "MEMORY", "FROM", "RESTARTS", "KERNEL"));
        for (Guest g : guests)
            lines.add(String.format(ROW, g.id(), g.name(), life(g), g.spec().memoryMiB() + " MB", g.spec().origin().by(), g.spec().origin().restarts(),
                kernel(g.spec().kernel()) + ending(g) + waits(host, g)));
        return String.join("\n", lines);
    }

    /** Everything about one. */
    static String full(Host host, Guest g) {
        List<String> lines = new ArrayList<>();
        lines.add(g + ", guest " + g.id() + ": " + life(g) + ending(g) + waits(host, g));
        lines.add("memory        " + g.spec().memoryMiB() + " MB");
        if (g.limits().cpuPercent() > 0) lines.add("processor     at most " + g.limits().cpuPercent() + " % of a core");
        lines.add("kernel        " + kernel(g.spec().kernel()) + (g.data().known() ? ", of generation " + g.data().generation() : ""));
        if (g.spec().initrd() != null) lines.add("initrd        " + g.spec().initrd());
        lines.add("command line  " + g.spec().commandLine());
        for (DeviceState d : g.devicePage().devices())
            lines.add(String.format("%-13s ", d) + (d.spec.isEmpty() ? "" : d.spec + ", ") + host.backend(g, d).map(Backend::describe).orElse("closed")
                + limit(g, d) + ", irq " + irqs(d));
        counters(lines, g);
        return String.join("\n", lines);
    }

    private static void counters(List<String> lines, Guest g) {
        Counters c = g.counters();
        lines.add("instructions  " + Long.toUnsignedString(g.cpu().retired) + " in " + c.turns + " turns, " + c.halts + " times asleep");
        StringBuilder calls = new StringBuilder();
        for (Hypercall h : g.generation().calls())
            if (c.hypercalls[h.number()] != 0) calls.append(calls.isEmpty() ? "" : ", ").append(h).append(' ').append(c.hypercalls[h.number()]);
        lines.add("hypercalls    " + calls);
        long interrupts = 0;
        for (long n : c.interrupts) interrupts += n;
        lines.add("interrupts    " + interrupts + ", shadow page faults " + c.shadowFaults);
        long frames = c.framesSent.sum() + c.framesReceived.sum() + c.framesDropped.sum();
        if (frames > 0) lines.add("frames        " + c.framesSent.sum() + " sent, " + c.framesReceived.sum() + " received, " + c.framesDropped.sum() + " dropped");
        lines.add("devices       " + c.chains.sum() + " requests, " + c.deviceBytes.sum() + " bytes");
    }

    private static String limit(Guest g, DeviceState d) {
        Rate r = g.limits().device(d.place);
        return r.limited() ? ", " + Rates.words(r) : "";
    }

    private static String irqs(DeviceState d) { return String.join(", ", d.lines().stream().map(String::valueOf).toList()); }

    private static String life(Guest g) { return g.life().name().toLowerCase(Locale.ROOT); }

    private static String kernel(Path kernel) { return kernel == null ? "puppy (bundled)" : kernel.toString(); }

    private static String ending(Guest g) { return g.dead() ? ", " + g.endingNow() : ""; }

    private static String waits(Host host, Guest g) {
        if (g.dead() || g.vcpu() == null) return "";
        List<String> missing = host.missing(g);
        return missing.isEmpty() ? "" : ", waits for somebody in the seat of the " + String.join(", ", missing);
    }
}
