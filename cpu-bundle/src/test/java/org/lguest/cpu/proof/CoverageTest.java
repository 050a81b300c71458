package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.proof.Coverage.Entry;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Row;
import org.lguest.cpu.x87.X87;

/** The report speaks of all that there is, and nothing is left out without a reason. */
class CoverageTest {
    private final Coverage coverage = new Coverage();

    @Test
    void everyRowOfTheTableIsComparedOrHasAReason() {
        Set<Row> compared = coverage.forms().stream().map(Entry::row).collect(Collectors.toSet());
        Set<String> silent = new TreeSet<>();
        for (Row r : X86Table.i686().rows()) if (!compared.contains(r) && Generator.hidden(r) == null) silent.add(r.toString());
        assertEquals(Set.of(), silent);
    }

    @Test
    void reasonsAreForFamiliesThatExist() {
        Set<String> families = X86Table.i686().rows().stream().map(Row::family).collect(Collectors.toSet());
        assertTrue(families.containsAll(Generator.hiddenFamilies()), () -> "not in the table: " + Generator.hiddenFamilies());
        assertTrue(coverage.report().contains("not comparable in a process: enters the kernel of the host"));
    }

    @Test
    void whatWasNeverComparedIsMissing() {
        assertFalse(coverage.missing().isEmpty());
        assertTrue(coverage.missing().contains("D9/7r FCOS REGISTER"));
        assertTrue(coverage.missing().contains("66.0F58 ADDPD Vpd,Wpd MEMORY"));
        assertFalse(coverage.missing().contains("DF/7m FISTP REGISTER"));
    }

    @Test
    void everyX87InstructionHasALineAndTheUnitKnowsIt() {
        for (Entry e : coverage.forms())
            if (e.modrm() >= 0xC0) {
                int known = new X87(new CpuState().fpu).register(e.row().opcode() & 7, e.modrm(), new CpuState(), 0);
                assertEquals(e.name().endsWith(" -"), known == X87.UNDEFINED, e.name());
            }
        assertEquals(64, coverage.forms().stream().filter(e -> e.modrm() >= 0 && e.modrm() < 0xC0).count());
    }
}
