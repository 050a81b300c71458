package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/** PUSH and POP in their forms, ENTER and LEAVE. */
final class StackOps {
    private StackOps() { }

    static void register(Map<String, Family> families) {
        families.put("push", (i, page, flat) -> push(i, flat));
        families.put("pop", (i, page, flat) -> pop(i, flat));
        families.put("pusha", (i, page, flat) -> new Pusha(i));
        families.put("popa", (i, page, flat) -> new Popa(i));
        families.put("enter", (i, page, flat) -> new Enter(i));
        families.put("leave", (i, page, flat) -> new Leave(i));
    }

    private static Op push(Insn i, boolean flat) {
        return switch (i.row.variant()) {
            case "r" -> i.operandSize == 32 ? new PushR32(i) : new PushE(i, flat);
            case "i" -> new PushI(i);
            case "s" -> new PushS(i);
            default -> new PushE(i, flat);
        };
    }

    private static Op pop(Insn i, boolean flat) {
        return switch (i.row.variant()) {
            case "r" -> i.operandSize == 32 ? new PopR32(i) : new PopE(i, flat);
            case "s" -> i.dst == SegmentState.SS ? new PopStackSegment(i) : new PopS(i);
            default -> new PopE(i, flat);
        };
    }

    private static final class PushR32 extends Op {
        PushR32(Insn i) { super(i); }

        @Override Op exec(Machine m) { return m.push(m.gpr[dst], 4) ? next : m.leave(this); }
    }

    private static final class PopR32 extends Op {
        PopR32(Insn i) { super(i); }

        @Override Op exec(Machine m) {
            long v = m.pop(4);
            if (v < 0) return m.fault(this);
            m.gpr[dst] = (int) v;
            return next;
        }
    }

    private static final class PushI extends Op {
        private final int bytes;

        PushI(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) { return m.push(imm, bytes) ? next : m.leave(this); }
    }

    private static final class PushE extends RmOp {
        PushE(Insn i, boolean flat) { super(i, flat, true, i.operandSize); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            return stored(m, m.push((int) v, bits >>> 3));
        }
    }

    /** The address of a memory operand is computed after ESP has moved. */
    private static final class PopE extends RmOp {
        PopE(Insn i, boolean flat) { super(i, flat, true, i.operandSize); }

        @Override Op exec(Machine m) {
            int before = m.gpr[ESP];
            long v = m.pop(bits >>> 3);
            if (v < 0) return m.fault(this);
            boolean ok = write(m, (int) v);
            if (!ok && m.trapped()) m.gpr[ESP] = before;
            return stored(m, ok);
        }
    }

    private static final class PushS extends Op {
        private final int bytes;

        PushS(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) { return m.push(m.cpu.seg[dst].selector, bytes) ? next : m.leave(this); }
    }

    private static final class PopStackSegment extends PopS {
        PopStackSegment(Insn i) { super(i); }

        @Override boolean shadow() { return true; }

        @Override Op exec(Machine m) {
            m.shadowed(this);
            return super.exec(m);
        }
    }

    private static class PopS extends Op {
        private final int bytes;

        PopS(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) {
            long v = m.stackAt(0, bytes);
            if (v < 0) return m.fault(this);
            int sp = m.gpr[ESP];
            boolean held = dst != SegmentState.SS && m.holds(dst, (int) v & 0xFFFF);
            if (!held && !Segments.load(m, dst, (int) v & 0xFFFF)) return m.fault(this);
            m.stackPointer(sp + bytes);
            if (held) return next;
            return m.segmentsChanged() ? m.done(this) : next;
        }
    }

    private static final class Pusha extends Op {
        private final int bytes;

        Pusha(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) {
            int sp = m.gpr[ESP];
            boolean ok = true;
            for (int r = EAX; r <= EDI; r++) {
                ok &= m.push(r == ESP ? sp : m.gpr[r], bytes);
                if (m.trapped()) {
                    m.gpr[ESP] = sp;
                    return m.fault(this);
                }
            }
            return ok ? next : m.leave(this);
        }
    }

    private static final class Popa extends Op {
        private final int bytes;

        Popa(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) {
            int[] values = new int[8];
            for (int r = EDI; r >= EAX; r--) {
                long v = m.stackAt((EDI - r) * bytes, bytes);
                if (v < 0) return m.fault(this);
                values[r] = (int) v;
            }
            for (int r = EAX; r <= EDI; r++) if (r != ESP) m.set(r, values[r], bytes * 8);
            m.stackPointer(m.gpr[ESP] + 8 * bytes);
            return next;
        }
    }

    /** ENTER size, level (Intel SDM volume 2): the frame pointers of {@code level} outer frames are copied. */
    private static final class Enter extends Op {
        private final int bytes, level;

        Enter(Insn i) {
            super(i);
            bytes = i.operandSize >>> 3;
            level = i.imm2 & 31;
        }

        @Override Op exec(Machine m) {
            int sp = m.gpr[ESP];
            int bp = m.gpr[EBP];
            boolean ok = m.push(bp, bytes);
            int frame = m.gpr[ESP];
            for (int n = 1; n < level && !m.trapped(); n++) {
                long v = m.stackAt(bp - n * bytes - m.gpr[ESP], bytes);
                if (v >= 0) ok &= m.push((int) v, bytes);
            }
            if (level > 0 && !m.trapped()) ok &= m.push(frame, bytes);
            int top = m.gpr[ESP] - (imm & 0xFFFF);
            if (!m.trapped()) m.probeStack(top, bytes);
            if (m.trapped()) {
                m.gpr[ESP] = sp;
                return m.fault(this);
            }
            m.stackPointer(top);
            m.set(EBP, frame, bytes * 8);
            return ok ? next : m.leave(this);
        }
    }

    private static final class Leave extends Op {
        private final int bytes;

        Leave(Insn i) { bytes = i.operandSize >>> 3; }

        @Override Op exec(Machine m) {
            long v = m.stackAt(m.gpr[EBP] - m.gpr[ESP], bytes);
            if (v < 0) return m.fault(this);
            m.stackPointer(m.gpr[EBP] + bytes);
            m.set(EBP, (int) v, bytes * 8);
            return next;
        }
    }
}
