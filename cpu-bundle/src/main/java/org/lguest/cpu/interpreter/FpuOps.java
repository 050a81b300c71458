package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;
import org.lguest.cpu.x87.X87;

/**
 * The escape opcodes D8 to DF and FWAIT. The unit itself is {@link X87}; here are #NM, operands, flags and faults.
 */
final class FpuOps {
    private FpuOps() { }

    static void register(Map<String, Family> families) {
        families.put("fwait", (i, page, flat) -> new Fwait());
        families.put("fpu", (i, page, flat) -> i.modrm >= 0xC0 ? new RegisterForm(i) : new MemoryForm(i, flat));
    }

    private static int opcode(Insn i) { return (i.opcode & 7) << 8 | i.modrm; }

    /** Control instructions (FLDENV, FSAVE, ...) leave the record of the last instruction alone. */
    private static boolean control(int opcode) {
        int esc = opcode >>> 8;
        int reg = opcode >>> 3 & 7;
        if ((opcode & 0xFF) >= 0xC0) return opcode == 0x7E0 || esc == 3 && reg == 4;
        return esc == 1 && reg >= 4 || esc == 5 && reg >= 4;
    }

    private static Op outcome(Machine m, Op op, int result) {
        return switch (result) {
            case X87.DONE -> m.forgot() ? m.done(op) : op.next;
            case X87.FAULTED -> m.fault(op);
            default -> m.fault(op, result, 0);
        };
    }

    private static final class RegisterForm extends Op {
        private final int opcode;
        private final boolean control;

        RegisterForm(Insn i) {
            super(i);
            opcode = opcode(i);
            control = control(opcode);
        }

        @Override Op exec(Machine m) {
            if ((m.cpu.cr0 & (CR0_TS | CR0_EM)) != 0) return m.fault(this, 7, 0);
            int esc = opcode >>> 8;
            int modrm = opcode & 0xFF;
            if (!control) m.x87.origin(m.cpu.seg[SegmentState.CS].selector, m.codeBase + offset, opcode, m.cpu.fpu.lastDs, m.cpu.fpu.lastDp);
            int result = m.x87.register(esc, modrm, m.cpu, X87.readsFlags(esc, modrm) ? m.arithmeticFlags() : 0);
            if (result == X87.DONE && X87.writesFlags(esc, modrm)) m.arithmeticFlags(m.x87.flags);
            return outcome(m, this, result);
        }
    }

    private static final class MemoryForm extends MemOp {
        private final int opcode;
        private final boolean control, wide;

        MemoryForm(Insn i, boolean flat) {
            super(i, flat);
            opcode = opcode(i);
            control = control(opcode);
            wide = i.operandSize == 32;
        }

        @Override Op exec(Machine m) {
            if ((m.cpu.cr0 & (CR0_TS | CR0_EM)) != 0) return m.fault(this, 7, 0);
            int at = offset(m);
            m.fpuOperand.at(segment, at, !checked);
            if (!control) m.x87.origin(m.cpu.seg[SegmentState.CS].selector, m.codeBase + offset, opcode, m.cpu.seg[segment].selector, at);
            return outcome(m, this, m.x87.memory(opcode >>> 8, opcode >>> 3 & 7, m.fpuOperand, wide));
        }
    }

    private static final class Fwait extends Op {
        @Override Op exec(Machine m) {
            if ((m.cpu.cr0 & (CR0_TS | CR0_MP)) == (CR0_TS | CR0_MP)) return m.fault(this, 7, 0);
            return outcome(m, this, m.x87.fwait());
        }
    }
}
