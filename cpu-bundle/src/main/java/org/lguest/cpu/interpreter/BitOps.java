package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Single bits, bit strings, bit scans, and double shifts. */
final class BitOps {
    private BitOps() { }

    static void register(Map<String, Family> families) {
        families.put("bt", (i, page, flat) -> new BitTest(i, flat));
        families.put("bsf", (i, page, flat) -> new Scan(i, flat, true));
        families.put("bsr", (i, page, flat) -> new Scan(i, flat, false));
        families.put("shld", (i, page, flat) -> new DoubleShift(i, flat, true));
        families.put("shrd", (i, page, flat) -> new DoubleShift(i, flat, false));
    }

    /** BT, BTS, BTR, BTC. With a register index and a memory operand the index reaches beyond the operand: a bit string. */
    private static final class BitTest extends RmOp {
        private final int change;
        private final boolean string, immediate;

        BitTest(Insn i, boolean flat) {
            super(i, flat, true, i.size);
            change = Handlers.variant(i);
            string = memory && i.srcKind == Kind.REGISTER;
            immediate = i.srcKind == Kind.IMMEDIATE;
        }

        @Override Op exec(Machine m) {
            int index = immediate ? imm : m.gpr[src];
            if (string) return inString(m, bits == 16 ? (short) index : index);
            long v = change == 0 ? read(m) : modify(m);
            if (v < 0) return m.fault(this);
            int bit = index & bits - 1;
            m.setCarry((v >>> bit & 1) != 0);
            return change == 0 ? next : stored(m, back(m, changed((int) v, 1 << bit)));
        }

        private Op inString(Machine m, int index) {
            int at = offset(m) + (bits == 32 ? index >> 5 << 2 : index >> 4 << 1);
            if (address16) at &= 0xFFFF;
            long va = checked ? m.linear(segment, at, bits >>> 3, change != 0) : at & 0xFFFFFFFFL;
            if (va < 0) return m.fault(this);
            long v = change == 0 ? m.load((int) va, bits >>> 3) : m.modify((int) va, bits >>> 3);
            if (v < 0) return m.fault(this);
            int bit = index & bits - 1;
            m.setCarry((v >>> bit & 1) != 0);
            return change == 0 ? next : stored(m, m.storeBack(changed((int) v, 1 << bit), bits >>> 3));
        }

        private int changed(int v, int mask) { return change == 1 ? v | mask : change == 2 ? v & ~mask : v ^ mask; }
    }

    /** BSF and BSR: of zero, only ZF changes. */
    private static final class Scan extends RmOp {
        private final boolean forward;

        Scan(Insn i, boolean flat, boolean forward) {
            super(i, flat, false, i.size);
            this.forward = forward;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int f = m.arithmeticFlags();
            if (v == 0) {
                m.arithmeticFlags(f | ZF);
            } else {
                m.set(dst, forward ? Long.numberOfTrailingZeros(v) : 63 - Long.numberOfLeadingZeros(v), bits);
                m.arithmeticFlags(f & ~ZF);
            }
            return next;
        }
    }

    private static final class DoubleShift extends RmOp {
        private final boolean left, byCl;

        DoubleShift(Insn i, boolean flat, boolean left) {
            super(i, flat, true, i.size);
            this.left = left;
            byCl = i.row.operands().get(2).equals("CL");
        }

        @Override Op exec(Machine m) {
            long v = modify(m);
            if (v < 0) return m.fault(this);
            int n = byCl ? m.gpr[ECX] : imm;
            int a = (int) v;
            int b = m.get(src, bits);
            int r = left ? bits == 32 ? Shifts.shld(m, a, b, n, 32) : Shifts.shld(m, a, b, n, 16)
                : bits == 32 ? Shifts.shrd(m, a, b, n, 32) : Shifts.shrd(m, a, b, n, 16);
            return stored(m, back(m, r));
        }
    }
}
