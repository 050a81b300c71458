package org.lguest.api.part;

import java.util.EnumMap;
import java.util.Map;
import org.lguest.api.abi.Hypercall;

/**
 * Who sits in the seats that the vCPU thread uses. Immutable; one record per guest, replaced whole by the host between
 * turns and read once a turn. A null component is an empty seat: such a guest is parked. Device models and backends have
 * seats of their own, beside the queue threads.
 *
 * @param families one for each {@link Hypercall.Family}, as far as present
 */
public record Parts(CpuEngine cpu, Mmu mmu, Switcher switcher, GuestClock clock, Map<Hypercall.Family, HypercallFamily> families, Host host) {
    private static final Hypercall.Family[] FAMILIES = Hypercall.Family.values();

    /** Copies the map. */
    public Parts {
        families = families.isEmpty() ? Map.of() : java.util.Collections.unmodifiableMap(new EnumMap<>(families));
    }

    /** The family that performs a call. */
    public HypercallFamily family(Hypercall call) { return families.get(call.family()); }

    /** @return null when all seats are taken, or the name of the first that is empty */
    public String missing() {
        if (cpu == null) return "cpu";
        if (mmu == null) return "mmu";
        if (switcher == null) return "switcher";
        if (clock == null) return "clock";
        if (families.size() == FAMILIES.length) return null; // it is asked at every turn
        for (Hypercall.Family f : FAMILIES)
            if (!families.containsKey(f)) return "hypercalls." + f.name().toLowerCase(java.util.Locale.ROOT);
        return null;
    }
}
