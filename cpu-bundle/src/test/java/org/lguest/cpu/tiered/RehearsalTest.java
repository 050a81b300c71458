package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** A region is entered when HotSpot has compiled it: by a clock that the test turns. */
class RehearsalTest {
    private final Queue<Runnable> later = new ArrayDeque<>();
    private long clock, each = 20;
    private boolean done;

    private void rehearse() { Rehearsal.of(n -> clock += n * each, () -> clock, later::add, () -> done = true); }

    private void look() { later.remove().run(); }

    @Test
    void whatIsInterpretedIsLookedAtAgain() {
        rehearse();
        look();
        each = 12;
        look();
        assertFalse(done);
        assertEquals(1, later.size());
    }

    @Test
    void whatBecomesFastIsDone() {
        rehearse();
        look();
        each = 5;
        look();
        assertTrue(done);
        assertEquals(0, later.size());
    }

    @Test
    void oneSlowMomentIsNotMistakenForTheInterpreter() {
        long[] calls = {0};
        Rehearsal.of(n -> clock += calls[0]++ % Rehearsal.BATCHES == 0 ? 100_000 : n * each, () -> clock, later::add, () -> done = true);
        each = 5;
        look();
        assertTrue(done);
    }

    @Test
    void whatBecomesFastBeforeTheFirstLookIsSeenToBe() {
        int[] batches = {0};
        Rehearsal.of(n -> clock += n * (batches[0]++ < Rehearsal.UNNOTICED ? 20 : 5), () -> clock, later::add, () -> done = true);
        look();
        assertTrue(done);
    }

    @Test
    void whereNothingIsCompiledTheRegionIsEnteredAtLast() {
        rehearse();
        for (int i = 1; i < Rehearsal.LOOKS; i++) look();
        assertFalse(done);
        look();
        assertTrue(done);
    }
}
