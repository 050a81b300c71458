package org.lguest.cpu.tiered;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the ways through a region bring along to the spots that they lead to: the kind of the flags, and which registers, and whether the flags, may be other
 * than where the interpreter would look for them. Who writes code notes each way as he writes it; what a block finds unsaved and leaves so is known when all are.
 */
final class Arrivals {
    /**
     * A way from a block, null at the entry, to another.
     *
     * @param unsaved of what the block itself has changed
     * @param all     everything was saved in the block: what it had found unsaved does not go on
     */
    private record Way(Spot from, Spot to, int unsaved, boolean all) { }

    private final Map<Spot, Integer> kinds = new HashMap<>(), unsaved = new HashMap<>(), latest = new HashMap<>();
    private final List<Way> ways = new ArrayList<>();

    /** A way, with what {@code g} knows where it begins. */
    void add(Spot from, Spot to, Code g) {
        kinds.merge(to, g.flags(), (a, b) -> a.equals(b) ? a : Code.UNKNOWN);
        latest.put(to, g.unsaved());
        ways.add(new Way(from, to, g.unsaved(), g.hasSaved()));
    }

    /** The kind of the flags at a spot, or {@link Code#UNKNOWN} where ways do not agree, or there is none yet. */
    int kind(Spot spot) { return kinds.getOrDefault(spot, Code.UNKNOWN); }

    /** What the latest way to a spot has brought along unsaved; flags, if there is none yet. */
    int latest(Spot spot) { return latest.getOrDefault(spot, Code.FLAGS_BIT); }

    /** What may not be saved at a spot. */
    int unsaved(Spot spot) { return unsaved.getOrDefault(spot, 0); }

    /** All ways are known: what is unsaved at the beginning of a block is so behind it, unless it saves all. */
    Arrivals spread() {
        for (boolean more = true; more;) {
            more = false;
            for (Way w : ways) {
                int before = unsaved(w.to), now = before | w.unsaved | (w.from == null || w.all ? 0 : unsaved(w.from));
                unsaved.put(w.to, now);
                more |= now != before;
            }
        }
        return this;
    }
}
