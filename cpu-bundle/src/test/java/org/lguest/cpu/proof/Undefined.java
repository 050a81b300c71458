package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import org.lguest.cpu.table.X86Table.Row;

/** Which flags the manual leaves open after an instruction: what the table notes, except where a count says better. */
final class Undefined {
    private Undefined() { }

    /** EFLAGS bits of the letters in a row's note. */
    static int flags(Row row) {
        int mask = 0;
        for (char c : row.undefined().toCharArray())
            mask |= switch (c) {
                case 'O' -> OF;
                case 'S' -> SF;
                case 'Z' -> ZF;
                case 'A' -> AF;
                case 'P' -> PF;
                case 'C' -> CF;
                default -> throw new IllegalStateException("flag " + c);
            };
        return mask;
    }

    /** The same for a case: shifts by 0 leave all flags as they are, by 1 they define OF. */
    static int flags(Draft d, byte[] code) {
        int mask = flags(d.row);
        boolean shift = d.row.family().equals("shift") || d.row.family().startsWith("sh");
        if (!shift) return mask;
        String by = d.row.operands().getLast();
        int count = (by.equals("1") ? 1 : by.equals("CL") ? d.gpr[ECX] : code[code.length - 1]) & 31;
        int size = d.row.operands().getFirst().equals("Eb") ? 8 : d.operandSize;
        if (count == 0) return 0;
        if (count == 1) mask &= ~OF;
        return count <= size ? mask & ~CF : mask;
    }
}
