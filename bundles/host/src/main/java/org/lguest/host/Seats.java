package org.lguest.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lguest.api.GuestSpec;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.Host;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.lguest.api.part.Switcher;

/** Who may sit where: a {@link Rank} for each seat. The best candidate of each makes up the {@link Parts} of a guest, those whom it wants before others. */
final class Seats {
    private static final String CPU = "cpu", MMU = "mmu", SWITCHER = "switcher", CLOCK = "clock";

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

    /** The type of the best model of all with this label that kernels of a generation have drivers for; null when there is none. */
    DeviceType typeFor(String label, Generation generation) {
        return models.entrySet().stream().filter(e -> e.getKey().label().equals(label)).flatMap(e -> e.getValue().best("").stream())
            .filter(c -> c.service().serves(generation)).max(Comparator.comparing(Candidate::reference)).map(c -> c.service().type()).orElse(null);
    }

    /** The labels of the device types that have a model now. */
    List<String> labels() {
        return models.entrySet().stream().filter(e -> !e.getValue().isEmpty()).map(e -> e.getKey().label()).distinct().sorted().toList();
    }

    /** The same for those that kernels of a generation have drivers for. */
    List<String> labels(Generation generation) { return labels().stream().filter(l -> typeFor(l, generation) != null).toList(); }

    Rank<BackendProvider> provider(DeviceType type, String scheme) {
        return providers.computeIfAbsent(type.label() + " " + scheme, k -> new Rank<>());
    }

    /** The schemes of a device type that have a provider now: {@code are: raw, mem}, or {@code is none}. */
    String schemes(DeviceType type) {
        String prefix = type.label() + " ";
        List<String> found = providers.entrySet().stream().filter(e -> e.getKey().startsWith(prefix) && !e.getValue().isEmpty())
            .map(e -> e.getKey().substring(prefix.length())).sorted().toList();
        return found.isEmpty() ? "is none" : "are: " + String.join(", ", found);
    }

    /** The parts of this moment, for a guest that may want somebody in particular in some seats. */
    Parts parts(Host host, GuestSpec spec) {
        Map<Hypercall.Family, HypercallFamily> present = new EnumMap<>(Hypercall.Family.class);
        families.forEach((f, rank) -> rank.best(spec.wish(seat(f))).ifPresent(c -> present.put(f, c.service())));
        return new Parts(cpu.service(spec.wish(CPU)), mmu.service(spec.wish(MMU)), switcher.service(spec.wish(SWITCHER)),
            clock.service(spec.wish(CLOCK)), present, host);
    }

    /** The seats of the processor, in which these parts sit. */
    List<Seat> machine(GuestSpec spec, Parts sitting) {
        List<Seat> all = new ArrayList<>();
        all.add(cpu.seat(CPU, spec.wish(CPU), sitting.cpu()));
        all.add(mmu.seat(MMU, spec.wish(MMU), sitting.mmu()));
        all.add(switcher.seat(SWITCHER, spec.wish(SWITCHER), sitting.switcher()));
        all.add(clock.seat(CLOCK, spec.wish(CLOCK), sitting.clock()));
        families.forEach((f, rank) -> all.add(rank.seat(seat(f), spec.wish(seat(f)), sitting.families().get(f))));
        return all;
    }

    /** {@code cpu: org.lguest.cpu 0.1.0 (interpreter)}. */
    static String line(Seat s) {
        return s.name() + ": " + s.taken().map(Seat.Provider::about).orElse("empty") + (s.missed() ? ", not the wanted " + s.wanted() : "");
    }

    /** A line for each seat in which somebody else sits, or nobody. */
    static List<String> changes(Parts before, Parts after) {
        List<String> lines = new ArrayList<>();
        change(lines, CPU, before.cpu(), after.cpu());
        change(lines, MMU, before.mmu(), after.mmu());
        change(lines, SWITCHER, before.switcher(), after.switcher());
        change(lines, CLOCK, before.clock(), after.clock());
        for (Hypercall.Family f : Hypercall.Family.values()) change(lines, seat(f), before.families().get(f), after.families().get(f));
        return lines;
    }

    private static void change(List<String> lines, String seat, Object before, Object after) {
        if (before == after) return;
        if (after == null) lines.add(seat + ": the seat is empty, the guest waits");
        else lines.add(seat + ": " + after.getClass().getName() + " has taken the seat");
    }

    private static String seat(Hypercall.Family f) { return "hypercalls." + f.name().toLowerCase(Locale.ROOT); }
}
