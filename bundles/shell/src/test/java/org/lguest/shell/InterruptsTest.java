package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class InterruptsTest {
    private static final long MILLIS = 1_000_000;
    private final Interrupts interrupts = new Interrupts();

    private boolean type(String text, long millis) {
        return interrupts.complete(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII), text.length(), millis * MILLIS);
    }

    @Test
    void threeWithinASecondAreComplete() {
        assertFalse(type("\3", 0));
        assertFalse(type("\3", 500));
        assertTrue(type("\3", 1000));
    }

    @Test
    void threeAtOnceAreComplete() { assertTrue(type("\3\3\3", 0)); }

    @Test
    void aSlowThirdBeginsANewCount() {
        assertFalse(type("\3\3", 0));
        assertFalse(type("\3", 1001));
        assertFalse(type("\3", 1500));
        assertTrue(type("\3", 2001));
    }

    @Test
    void anyOtherKeyBreaksTheCount() {
        assertFalse(type("\3\3", 0));
        assertFalse(type("x", 1));
        assertFalse(type("\3\3x\3", 2));
    }

    @Test
    void onlyTheBytesThatWereReadCount() { assertFalse(interrupts.complete(new byte[] {3, 3, 3}, 2, 0)); }

    @Test
    void clocksMayBeNegative() {
        assertFalse(type("\3\3", -10_000));
        assertTrue(type("\3", -9_500));
    }
}
