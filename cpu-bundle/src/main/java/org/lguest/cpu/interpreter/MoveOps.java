package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Moves that are more than MOV: extension, exchange, conditional moves, conversions. */
final class MoveOps {
    private MoveOps() { }

    static void register(Map<String, Family> families) {
        families.put("lea", (i, page, flat) -> new Lea(i));
        families.put("movzx8", (i, page, flat) -> extend(i, flat, 8, false));
        families.put("movzx16", (i, page, flat) -> extend(i, flat, 16, false));
        families.put("movsx8", (i, page, flat) -> extend(i, flat, 8, true));
        families.put("movsx16", (i, page, flat) -> extend(i, flat, 16, true));
        families.put("cmov", (i, page, flat) -> new Cmov(i, flat));
        families.put("set", (i, page, flat) -> new Set(i, flat));
        families.put("xchg", (i, page, flat) -> new Xchg(i, flat));
        families.put("cmpxchg", (i, page, flat) -> new Cmpxchg(i, flat));
        families.put("cmpxchg8b", (i, page, flat) -> new Cmpxchg8b(i, flat));
        families.put("xadd", (i, page, flat) -> new Xadd(i, flat));
        families.put("bswap", (i, page, flat) -> new Bswap(i));
        families.put("cbw", (i, page, flat) -> new Cbw(i));
        families.put("cwd", (i, page, flat) -> new Cwd(i));
        families.put("xlat", (i, page, flat) -> new Xlat(i));
        families.put("nop", (i, page, flat) -> new Nop());
    }

    private static final class Lea extends MemOp {
        private final int size;

        Lea(Insn i) {
            super(i, true);
            size = i.size;
        }

        @Override Op exec(Machine m) {
            if (size == 32) m.gpr[dst] = offset(m);
            else m.set16(dst, offset(m));
            return next;
        }
    }

    /** MOVZX and MOVSX; those to 32 bits, nearly all there are, have operations of their own. */
    private static Op extend(Insn i, boolean flat, int from, boolean signed) {
        if (i.size != 32) return new Extend(i, flat, from, signed);
        if (i.srcKind == Kind.MEMORY) return from == 8 ? new Extend8M(i, flat, signed) : new Extend16M(i, flat, signed);
        return from == 8 ? new Extend8R(i, signed) : new Extend16R(i, signed);
    }

    private static final class Extend8M extends MemOp {
        private final int shift;

        Extend8M(Insn i, boolean flat, boolean signed) {
            super(i, flat);
            shift = signed ? 24 : 0;
        }

        @Override Op exec(Machine m) {
            long v = load8(m);
            if (v < 0) return m.fault(this);
            m.gpr[dst] = (int) v << shift >> shift;
            return next;
        }
    }

    private static final class Extend16M extends MemOp {
        private final int shift;

        Extend16M(Insn i, boolean flat, boolean signed) {
            super(i, flat);
            shift = signed ? 16 : 0;
        }

        @Override Op exec(Machine m) {
            long v = load16(m);
            if (v < 0) return m.fault(this);
            m.gpr[dst] = (int) v << shift >> shift;
            return next;
        }
    }

    private static final class Extend8R extends Op {
        private final int shift;

        Extend8R(Insn i, boolean signed) {
            super(i);
            shift = signed ? 24 : 0;
        }

        @Override Op exec(Machine m) {
            m.gpr[dst] = m.get8(src) << shift >> shift;
            return next;
        }
    }

    private static final class Extend16R extends Op {
        private final int shift;

        Extend16R(Insn i, boolean signed) {
            super(i);
            shift = signed ? 16 : 0;
        }

        @Override Op exec(Machine m) {
            m.gpr[dst] = m.get16(src) << shift >> shift;
            return next;
        }
    }

    private static final class Extend extends RmOp {
        private final int size, shift;
        private final boolean signed;

        Extend(Insn i, boolean flat, int from, boolean signed) {
            super(i, flat, false, from);
            size = i.size;
            shift = 32 - from;
            this.signed = signed;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            m.set(dst, signed ? (int) v << shift >> shift : (int) v, size);
            return next;
        }
    }

    /** The source is read, and may fault, whether it is moved or not. */
    private static final class Cmov extends RmOp {
        private final int cc;

        Cmov(Insn i, boolean flat) {
            super(i, flat, false, i.size);
            cc = Handlers.variant(i);
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            if (m.condition(cc)) m.set(dst, (int) v, bits);
            return next;
        }
    }

    private static final class Set extends RmOp {
        private final int cc;

        Set(Insn i, boolean flat) {
            super(i, flat, true, 8);
            cc = Handlers.variant(i);
        }

        @Override Op exec(Machine m) { return stored(m, write(m, m.condition(cc) ? 1 : 0)); }
    }

