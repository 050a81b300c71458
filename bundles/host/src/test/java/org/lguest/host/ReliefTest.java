package org.lguest.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.host.Bench.soon;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.Guest;
import org.lguest.host.Bench.Engine;
import org.lguest.host.Bench.Reference;

/** Memory that guests can do without is taken from those who do least, and only when it is needed. */
@Timeout(300)
class ReliefTest {
    private static final class Full implements Relief.Heap {
        boolean tight;
        long collections;

        @Override public boolean tight() { return tight; }
        @Override public long collections() { return collections; }
    }

    private final Bench bench = Bench.withoutCpu();
    private final Engine engine = new Engine();
    private final Full heap = new Full();
    private Relief relief;

    @BeforeEach
    void start() throws Exception {
        bench.host.bindCpu(new Reference<>(0), engine);
        for (String name : List.of("busy", "lazy", "idle")) bench.running(name);
        assertTrue(soon(() -> engine.notes.size() == 3 && engine.runs.get() >= 3));
        engine.notes.clear();
        relief = new Relief(heap, bench.host::guests);
        guest("busy").cpu().retired = 1000;
        guest("lazy").cpu().retired = 10;
    }

    @AfterEach
    void end() { bench.close(); }

    private Guest guest(String name) { return bench.host.find(name).orElseThrow(); }

    private void collect(boolean tight) {
        heap.collections++;
        heap.tight = tight;
        relief.look();
    }

    @Test
    void whoDidLeastGivesBackFirst() {
        collect(true);
        assertTrue(soon(() -> engine.notes.size() == 4), engine.notes::toString);
        assertEquals(List.of("adopt idle", "adopt lazy", "release idle", "release lazy"), engine.notes.stream().sorted().toList());
        relief.look();
        assertEquals(4, engine.notes.size(), "not before the next collection");
    }

    @Test
    void allDoWhenThatWasNotEnough() {
        collect(true);
        collect(true);
        assertTrue(soon(() -> engine.notes.contains("adopt busy")), engine.notes::toString);
    }

    @Test
    void nobodyDoesWhileThereIsRoom() {
        collect(false);
        collect(false);
        assertEquals(List.of(), engine.notes);
    }

    @Test
    void theHeapOfThisJvmIsWatched() {
        long before = new OldGeneration().collections();
        System.gc();
        assertTrue(new OldGeneration().collections() > before);
    }
}
