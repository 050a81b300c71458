package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000;
    private final AtomicLong time = new AtomicLong(5);

    @Test
    void thoseOfASecondMayBeginAtOnceAndNoMore() { assertEquals(10, allowed(new Pace(10, time::get), 25)); }

    @Test
    void afterAWhileSoManyMoreMayBegin() {
        Pace pace = new Pace(10, time::get);
        allowed(pace, 25);
        time.addAndGet(SECOND / 10 - 1);
        assertFalse(pace.allows());
        time.addAndGet(1);
        assertTrue(pace.allows());
        assertFalse(pace.allows());
    }

    @Test
    void noMoreThanThoseOfASecondAreSavedUp() {
        Pace pace = new Pace(10, time::get);
        time.addAndGet(60 * SECOND);
        assertEquals(10, allowed(pace, 25));
    }

    @Test
    void luxuryMayBeginWhenHalfASecondsOthersAreSavedUp() {
        Pace pace = new Pace(10, time::get);
        assertTrue(pace.allowsLuxury());
        allowed(pace, 25);
        time.addAndGet(SECOND / 2 - 1);
        assertFalse(pace.allowsLuxury());
        assertTrue(pace.allows());
        time.addAndGet(SECOND);
        assertTrue(pace.allowsLuxury());
    }

    @Test
    void withoutALimitEverybodyMayBegin() { assertEquals(1000, allowed(new Pace(0, time::get), 1000)); }

    private static long allowed(Pace pace, int asked) { return IntStream.range(0, asked).filter(i -> pace.allows()).count(); }
}
