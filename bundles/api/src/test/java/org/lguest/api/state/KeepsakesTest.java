package org.lguest.api.state;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.Test;

class KeepsakesTest {
    private final Keepsakes kept = new Keepsakes();

    @Test
    void whatIsLeftCanBeTakenOnce() {
        byte[] bytes = {1, 2};
        kept.leave("net", new byte[] {9});
        kept.leave("net", bytes);
        bytes[0] = 5;
        assertArrayEquals(new byte[] {1, 2}, kept.take("net"));
        assertEquals(0, kept.take("net").length);
    }

    @Test
    void theSumIsBounded() {
        kept.leave("large", new byte[Keepsakes.MAX_BYTES + 1]);
        assertEquals(0, kept.take("large").length);
        for (int i = 0; i <= Keepsakes.MAX_NAMES; i++) kept.leave("n" + i, new byte[] {1});
        assertEquals(0, kept.take("n0").length);
        assertEquals(1, kept.take("n1").length);
        assertEquals(1, kept.take("n" + Keepsakes.MAX_NAMES).length);
    }
}
