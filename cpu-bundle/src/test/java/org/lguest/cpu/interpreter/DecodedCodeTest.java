package org.lguest.cpu.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.Parts;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.TestGuests;

/** A guest may be all code; what is remembered of it has an end. */
class DecodedCodeTest {
    private static final int FROM = 0x1000, INSTRUCTIONS = 3 * Translator.MOST;

    @Test
    void aGuestFullOfCodeIsForgottenInTimeAndRunsOn() {
        Guest guest = TestGuests.of(4);
        byte[] nops = new byte[INSTRUCTIONS];
        java.util.Arrays.fill(nops, (byte) 0x90);
        guest.memory().write(FROM, nops, 0, nops.length);
        guest.memory().store8(FROM + INSTRUCTIONS, 0xCC);
        var parts = new Parts(null, new PlainMmu(), null, new ManualClock(0), Map.of(), null);
        var machine = new Machine(guest);
        guest.cpu().eip = FROM;
        int most = 0;
        while (guest.cpu().trapnum < 0) {
            machine.run(parts, 10_000);
            most = Math.max(most, machine.remembered());
        }
        assertEquals(3, guest.cpu().trapnum);
        assertEquals(FROM + INSTRUCTIONS + 1, guest.cpu().eip);
        assertEquals(INSTRUCTIONS + 1, guest.cpu().retired);
        assertTrue(most <= Translator.MOST + 2 * 4096, most + " operations were kept");
        guest.memory().close();
    }
}
