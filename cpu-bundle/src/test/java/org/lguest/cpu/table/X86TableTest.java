package org.lguest.cpu.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lguest.cpu.table.X86Table.Form;
import org.lguest.cpu.table.X86Table.Row;

/** The table as data: complete, free of contradictions, and as the manual's opcode map has it. */
class X86TableTest {
    /** One-byte opcodes that are prefixes or the escape to the two-byte map, and no rows. */
    private static final Set<Integer> PREFIXES = Set.of(0x0F, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3);
    /** Intel SDM volume 2, LOCK: the instructions that may have it. */
    private static final Set<String> LOCKABLE = Set.of("ADD", "ADC", "AND", "BTC", "BTR", "BTS", "CMPXCHG", "CMPXCHG8B", "DEC", "INC", "NEG", "NOT", "OR", "SBB", "SUB", "XADD", "XCHG", "XOR");

    private final X86Table table = X86Table.i686();

    @Test
    void everyOpcodeOfOneByteIsARowOrAPrefix() {
        for (int opcode = 0; opcode < 0x100; opcode++) {
            boolean any = false;
            for (int modrm = 0; modrm < 0x100; modrm++) for (int prefix : new int[] {0, 0x66, 0xF2, 0xF3}) any |= table.row(opcode, prefix, modrm) != null;
            assertEquals(!PREFIXES.contains(opcode), any, "opcode " + Integer.toHexString(opcode));
        }
    }

    @Test
    void lockIsAllowedExactlyWhereTheManualAllowsIt() {
        Set<String> may = table.rows().stream().filter(Row::lockable).map(Row::mnemonic).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(LOCKABLE), may);
        for (Row r : table.rows()) {
            boolean memoryFirst = !r.operands().isEmpty() && (r.operands().getFirst().startsWith("E") || r.operands().getFirst().startsWith("M"));
            if (r.lockable()) assertTrue(memoryFirst, r + " has no memory to lock");
        }
    }

    @Test
    void modrmFollowsWhereAnOperandNeedsItAndNowhereElse() {
        assertTrue(table.hasModrm(0x00));
        assertTrue(table.hasModrm(0x8D));
        assertTrue(table.hasModrm(0x1AF));
        assertTrue(table.hasModrm(0x1BA));
        for (int opcode : new int[] {0x04, 0x40, 0x50, 0x70, 0x90, 0x9A, 0xA0, 0xB0, 0xC2, 0xC8, 0xCD, 0xE8, 0xEA, 0x1A2, 0x1C8, 0x180}) assertFalse(table.hasModrm(opcode), Integer.toHexString(opcode));
    }

    @Test
    void registerFieldSelectsWithinGroups() {
        assertEquals("NEG", table.row(0xF7, 0, 0xD8).mnemonic());
        assertEquals("CALLF", table.row(0xFF, 0, 0x18).mnemonic());
        assertNull(table.row(0xFF, 0, 0xD8), "a far call through a register");
        assertNull(table.row(0xFF, 0, 0xF8), "FF /7");
        assertNull(table.row(0x8F, 0, 0x08), "8F /1");
        assertNull(table.row(0xC6, 0, 0x08), "C6 /1");
        assertNull(table.row(0x8D, 0, 0xC0), "LEA of a register");
        assertNull(table.row(0x1C7, 0, 0xC8), "CMPXCHG8B of a register");
        assertNotNull(table.row(0x1C7, 0, 0x08));
    }

    @Test
    void opcodesWithARegisterInThemAreEightRows() {
        for (int r = 0; r < 8; r++) {
            assertEquals("INC", table.row(0x40 + r, 0, 0).mnemonic());
            assertEquals("BSWAP", table.row(0x1C8 + r, 0, 0).mnemonic());
        }
    }

    @Test
    void undefinedFlagsAreLettersOfTheSixArithmeticFlags() {
        for (Row r : table.rows()) assertTrue(r.undefined().matches("[OSZAPC]*"), r.toString());
    }

    @Test
    void conditionsComeInTheOrderOfTheirNumbers() {
        for (int cc = 0; cc < 16; cc++) {
            String name = table.row(0x70 + cc, 0, 0).mnemonic().substring(1);
            assertEquals("J" + name, table.row(0x180 + cc, 0, 0).mnemonic());
            assertEquals("SET" + name, table.row(0x190 + cc, 0, 0).mnemonic());
            assertEquals("CMOV" + name, table.row(0x140 + cc, 0, 0).mnemonic());
            assertEquals("jcc." + cc, table.row(0x70 + cc, 0, 0).handler());
        }
    }

    @Test
    void formsRestrictModrm() {
        for (Row r : table.rows()) {
            if (r.form() == Form.MEMORY) assertNull(sameRow(r, 0xC0), r.toString());
            if (r.form() == Form.REGISTER) assertNull(sameRow(r, 0), r.toString());
        }
    }

    private Row sameRow(Row r, int mod) {
        Row found = table.row(r.opcode(), Math.max(0, r.prefix()), mod | Math.max(0, r.reg()) << 3);
        return found == r ? found : null;
    }
}
