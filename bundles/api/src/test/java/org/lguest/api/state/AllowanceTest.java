package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final long SECOND = 1_000_000_000;
    private long now = 5 * SECOND;
    private final Allowance ten = new Allowance(10, () -> now);

    @Test
    void whatIsUsedIsPaidForAfterwards() {
        ten.use(1);
        assertEquals(0, ten.delay(), "a tenth of a second had been saved");
        ten.use(5);
        assertEquals(SECOND / 2, ten.delay());
        now += SECOND / 2 - 1;
        assertEquals(1, ten.delay());
        now++;
        assertEquals(0, ten.delay());
    }

    @Test
    void noMoreIsSavedThanATenthOfASecond() {
        now += 3600 * SECOND;
        ten.use(2);
        assertEquals(SECOND / 10, ten.delay());
    }

    @Test
    void overALongTimeNoMoreIsUsedThanIsAllowed() {
        long used = 0;
        for (long end = now + 100 * SECOND; now < end;) {
            if (ten.delay() == 0) {
                ten.use(7);
                used += 7;
            }
            now += Math.max(SECOND / 1000, ten.delay());
        }
        assertTrue(used >= 990 && used <= 1010, () -> "1000 in 100 seconds");
    }

    @Test
    void whatIsTooSmallForANanosecondCountsNevertheless() {
        Allowance billions = new Allowance(4e9, () -> now);
        for (int i = 0; i < 1000; i++) billions.use(400_000 + 1);
        assertEquals(1, billions.delay(), 250); // a tenth of a second saved, a tenth used, and a quarter of a microsecond
    }

    @Test
    void aThrottleWaitsForBytesAndForRequests() {
        Throttle t = new Throttle(new Rate(1000, 10), () -> now);
        t.served(100);
        t.served(0);
        assertEquals(SECOND / 10, t.delay(), "two requests");
        t.served(400);
        assertEquals(4 * SECOND / 10, t.delay(), "500 bytes");
        Throttle bytes = new Throttle(new Rate(1000, 0), () -> now);
        for (int i = 0; i < 1000; i++) bytes.served(0);
        assertEquals(0, bytes.delay());
    }

    @Test
    void ratesBelowZeroAreRefused() { assertThrows(IllegalArgumentException.class, () -> new Rate(-1, 0)); }
}
