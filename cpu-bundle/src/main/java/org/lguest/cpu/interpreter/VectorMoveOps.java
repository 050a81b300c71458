package org.lguest.cpu.interpreter;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Moves between memory, general, MMX and XMM registers. */
final class VectorMoveOps {
    private VectorMoveOps() { }

    static void register(Map<String, Family> families) {
        families.put("movd", (i, page, flat) -> i.row.variant().equals("in") ? new MovdIn(i, flat) : new MovdOut(i, flat));
        families.put("mmx", (i, page, flat) -> i.row.variant().equals("load") ? new MmxLoad(i, flat) : new MmxStore(i, flat));
        families.put("vload", (i, page, flat) -> new Load(i, flat));
        families.put("vstore", (i, page, flat) -> new Store(i, flat));
        families.put("scalar", VectorMoveOps::scalar);
        families.put("across", (i, page, flat) -> new Across(i, flat));
        families.put("half", (i, page, flat) -> i.row.variant().startsWith("store") ? new StoreHalf(i, flat) : new Half(i, flat));
        families.put("movnti", (i, page, flat) -> new MoveGeneral(i, flat));
    }

    private static Op scalar(Insn i, CodePage page, boolean flat) {
        return switch (i.row.variant()) {
            case "load32", "load64" -> new ScalarLoad(i, flat, i.memory());
            case "movq" -> new ScalarLoad(i, flat, true);
            default -> new ScalarStore(i, flat);
        };
    }

    /** MOVD from a general register or memory: the rest becomes zero. */
    private static final class MovdIn extends VectorOp {
        MovdIn(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            long v = memory ? loadSmall(m) : m.gpr[rm] & 0xFFFFFFFFL;
            if (v < 0) return m.fault(this);
            if (mmx) {
                m.x87.enterMmx();
                mm(m, reg, v);
            } else {
                m.cpu.xmm.low[reg] = v;
                m.cpu.xmm.high[reg] = 0;
            }
            return next;
        }
    }

    /** MOVD to a general register or memory. */
    private static final class MovdOut extends VectorOp {
        MovdOut(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            int v = (int) (mmx ? mm(m, reg) : m.cpu.xmm.low[reg]);
            boolean ok = true;
            if (memory) {
                long va = address(m, 4, true);
                ok = va >= 0 && m.store32((int) va, v);
                if (!ok && m.trapped()) return m.fault(this);
            } else m.gpr[rm] = v;
            if (mmx) m.x87.enterMmx();
            return stored(m, ok);
        }
    }

    private static final class MmxLoad extends VectorOp {
        MmxLoad(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            if (!sourceMm(m)) return m.fault(this);
            mm(m, reg, m.low);
            return next;
        }
    }

    private static final class MmxStore extends VectorOp {
        MmxStore(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            boolean ok = true;
            if (memory) {
                long va = address(m, 8, true);
                ok = va >= 0 && m.store64((int) va, mm(m, reg));
                if (!ok && m.trapped()) return m.fault(this);
                m.x87.enterMmx();
            } else {
                m.x87.enterMmx();
                mm(m, rm, mm(m, reg));
            }
            return stored(m, ok);
        }
    }

    /** All 128 bits; from aligned memory for the variant "aligned". */
    private static final class Load extends VectorOp {
        private final boolean align;

        Load(Insn i, boolean flat) {
            super(i, flat);
            align = i.row.variant().equals("aligned");
        }

        @Override Op work(Machine m) {
            if (!(memory ? load128(m, align) : source(m))) return m.fault(this);
            m.cpu.xmm.low[reg] = m.low;
            m.cpu.xmm.high[reg] = m.high;
            return next;
        }
    }

    private static final class Store extends VectorOp {
        private final boolean align;

        Store(Insn i, boolean flat) {
            super(i, flat);
            align = i.row.variant().equals("aligned");
        }

        @Override Op work(Machine m) {
            long low = m.cpu.xmm.low[reg];
            long high = m.cpu.xmm.high[reg];
            if (!memory) {
                m.cpu.xmm.low[rm] = low;
                m.cpu.xmm.high[rm] = high;
                return next;
            }
            long va = align ? aligned(m, 16, true) : address(m, 16, true);
            return stored(m, va >= 0 && m.store128((int) va, low, high));
        }
    }

    /** MOVSS, MOVSD, MOVQ to a register: between registers the first two keep what is above. */
    private static final class ScalarLoad extends VectorOp {
        private final boolean clears;
        private final int width;

        ScalarLoad(Insn i, boolean flat, boolean clears) {
            super(i, flat);
            this.clears = clears;
            width = i.size;
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            long[] low = m.cpu.xmm.low;
            low[reg] = width == 64 || clears ? m.low : low[reg] & 0xFFFFFFFF00000000L | m.low & 0xFFFFFFFFL;
            if (clears) m.cpu.xmm.high[reg] = 0;
            return next;
        }
    }

    /** MOVSS, MOVSD, MOVQ to memory or a register: MOVQ clears what is above. */
    private static final class ScalarStore extends VectorOp {
        private final boolean clears;
        private final int width;

        ScalarStore(Insn i, boolean flat) {
            super(i, flat);
            clears = i.row.variant().equals("qmov");
            width = i.size;
        }

        @Override Op work(Machine m) {
            long v = m.cpu.xmm.low[reg];
            if (memory) {
                long va = address(m, bytes, true);
                return stored(m, va >= 0 && (bytes == 8 ? m.store64((int) va, v) : m.store32((int) va, (int) v)));
            }
            long[] low = m.cpu.xmm.low;
            low[rm] = width == 64 ? v : low[rm] & 0xFFFFFFFF00000000L | v & 0xFFFFFFFFL;
            if (clears) m.cpu.xmm.high[rm] = 0;
            return next;
        }
    }

    /** MOVQ2DQ and MOVDQ2Q. */
    private static final class Across extends VectorOp {
        private final boolean in;

        Across(Insn i, boolean flat) {
            super(i, flat);
            in = i.dstKind == Kind.XMM;
        }

        @Override Op work(Machine m) {
            m.x87.enterMmx();
            if (in) {
                m.cpu.xmm.low[reg] = mm(m, rm);
                m.cpu.xmm.high[reg] = 0;
            } else mm(m, reg, m.cpu.xmm.low[rm]);
            return next;
        }
    }

    /** MOVLPS, MOVHPS, MOVLPD, MOVHPD from memory, MOVHLPS, MOVLHPS: one half, and the other stays. */
    private static final class Half extends VectorOp {
        private final boolean toHigh, fromHigh;

        Half(Insn i, boolean flat) {
            super(i, flat);
            toHigh = i.row.variant().endsWith("high");
            fromHigh = i.row.variant().startsWith("hightolow");
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            (toHigh ? m.cpu.xmm.high : m.cpu.xmm.low)[reg] = fromHigh ? m.high : m.low;
            return next;
        }
    }

    private static final class StoreHalf extends VectorOp {
        private final boolean high;

        StoreHalf(Insn i, boolean flat) {
            super(i, flat);
            high = i.row.variant().endsWith("high");
        }

        @Override Op work(Machine m) {
            long va = address(m, 8, true);
            return stored(m, va >= 0 && m.store64((int) va, (high ? m.cpu.xmm.high : m.cpu.xmm.low)[reg]));
        }
    }

    /** MOVNTI: a store of a general register that no unit has a say in. */
    private static final class MoveGeneral extends MemOp {
        MoveGeneral(Insn i, boolean flat) { super(i, flat); }

        @Override Op exec(Machine m) { return store32(m, m.gpr[src]) ? next : m.leave(this); }
    }
}
