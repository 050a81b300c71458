package org.lguest.itests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.lguest.api.Guest;
import org.lguest.api.state.DeviceState;

/** How long a guest's processor or one of its devices stood still for a change, by bundle and by what was done with it. */
final class StandStill {
    private static final long LONGEST = 60_000_000_000L;

    private final Guest guest;
    private final Map<String, Map<String, Histogram>> times = new TreeMap<>();

    StandStill(Guest guest) { this.guest = guest; }

    /** Nanoseconds so far: the processor's, then those of the devices. */
    List<Long> now() {
        List<Long> all = new ArrayList<>(List.of(guest.counters().stillNanos));
        for (DeviceState d : guest.devicePage().devices()) all.add(d.stillNanos);
        return all;
    }

    /** Something was done since {@code before}; what stood still longest counts. */
    void add(String bundle, String what, List<Long> before) {
        List<Long> after = now();
        long most = 0;
        for (int i = 0; i < before.size(); i++) most = Math.max(most, after.get(i) - before.get(i));
        if (most > 0) times.computeIfAbsent(bundle, k -> new TreeMap<>()).computeIfAbsent(what, k -> new Histogram(LONGEST, 3)).recordValue(Math.min(most, LONGEST));
    }

    /** A line for each, milliseconds: how many, median, the worst. */
    String report() {
        StringBuilder s = new StringBuilder();
        times.forEach((bundle, all) -> all.forEach((what, h) -> s.append(String.format("%-28s %-10s %5d times, median %9.3f ms, 99 %% "
            + "%9.3f, worst %9.3f%n", bundle, what,
            h.getTotalCount(), h.getValueAtPercentile(50) / 1e6, h.getValueAtPercentile(99) / 1e6, h.getMaxValue() / 1e6))));
        return s.toString();
    }
}
