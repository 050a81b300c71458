package org.lguest.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.Host;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;

/** Who may sit where: a {@link Rank} for each seat. The best candidate of each makes up the {@link Parts} of all guests. */
final class Seats {
    final Rank<CpuEngine> cpu = new Rank<>();
    final Rank<Mmu> mmu = new Rank<>();
    final Rank<Switcher> switcher = new Rank<>();
    final Rank<GuestClock> clock = new Rank<>();
    private final Map<Hypercall.Family, Rank<HypercallFamily>> families = new EnumMap<>(Hypercall.Family.class);
    private final Map<DeviceType, Rank<DeviceModel>> models = new ConcurrentHashMap<>();
    private final Map<String, Rank<BackendProvider>> providers = new ConcurrentHashMap<>();

    Seats() {
        for (Hypercall.Family f : Hypercall.Family.values()) families.put(f, new Rank<>());
    }

    Rank<HypercallFamily> family(Hypercall.Family f) { return families.get(f); }

    Rank<DeviceModel> model(DeviceType t) { return models.computeIfAbsent(t, k -> new Rank<>()); }

    /** The best model of all types with this label; null when there is none. */
    DeviceModel modelFor(String label) {
        return models.entrySet().stream().filter(e -> e.getKey().label().equals(label)).flatMap(e -> e.getValue().best().stream())
            .max(Comparator.comparing(Rank.Candidate::reference)).map(Rank.Candidate::service).orElse(null);
    }

    /** The labels of the device types that have a model now. */
    List<String> labels() {
        return models.entrySet().stream().filter(e -> e.getValue().service() != null).map(e -> e.getKey().label()).distinct().sorted().toList();
    }

    Rank<BackendProvider> provider(DeviceType type, String scheme) {
        return providers.computeIfAbsent(type.label() + " " + scheme, k -> new Rank<>());
    }

    /** The schemes of a device type that have a provider now: {@code are: raw, mem}, or {@code is none}. */
    String schemes(DeviceType type) {
        String prefix = type.label() + " ";
        List<String> found = providers.entrySet().stream().filter(e -> e.getKey().startsWith(prefix) && e.getValue().service() != null)
            .map(e -> e.getKey().substring(prefix.length())).sorted().toList();
        return found.isEmpty() ? "is none" : "are: " + String.join(", ", found);
    }

    /** The parts of this moment. */
    Parts parts(Host host) {
        Map<Hypercall.Family, HypercallFamily> present = new EnumMap<>(Hypercall.Family.class);
        families.forEach((f, rank) -> rank.best().ifPresent(c -> present.put(f, c.service())));
        return new Parts(cpu.service(), mmu.service(), switcher.service(), clock.service(), present, host);
    }

    /** One line for each seat. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        lines.add(line("cpu", cpu));
        lines.add(line("mmu", mmu));
        lines.add(line("switcher", switcher));
        lines.add(line("clock", clock));
        families.forEach((f, rank) -> lines.add(line(seat(f), rank)));
        return lines;
    }

    static String line(String seat, Rank<?> rank) { return seat + ": " + rank.best().map(Rank.Candidate::describe).orElse("empty"); }

    /** A line for each seat in which somebody else sits, or nobody. */
    static List<String> changes(Parts before, Parts after) {
        List<String> lines = new ArrayList<>();
        change(lines, "cpu", before.cpu(), after.cpu());
        change(lines, "mmu", before.mmu(), after.mmu());
        change(lines, "switcher", before.switcher(), after.switcher());
        change(lines, "clock", before.clock(), after.clock());
        for (Hypercall.Family f : Hypercall.Family.values()) change(lines, seat(f), before.families().get(f), after.families().get(f));
        return lines;
    }

    private static void change(List<String> lines, String seat, Object before, Object after) {
        if (before == after) return;
        if (after == null) lines.add(seat + ": the seat is empty, the guest waits");
        else lines.add(seat + ": " + after.getClass().getName() + " has taken the seat");
    }

    private static String seat(Hypercall.Family f) { return "hypercalls." + f.name().toLowerCase(java.util.Locale.ROOT); }
}
