package org.lguest.cpu.tiered;

import java.util.ArrayList;
import java.util.List;

/** Instructions that are executed one after the other, and where that leads. */
final class Block {
    final Spot spot;
    final List<Step> steps = new ArrayList<>();

    Block(Spot spot) { this.spot = spot; }

    /** Where it leads, as far as that is known. */
    List<Spot> leadsTo() { return Planner.leadsTo(spot, last()); }

    Step last() { return steps.getLast(); }
}
