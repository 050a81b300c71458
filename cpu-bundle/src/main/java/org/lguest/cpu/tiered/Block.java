package org.lguest.cpu.tiered;

import java.util.ArrayList;
import java.util.List;

/** Instructions that are executed one after the other, and where that leads. */
final class Block {
    final Spot spot;
    final List<Step> steps = new ArrayList<>();

    Block(Spot spot) { this.spot = spot; }

    /** Where it leads, as far as that is known. */
    List<Spot> leadsTo() {
        Step s = last();
        return switch (Kind.of(s.insn())) {
            case PLAIN -> List.of(spot.to(s.after()));
            case BRANCH -> List.of(spot.to(s.after()), spot.to(s.target()));
            case JUMP -> List.of(spot.to(s.target()));
            case CALL -> List.of(spot.call(s.target(), s.after()));
            case RETURN -> spot.calls() == null ? List.of() : List.of(spot.back());
            case INDIRECT, STOP -> List.of();
        };
    }

    Step last() { return steps.getLast(); }
}
