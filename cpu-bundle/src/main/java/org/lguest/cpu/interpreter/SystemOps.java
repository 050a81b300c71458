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

    /**
     * The processor's identity (ABI section 13.2): a vendor that no kernel has special code for, a family-6 part, and
     * exactly the features that are there.
     */
    private static final class Cpuid extends Op {
        private static final String VENDOR = "jlguest i686";
        private static final int SIGNATURE = 0x06D8;
        private static final int FEATURES = 1 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 15 // FPU, TSC, PAE, CX8, CMOV
            | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26; // CLFSH, MMX, FXSR, SSE, SSE2
        /** CLFLUSH works on lines of eight times eight bytes. */
        private static final int LINE = 8 << 8;

        @Override Op exec(Machine m) {
            int[] r = m.gpr;
            switch (r[EAX]) {
                case 0 -> put(r, 1, word(0), word(8), word(4));
                case 0x80000000 -> put(r, 0x80000000, 0, 0, 0);
                default -> put(r, SIGNATURE, LINE, 0, FEATURES); // beyond the last leaf: the last leaf
            }
            return next;
        }

        private static void put(int[] r, int eax, int ebx, int ecx, int edx) {
            r[EAX] = eax;
            r[EBX] = ebx;
            r[ECX] = ecx;
            r[EDX] = edx;
        }

        private static int word(int at) {
            int w = 0;
            for (int n = 3; n >= 0; n--) w = w << 8 | VENDOR.charAt(at + n);
            return w;
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
