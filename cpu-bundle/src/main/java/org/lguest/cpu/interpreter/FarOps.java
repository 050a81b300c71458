package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/**
 * Transfers that load CS: far jumps, calls and returns, IRET. Tasks do not exist: a TSS as a target raises #GP, IRET with NT
 * raises #TS. Nor do call gates: fixing a guest's descriptors (ABI section 2.4) turns them into types that are no targets.
 */
final class FarOps {
    /** Flags that POPF and IRET may change in a guest: everything but IF, IOPL, VM, VIF and VIP. */
    static final int CHANGEABLE = ARITHMETIC | TF | DF | NT | AC | ID;

    private FarOps() { }

    static void register(Map<String, Family> families) {
        families.put("far", (i, page, flat) -> switch (i.row.variant()) {
            case "jmp" -> new Transfer(i, flat, false);
            case "call" -> new Transfer(i, flat, true);
            default -> new Ret(i);
        });
        families.put("iret", (i, page, flat) -> new Iret(i));
    }

    /** CS has changed: go on at a new EIP through the loop. */
    private static Op arrive(Machine m, Op op, int eip) {
        m.segmentsChanged();
        return m.doneAt(op, eip);
    }

    /** Far jump or call, pointer immediate or in memory. */
    private static final class Transfer extends MemOp implements Links.Final {
        private final boolean call, memory;
        private final int bytes, selector;

        Transfer(Insn i, boolean flat, boolean call) {
            super(i, flat);
            this.call = call;
            memory = i.dstKind == Kind.MEMORY;
            bytes = i.operandSize >>> 3;
            selector = i.imm2;
        }

        @Override Op exec(Machine m) {
            if (!memory) return go(m, selector, imm);
            int at = offset(m);
            long eip = bytes == 4 ? m.segmentLoad32(segment, at) : m.segmentLoad16(segment, at);
            if (eip < 0) return m.fault(this);
            long cs = m.segmentLoad16(segment, at + bytes);
            return cs < 0 ? m.fault(this) : go(m, (int) cs, (int) eip);
        }

        private Op go(Machine m, int cs, int eip) {
            if (Segments.isNull(cs)) return m.fault(this, 13, 0);
            if (!Segments.checkCode(m, cs)) return m.fault(this);
            int sp = m.gpr[ESP];
            if (call) pushReturn(m);
            if (m.trapped()) return m.fault(this);
            if (!Segments.inside(m, cs, eip)) { // looked at when the return address is written already: so does silicon
                m.gpr[ESP] = sp;
                return m.fault(this, 13, 0);
            }
            Segments.setCode(m, cs, m.cpu.cpl);
            return arrive(m, this, eip);
        }

        private void pushReturn(Machine m) {
            int sp = m.gpr[ESP];
            m.push(m.cpu.seg[SegmentState.CS].selector, bytes);
            if (!m.trapped()) m.push(m.codeBase + after(), bytes);
            if (m.trapped()) m.gpr[ESP] = sp;
        }
    }

    private static final class Ret extends Op implements Links.Final {
        private final int bytes, release;

        Ret(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
            release = i.dstKind == Kind.IMMEDIATE ? i.imm & 0xFFFF : 0;
        }

        @Override Op exec(Machine m) {
            long cs = m.stackAt(bytes, bytes); // silicon begins with the last word
            if (cs < 0) return m.fault(this);
            long eip = m.stackAt(0, bytes);
            if (eip < 0) return m.fault(this);
            int selector = (int) cs & 0xFFFF;
            if (!Segments.checkReturn(m, selector)) return m.fault(this);
            if (!Segments.inside(m, selector, (int) eip)) return m.fault(this, 13, 0);
            int used = 2 * bytes + release;
            if ((selector & 3) == m.cpu.cpl) {
                m.stackPointer(m.gpr[ESP] + used);
                Segments.setCode(m, selector, m.cpu.cpl);
                return arrive(m, this, (int) eip);
            }
            return outward(m, selector, used, bytes, release, 12) ? arrive(m, this, (int) eip) : m.fault(this);
        }
    }

    /**
     * The common part of returns to an outer ring: SS:ESP comes from the stack at {@code above}. False with a trap left; else
     * {@link Machine#segmentsChanged} is due.
     *
     * @param absent the trap for a stack segment that is not present: #SS for RET, #NP for IRET (their lists of exceptions, Intel SDM volume 2)
     */
    private static boolean outward(Machine m, int cs, int above, int bytes, int release, int absent) {
        long ss = m.stackAt(above + bytes, bytes);
        if (ss < 0) return false;
        long esp = m.stackAt(above, bytes);
        if (esp < 0) return false;
        int rpl = cs & 3;
        if (!Segments.loadStack(m, (int) ss & 0xFFFF, rpl, absent)) return false;
        Segments.setCode(m, cs, rpl);
        Segments.dropPrivilegedData(m);
        if (m.cpu.seg[SegmentState.SS].big()) m.gpr[ESP] = (int) esp + release;
        else m.set16(ESP, (int) esp + release);
        return true;
    }

    private static final class Iret extends Op implements Links.Final {
        private final int bytes;

        Iret(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) {
            long at = bytes == 4 ? Gate.frame(m) : Machine.FAULT;
            if (at < 0) return longWay(m);
            int eip = m.word(at), flags = m.word(at + 8);
            return Gate.leave(m, m.word(at + 4) & 0xFFFF, m.word(at + 12), m.word(at + 16) & 0xFFFF) ? goOn(m, flags, eip) : longWay(m);
        }

        private Op longWay(Machine m) {
            if ((m.cpu.eflags & NT) != 0) return m.fault(this, 10, 0);
            long flags = m.stackAt(2 * bytes, bytes); // silicon begins with the last word
            if (flags < 0) return m.fault(this);
            long cs = m.stackAt(bytes, bytes);
            if (cs < 0) return m.fault(this);
            long eip = m.stackAt(0, bytes);
            if (eip < 0) return m.fault(this);
            int selector = (int) cs & 0xFFFF;
            if (!Segments.checkReturn(m, selector)) return m.fault(this);
            if (!Segments.inside(m, selector, (int) eip)) return m.fault(this, 13, 0);
            if ((selector & 3) != m.cpu.cpl) {
                if (!outward(m, selector, 3 * bytes, bytes, 0, 11)) return m.fault(this);
            } else {
                m.stackPointer(m.gpr[ESP] + 3 * bytes);
                Segments.setCode(m, selector, m.cpu.cpl);
            }
            return goOn(m, (int) flags, (int) eip);
        }

        private Op goOn(Machine m, int flags, int eip) {
            setFlags(m, flags, bytes == 4 ? CHANGEABLE | RF : CHANGEABLE & 0xFFFF);
            m.segmentsChanged();
            m.resumed(this);
            return (m.cpu.eflags & TF) != 0 ? m.doneAt(this, eip) : m.jump(this, eip);
        }
    }

    /** Changes the flags of a mask. */
    static void setFlags(Machine m, int flags, int mask) {
        m.arithmeticFlags(flags & ARITHMETIC);
        m.cpu.eflags = m.cpu.eflags & ~mask | flags & mask | 2;
    }
}
