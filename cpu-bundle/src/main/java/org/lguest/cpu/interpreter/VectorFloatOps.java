package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;
import org.lguest.cpu.simd.SseUnit;
import org.lguest.cpu.simd.SseUnit.OnDoubles;
import org.lguest.cpu.simd.SseUnit.OnFloats;

/**
 * Floating-point arithmetic and comparisons of SSE and SSE2. The last two letters of a mnemonic say what a register holds:
 * PS four floats, PD two doubles, SS and SD one of them, with the rest of the destination left alone.
 */
final class VectorFloatOps {
    /** #XM. */
    static final int SIMD_FAULT = 19;

    private static final Map<String, OnFloats> FLOATS = Map.of("add", SseUnit::add, "sub", SseUnit::sub, "mul", SseUnit::mul, "div", SseUnit::div,
        "sqrt", SseUnit::sqrt, "min", SseUnit::min, "max", SseUnit::max, "rcp", SseUnit::reciprocal, "rsqrt", SseUnit::reciprocalRoot);
    private static final Map<String, OnDoubles> DOUBLES = Map.of("add", SseUnit::add, "sub", SseUnit::sub, "mul", SseUnit::mul, "div", SseUnit::div,
        "sqrt", SseUnit::sqrt, "min", SseUnit::min, "max", SseUnit::max);

    private VectorFloatOps() { }

    static void register(Map<String, Family> families) {
        families.put("float", VectorFloatOps::create);
        families.put("comis", (i, page, flat) -> new Order(i, flat));
    }

    private static Op create(Insn i, CodePage page, boolean flat) {
        String name = i.row.mnemonic();
        if (name.endsWith("S")) {
            OnFloats f = onFloats(i);
            return name.endsWith("PS") ? new PackedFloat(i, flat, f) : new ScalarFloat(i, flat, f);
        }
        OnDoubles f = onDoubles(i);
        return name.endsWith("PD") ? new PackedDouble(i, flat, f) : new ScalarDouble(i, flat, f);
    }

    private static OnFloats onFloats(Insn i) {
        int predicate = i.imm & 7;
        return i.row.variant().equals("cmp") ? (u, a, b) -> u.compare(a, b, predicate) : FLOATS.get(i.row.variant());
    }

    private static OnDoubles onDoubles(Insn i) {
        int predicate = i.imm & 7;
        return i.row.variant().equals("cmp") ? (u, a, b) -> u.compare(a, b, predicate) : DOUBLES.get(i.row.variant());
    }

    private static final class ScalarFloat extends VectorOp {
        private final OnFloats f;

        ScalarFloat(Insn i, boolean flat, OnFloats f) {
            super(i, flat);
            this.f = f;
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            long[] low = m.cpu.xmm.low;
            m.sse.begin();
            int r = f.of(m.sse, (int) low[reg], (int) m.low);
            if (!m.sse.settle()) return m.fault(this, SIMD_FAULT, 0);
            low[reg] = low[reg] & 0xFFFFFFFF00000000L | r & 0xFFFFFFFFL;
            return next;
        }
    }

    private static final class PackedFloat extends VectorOp {
        private final OnFloats f;

        PackedFloat(Insn i, boolean flat, OnFloats f) {
            super(i, flat);
            this.f = f;
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            m.sse.begin();
            long low = two(m.sse, m.cpu.xmm.low[reg], m.low);
            long high = two(m.sse, m.cpu.xmm.high[reg], m.high);
            if (!m.sse.settle()) return m.fault(this, SIMD_FAULT, 0);
            m.cpu.xmm.low[reg] = low;
            m.cpu.xmm.high[reg] = high;
            return next;
        }

        private long two(SseUnit u, long a, long b) {
            return f.of(u, (int) a, (int) b) & 0xFFFFFFFFL | (long) f.of(u, (int) (a >>> 32), (int) (b >>> 32)) << 32;
        }
    }

    private static final class ScalarDouble extends VectorOp {
        private final OnDoubles f;

        ScalarDouble(Insn i, boolean flat, OnDoubles f) {
            super(i, flat);
            this.f = f;
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            m.sse.begin();
            long r = f.of(m.sse, m.cpu.xmm.low[reg], m.low);
            if (!m.sse.settle()) return m.fault(this, SIMD_FAULT, 0);
            m.cpu.xmm.low[reg] = r;
            return next;
        }
    }

    private static final class PackedDouble extends VectorOp {
        private final OnDoubles f;

        PackedDouble(Insn i, boolean flat, OnDoubles f) {
            super(i, flat);
            this.f = f;
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            m.sse.begin();
            long low = f.of(m.sse, m.cpu.xmm.low[reg], m.low);
            long high = f.of(m.sse, m.cpu.xmm.high[reg], m.high);
            if (!m.sse.settle()) return m.fault(this, SIMD_FAULT, 0);
            m.cpu.xmm.low[reg] = low;
            m.cpu.xmm.high[reg] = high;
            return next;
        }
    }

    /** COMISS, UCOMISS and those of doubles: ZF, PF, CF tell the order, and the other arithmetic flags are cleared. */
    private static final class Order extends VectorOp {
        private final boolean signal, floats;

        Order(Insn i, boolean flat) {
            super(i, flat);
            signal = i.row.variant().equals("signal");
            floats = i.row.mnemonic().endsWith("SS");
        }

        @Override Op work(Machine m) {
            if (!source(m)) return m.fault(this);
            m.sse.begin();
            long a = m.cpu.xmm.low[reg];
            int order = floats ? m.sse.order((int) a, (int) m.low, signal) : m.sse.order(a, m.low, signal);
            if (!m.sse.settle()) return m.fault(this, SIMD_FAULT, 0);
            m.arithmeticFlags(order == 2 ? ZF | PF | CF : order == 0 ? ZF : order < 0 ? CF : 0);
            return next;
        }
    }
}
