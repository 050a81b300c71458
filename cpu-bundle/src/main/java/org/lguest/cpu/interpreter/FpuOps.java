package org.lguest.cpu.interpreter;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/** The escape opcodes D8 to DF and FWAIT: the unit itself is {@link org.lguest.cpu.x87.X87}. */
final class FpuOps {
    private FpuOps() { }

    static void register(Map<String, Family> families) {
        families.put("fwait", (i, page, flat) -> new Links.Fault(6, 0));
        families.put("fpu", (i, page, flat) -> new Links.Fault(6, 0));
    }

    static int escape(Insn i) { return i.opcode & 7; }
}