    private static final class Xchg extends RmOp {
        Xchg(Insn i, boolean flat) { super(i, flat, true, i.size); }

        @Override Op exec(Machine m) {
            long old = modify(m);
            if (old < 0) return m.fault(this);
            int mine = m.get(src, bits);
            boolean ok = back(m, mine);
            m.set(src, (int) old, bits);
            return stored(m, ok);
        }
    }

    private static final class Cmpxchg extends RmOp {
        Cmpxchg(Insn i, boolean flat) { super(i, flat, true, i.size); }

        @Override Op exec(Machine m) {
            long old = modify(m);
            if (old < 0) return m.fault(this);
            Alu.cmp(m, m.get(EAX, bits), (int) old, bits);
            boolean ok = back(m, m.zf() ? m.get(src, bits) : (int) old);
            if (!m.zf()) m.set(EAX, (int) old, bits);
            return stored(m, ok);
        }
    }

    private static final class Cmpxchg8b extends MemOp {
        Cmpxchg8b(Insn i, boolean flat) { super(i, flat); }

        @Override Op exec(Machine m) {
            int at = offset(m);
            if (refused(m, at)) return m.fault(this);
            long low = m.segmentModify(segment, at, 4);
            if (low < 0) return m.fault(this);
            long high = m.segmentModify(segment, at + 4, 4);
            if (high < 0) return m.fault(this);
            int f = m.arithmeticFlags() & ~ZF;
            boolean same = (int) low == m.gpr[EAX] && (int) high == m.gpr[EDX];
            boolean ok = m.storeBack32(same ? m.gpr[ECX] : (int) high);
            ok &= m.segmentStore(segment, at, same ? m.gpr[EBX] : (int) low, 4);
            if (!same) {
                m.gpr[EAX] = (int) low;
                m.gpr[EDX] = (int) high;
            }
            m.arithmeticFlags(same ? f | ZF : f);
            return ok ? next : m.leave(this);
        }

        /** By the segment or for their alignment, all eight bytes at once. */
        private boolean refused(Machine m, int at) {
            long va = m.linear(segment, at, 8, true);
            return va < 0 || m.misaligned((int) va, 8);
        }
    }

    private static final class Xadd extends RmOp {
        Xadd(Insn i, boolean flat) { super(i, flat, true, i.size); }

        @Override Op exec(Machine m) {
            long old = modify(m);
            if (old < 0) return m.fault(this);
            int sum = bits == 32 ? Alu.add(m, (int) old, m.gpr[src], 32)
                : bits == 16 ? Alu.add(m, (int) old, m.get16(src), 16) : Alu.add(m, (int) old, m.get8(src), 8);
            if (memory) {
                boolean ok = back(m, sum);
                m.set(src, (int) old, bits);
                return stored(m, ok);
            }
            m.set(src, (int) old, bits);
            m.set(rm, sum, bits);
            return next;
        }
    }

    /** With a 16-bit operand the manual leaves the result undefined; processors store zero. */
    private static final class Bswap extends Op {
        private final boolean wide;

        Bswap(Insn i) {
            super(i);
            wide = i.operandSize == 32;
        }

        @Override Op exec(Machine m) {
            if (wide) m.gpr[dst] = Integer.reverseBytes(m.gpr[dst]);
            else m.set16(dst, 0);
            return next;
        }
    }

    private static final class Cbw extends Op {
        private final boolean wide;

        Cbw(Insn i) { wide = i.operandSize == 32; }

        @Override Op exec(Machine m) {
            if (wide) m.gpr[EAX] = (short) m.gpr[EAX];
            else m.set16(EAX, (byte) m.gpr[EAX]);
            return next;
        }
    }

    private static final class Cwd extends Op {
        private final boolean wide;

        Cwd(Insn i) { wide = i.operandSize == 32; }

        @Override Op exec(Machine m) {
            if (wide) m.gpr[EDX] = m.gpr[EAX] >> 31;
            else m.set16(EDX, (short) m.gpr[EAX] >> 15);
            return next;
        }
    }

    private static final class Xlat extends Op {
        private final int segment;
        private final boolean address16;

        Xlat(Insn i) {
            segment = i.overridden >= 0 ? i.overridden : org.lguest.api.state.SegmentState.DS;
            address16 = i.addressSize == 16;
        }

        @Override Op exec(Machine m) {
            int at = m.gpr[EBX] + m.get8(EAX);
            long v = m.segmentLoad8(segment, address16 ? at & 0xFFFF : at);
            if (v < 0) return m.fault(this);
            m.set8(EAX, (int) v);
            return next;
        }
    }

    private static final class Nop extends Op {
        @Override Op exec(Machine m) { return next; }
    }
}
