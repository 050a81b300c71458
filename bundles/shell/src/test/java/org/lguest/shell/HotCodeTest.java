package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HotCodeTest {
    private static final HotCode CODE = new HotCode(List.of(new TestCode(0x1000, 100, 2_000, 5), new TestCode(0x1_0000_2000L, 10, 6_000, 0),
        new TestCode(0x3000, 0, 0, 0)), 10_000);

    @Test
    void whoDidMostComesFirstAndAllAreSummedUp() {
        List<String> lines = CODE.hottest(2);
        assertEquals(4, lines.size());
        assertTrue(lines.get(1).matches("0x100002000 +60\\.0 +7 +300 +10 +6000 +600\\.0 +0"), lines.get(1));
        assertTrue(lines.get(2).matches("0x00001000 +20\\.0 +7 +300 +100 +2000 +20\\.0 +5"), lines.get(2));
        assertEquals("3 regions did 80.0 % of all 10000 instructions", lines.get(3));
        assertEquals(List.of("0x100002000", "0x00001000", "0x00003000"), CODE.addresses(20));
    }

    @Test
    void anAddressIsToldWithTheGuestsInstructionsAndTheJvmsOnRequest() {
        assertEquals(List.of("0x00001000: 7 instructions became 300 bytes; 20.0 % of all instructions, 100 entries, 20.0 instructions an entry, 5 stops",
            "    1000  nop", "    1001  ret"), CODE.at(0x1000, false));
        assertEquals(List.of("    iload_1", "    ireturn"), CODE.at(0x1000, true).subList(3, 5));
        assertEquals(List.of(), CODE.at(0x1001, true));
    }

    @Test
    void wordsAreANumberOrAnAddress() throws Exception {
        assertEquals(new JitCommand.Words(20, null, false), JitCommand.Words.parse());
        assertEquals(new JitCommand.Words(5, null, false), JitCommand.Words.parse("5"));
        assertEquals(new JitCommand.Words(20, 0xC0104FE0L, true), JitCommand.Words.parse("0xc0104fe0", "--bytecode"));
    }

    @Test
    void wordsThatMakeNoSenseAreRefused() {
        assertTrue(refused("c0104fe0").contains("want how many to list, an address such as 0x00104fe0"));
        assertTrue(refused("0").contains("is not understood"));
        assertTrue(refused("5", "0x10").contains("one number or address is enough"));
        assertTrue(refused("5", "--bytecode").contains("for one address"));
    }

    private static String refused(String... words) { return assertThrows(UsageException.class, () -> JitCommand.Words.parse(words)).getMessage(); }
}
