package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How often an entry is interpreted before code is generated for it. */
class TuningTest {
    private final Tuning usual = Tuning.usual();

    @Test
    void guestThatBootsIsGivenCodeOnlyForWhatIsHot() {
        assertEquals(usual.threshold(), usual.threshold(0, 0));
        assertEquals(usual.threshold(), usual.threshold(1 << 28, 0));
    }

    @Test
    void theOlderTheGuestTheSoonerCodeIsGenerated() {
        assertEquals(usual.threshold() / 2, usual.threshold(1 << 29, 0));
        assertTrue(usual.threshold(1 << 30, 0) < usual.threshold(1 << 29, 0));
    }

    @Test
    void whereMuchIsOnItsWayWhatIsHottestComesFirst() {
        assertEquals(2 * usual.least(), usual.threshold(Long.MAX_VALUE, 2));
        assertEquals(usual.threshold(), usual.threshold(Long.MAX_VALUE, 1000));
    }

    @Test
    void howeverOldTheGuestThereIsALeast() { assertEquals(usual.least(), usual.threshold(Long.MAX_VALUE, 0)); }
}
