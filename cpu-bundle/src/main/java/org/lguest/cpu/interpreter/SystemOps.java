package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/**
 * What asks about the processor, and what a guest may not do. A guest never runs in ring 0 and has IOPL 0, so privileged
 * instructions and port accesses raise #GP(0) whatever they say.
 */
final class SystemOps {
    /** CR0, CR2, CR3 and CR4 exist; moves to and from the others are undefined opcodes. */
    private static final int CONTROL_REGISTERS = 0b11101;

    private SystemOps() { }

    static void register(Map<String, Family> families) {
        families.put("privileged", (i, page, flat) -> new Links.Fault(13, 0));
        families.put("control", (i, page, flat) -> new Links.Fault((CONTROL_REGISTERS >>> (i.modrm >>> 3 & 7) & 1) != 0 ? 13 : 6, 0));
        families.put("io", (i, page, flat) -> new Links.Fault(13, 0));
        families.put("cpuid", (i, page, flat) -> new Cpuid());
        families.put("rdtsc", (i, page, flat) -> new Rdtsc());
        families.put("sgdt", (i, page, flat) -> new StoreTable(i, flat, true));
        families.put("sidt", (i, page, flat) -> new StoreTable(i, flat, false));
        families.put("store", (i, page, flat) -> new StoreWord(i, flat));
    }

    private static final class Cpuid extends Op {
        @Override Op exec(Machine m) {
            int[] answer = Identity.leaf(m.gpr[EAX]);
            m.gpr[EAX] = answer[0];
            m.gpr[EBX] = answer[1];
            m.gpr[ECX] = answer[2];
            m.gpr[EDX] = answer[3];
            return next;
        }
    }

    private static final class Rdtsc extends Op {
        @Override Op exec(Machine m) {
            long tsc = m.parts.clock().tsc(m.guest);
            m.gpr[EAX] = (int) tsc;
            m.gpr[EDX] = (int) (tsc >>> 32);
            return next;
        }
    }

    private static final class StoreTable extends MemOp {
        private final boolean global;

        StoreTable(Insn i, boolean flat, boolean global) {
            super(i, flat);
            this.global = global;
        }

        @Override Op exec(Machine m) {
            int at = offset(m);
            boolean ok = m.segmentStore(segment, at, global ? m.cpu.gdtLimit : m.cpu.idtLimit, 2);
            if (!m.trapped()) ok &= m.segmentStore(segment, at + 2, global ? m.cpu.gdtBase : m.cpu.idtBase, 4);
            return ok ? next : m.leave(this);
        }
    }

    /** SLDT, STR, SMSW: a register gets the operand size, memory 16 bits. */
    private static final class StoreWord extends RmOp {
        private final String what;

        StoreWord(Insn i, boolean flat) {
            super(i, flat, true, i.dstKind == Kind.MEMORY ? 16 : i.operandSize);
            what = i.row.variant();
        }

        @Override Op exec(Machine m) {
            int v = switch (what) {
                case "ldt" -> m.cpu.ldtSelector;
                case "tr" -> m.cpu.taskSelector;
                default -> m.cpu.cr0;
            };
            return stored(m, write(m, v));
        }
    }
}
