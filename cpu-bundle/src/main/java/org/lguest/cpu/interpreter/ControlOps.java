package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.List;
import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Near jumps, calls and returns, loops, software interrupts, BOUND. */
final class ControlOps {
    private ControlOps() { }

    static void register(Map<String, Family> families) {
        families.put("jmp", (i, page, flat) -> i.row.variant().equals("j") ? new Jmp(i, page) : new JmpE(i, flat));
        families.put("call", (i, page, flat) -> i.row.variant().equals("j") ? new Call(i, page) : new CallE(i, flat));
        families.put("ret", (i, page, flat) -> new Ret(i));
        families.put("loop", (i, page, flat) -> new Loop(i, page));
        families.put("int", (i, page, flat) -> new Int(i.imm & 0xFF));
        families.put("int3", (i, page, flat) -> new Int(3));
        families.put("into", (i, page, flat) -> new Into());
        families.put("icebp", (i, page, flat) -> new Icebp());
        families.put("bound", (i, page, flat) -> new Bound(i, flat));
        families.put("ud", (i, page, flat) -> new Links.Fault(6, 0));
    }

    private static final class Jmp extends Jump implements Links.Final {
        Jmp(Insn i, CodePage page) { super(i, page); }

        @Override Op exec(Machine m) { return take(m); }
    }

    private static final class JmpE extends RmOp implements Links.Final {
        private final Targets targets = new Targets();

        JmpE(Insn i, boolean flat) { super(i, flat, true, i.operandSize); }

        @Override public List<Target> targets() { return targets.seen(); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0 || m.outside((int) v)) return m.fault(this);
            if (m.learns) targets.note(m, (int) v);
            return m.jump(this, (int) v);
        }
    }

    private static final class Call extends Jump implements Links.Final {
        private final int bytes;

        Call(Insn i, CodePage page) {
            super(i, page);
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) {
            if (m.outside(target(m))) return m.fault(this);
            if (m.push(m.codeBase + after(), bytes)) return take(m);
            return m.trapped() ? m.fault(this) : m.doneAt(this, target(m));
        }
    }

    private static final class CallE extends RmOp implements Links.Final {
        private final Targets targets = new Targets();

        CallE(Insn i, boolean flat) { super(i, flat, true, i.operandSize); }

        @Override public List<Target> targets() { return targets.seen(); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0 || m.outside((int) v)) return m.fault(this);
            if (m.learns) targets.note(m, (int) v);
            if (m.push(m.codeBase + after(), bits >>> 3)) return m.jump(this, (int) v);
            return m.trapped() ? m.fault(this) : m.doneAt(this, (int) v);
        }
    }

    private static final class Ret extends Op implements Links.Final {
        private final Targets targets = new Targets();
        private final int bytes, release;

        Ret(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
            release = i.dstKind == Kind.IMMEDIATE ? i.imm & 0xFFFF : 0;
        }

        @Override public List<Target> targets() { return targets.seen(); }

        @Override Op exec(Machine m) {
            long v = m.stackAt(0, bytes);
            if (v < 0 || m.outside((int) v)) return m.fault(this);
            m.stackPointer(m.gpr[ESP] + bytes);
            if (release != 0) m.stackPointer(m.gpr[ESP] + release);
            if (m.learns) targets.note(m, (int) v);
            return m.jump(this, (int) v);
        }
    }

    /** LOOPNE, LOOPE, LOOP, JCXZ: by CX or ECX, as the address size says. */
    private static final class Loop extends Jump {
        private final int kind, size;

        Loop(Insn i, CodePage page) {
            super(i, page);
            kind = Handlers.variant(i);
            size = i.addressSize;
        }

        @Override Op exec(Machine m) {
            int count = m.get(ECX, size);
            if (kind == 3) return count == 0 ? take(m) : pass(m);
            boolean more = count != 1 && (kind == 2 || m.zf() == (kind == 1));
            if (more && m.outside(target(m))) return m.fault(this);
            m.set(ECX, count - 1, size);
            return more ? take(m) : pass(m);
        }
    }

    private static final class Int extends Op implements Links.Final {
        private final int number;

        Int(int number) { this.number = number; }

        @Override Op exec(Machine m) {
            boolean inside = number == m.cpu.directGate && Gate.enter(m, this, number);
            return inside ? m.jump(this, m.guest.traps().offset(number)) : m.software(this, number);
        }
    }

    private static final class Into extends Op {
        @Override Op exec(Machine m) { return m.of() ? m.software(this, 4) : next; }
    }

    /** INT1: #DB as a trap that asks for no privilege. */
    private static final class Icebp extends Op implements Links.Final {
        @Override Op exec(Machine m) {
            m.cpu.trap(1, 0);
            return m.done(this);
        }
    }

    private static final class Bound extends MemOp {
        private final int bytes;

        Bound(Insn i, boolean flat) {
            super(i, flat);
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) {
            int at = offset(m);
            long low = bytes == 4 ? m.segmentLoad32(segment, at) : m.segmentLoad16(segment, at);
            if (low < 0) return m.fault(this);
            long high = bytes == 4 ? m.segmentLoad32(segment, at + 4) : m.segmentLoad16(segment, at + 2);
            if (high < 0) return m.fault(this);
            int shift = 32 - bytes * 8;
            int index = m.gpr[dst] << shift >> shift;
            boolean inside = index >= (int) low << shift >> shift && index <= (int) high << shift >> shift;
            return inside ? next : m.fault(this, 5, 0);
        }
    }
}
