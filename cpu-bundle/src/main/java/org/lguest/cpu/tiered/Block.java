package org.lguest.cpu.tiered;

import java.util.ArrayList;
import java.util.List;

/** Instructions that are executed one after the other, and where that leads. */
final class Block {
    final Spot spot;
    final List<Step> steps = new ArrayList<>();
    /** Where it leads, as far as that is known. */
    List<Spot> leadsTo = List.of();

    Block(Spot spot) { this.spot = spot; }

    Step last() { return steps.getLast(); }
}
