package org.lguest.cpu.tiered;

import java.util.Map;
import org.lguest.cpu.interpreter.CodePage;
import org.lguest.cpu.interpreter.Head;
import org.lguest.cpu.interpreter.Shape;

/**
 * What is to be generated: blocks by their spots, in the order in which they were found. The first is the entry. A way that leads to
 * a spot without a block leaves the region.
 *
 * @param pages by their number, the entry's is 0
 */
record Plan(Map<Spot, Block> blocks, Map<Integer, CodePage> pages, Shape shape, Map<Spot, Integer> waysTo) {
    /** The spot that it is entered at. */
    Spot entry() { return blocks.keySet().iterator().next(); }

    /** Ways that lead to a spot, from the entry included. */
    int ways(Spot spot) { return waysTo.getOrDefault(spot, 0); }

    /** Where it begins. */
    Head head() { return shape.head(); }

    /** Instructions. */
    int size() { return blocks.values().stream().mapToInt(b -> b.steps.size()).sum(); }
}
