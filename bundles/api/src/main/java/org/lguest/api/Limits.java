package org.lguest.api;

import java.util.Map;
import java.util.TreeMap;
import org.lguest.api.state.Rate;

/**
 * How much of the Host a guest may use. A value; {@link Guest#limit} makes it count, at once and as often as one likes.
 *
 * @param cpuPercent share of one core of the Host, 1 to 100; 0 means all that there is
 * @param devices    for devices by their position in {@link GuestSpec#devices}, with the console that every guest has behind them; those
 *                   that are absent are not limited
 */
public record Limits(int cpuPercent, Map<Integer, Rate> devices) {
    /** No limits. */
    public static final Limits NONE = new Limits(0, Map.of());

    /** Checks the numbers. */
    public Limits {
        if (cpuPercent < 0 || cpuPercent > 100) throw new IllegalArgumentException("a share of " + cpuPercent + " % of one core: want 1 to 100, or 0 for no limit");
        devices = Map.copyOf(devices);
    }

    /** The same with another share of the processor. */
    public Limits cpu(int percent) { return new Limits(percent, devices); }

    /** The same with another rate for a device. */
    public Limits device(int place, Rate rate) {
        Map<Integer, Rate> changed = new TreeMap<>(devices);
        if (rate.limited()) changed.put(place, rate);
        else changed.remove(place);
        return new Limits(cpuPercent, changed);
    }

    /** What a device may do. */
    public Rate device(int place) { return devices.getOrDefault(place, Rate.NONE); }
}
