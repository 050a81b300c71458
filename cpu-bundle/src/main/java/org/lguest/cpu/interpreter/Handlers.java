package org.lguest.cpu.interpreter;

import java.util.HashMap;
import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.table.X86Table;

/**
 * From a row of the x86 table to the operation that executes it: the third column of the table, family by family.
 * A family that the table names and nobody registers here is an error at class load.
 */
final class Handlers {
    /** Makes operations of a family. */
    interface Family {
        /** @param flat DS, ES and SS need no checks */
        Op create(Insn i, CodePage page, boolean flat);
    }

    private static final Map<String, Family> FAMILIES = new HashMap<>();

    static {
        FAMILIES.put("alu", (i, page, flat) -> AluOps.create(i, flat));
        FAMILIES.put("unary", (i, page, flat) -> UnaryOps.create(i, flat));
        FAMILIES.put("shift", (i, page, flat) -> ShiftOps.create(i, flat));
        FAMILIES.put("jcc", (i, page, flat) -> JumpOps.create(i, page));
        MoveOps.register(FAMILIES);
        MultiplyOps.register(FAMILIES);
        DecimalOps.register(FAMILIES);
        BitOps.register(FAMILIES);
        StackOps.register(FAMILIES);
        ControlOps.register(FAMILIES);
        FarOps.register(FAMILIES);
        StringOps.register(FAMILIES);
        FlagOps.register(FAMILIES);
        SegmentOps.register(FAMILIES);
        SystemOps.register(FAMILIES);
        FpuOps.register(FAMILIES);
        LaneOps.register(FAMILIES);
        VectorMoveOps.register(FAMILIES);
        VectorFloatOps.register(FAMILIES);
        ConvertOps.register(FAMILIES);
        VectorStateOps.register(FAMILIES);
        for (X86Table.Row r : X86Table.i686().rows())
            if (!FAMILIES.containsKey(r.family())) throw new ExceptionInInitializerError("no handler for " + r);
    }

    private Handlers() { }

    /** The operation for an instruction, its place not yet set. */
    static Op create(Insn i, CodePage page) {
        return Barrier.around(i, FAMILIES.get(i.row.family()).create(i, page, (page.mode & Machine.FLAT) != 0));
    }

    /** The number behind the dot in the handler column. */
    static int variant(Insn i) { return Integer.parseInt(i.row.variant()); }
}
