package org.lguest.cpu.interpreter;

import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;
import org.lguest.cpu.simd.Lanes;
import org.lguest.cpu.simd.SseUnit;

/**
 * Conversions of SSE and SSE2. A mnemonic names source and destination: PI two integers in an MMX register, SI one in a
 * general register, DQ four (or two) in an XMM register, PS, PD, SS, SD floats and doubles; CVTT rounds towards zero.
 */
final class ConvertOps {
    /** Turns what is in {@link Machine#low} and {@link Machine#high} into the result, in the same place. */
    private interface Conversion {
        void of(SseUnit u, Machine m);
    }

    /** Where the result goes: to 128, 64 or 32 bits of an XMM register, to MMX, to a general register. */
    private enum To { WHOLE, HALF, QUARTER, MMX, GENERAL }

    private ConvertOps() { }

    static void register(Map<String, Family> families) { families.put("convert", (i, page, flat) -> create(i, flat)); }

    private static Op create(Insn i, boolean flat) {
        String name = i.row.mnemonic();
        boolean chop = name.startsWith("CVTT");
        return switch (chop ? "CVT" + name.substring(4) : name) {
            case "CVTPI2PS" -> new Convert(i, flat, To.HALF, (u, m) -> m.low = floats(u, m.low));
            case "CVTPI2PD", "CVTDQ2PD" -> new Convert(i, flat, To.WHOLE, ConvertOps::doubles);
            case "CVTDQ2PS" -> new Convert(i, flat, To.WHOLE, (u, m) -> set(m, floats(u, m.low), floats(u, m.high)));
            case "CVTSI2SS" -> new Convert(i, flat, To.QUARTER, (u, m) -> m.low = u.toFloat((int) m.low));
            case "CVTSI2SD" -> new Convert(i, flat, To.HALF, (u, m) -> m.low = u.toDouble((int) m.low));
            case "CVTPS2PI" -> new Convert(i, flat, To.MMX, (u, m) -> m.low = integers(u, m.low, chop));
            case "CVTPS2DQ" -> new Convert(i, flat, To.WHOLE, (u, m) -> set(m, integers(u, m.low, chop), integers(u, m.high, chop)));
            case "CVTPD2PI" -> new Convert(i, flat, To.MMX, (u, m) -> m.low = Lanes.dwords(u.toInteger(m.low, chop), u.toInteger(m.high, chop)));
            case "CVTPD2DQ" -> new Convert(i, flat, To.WHOLE, (u, m) -> set(m, Lanes.dwords(u.toInteger(m.low, chop), u.toInteger(m.high, chop)), 0));
            case "CVTSS2SI" -> new Convert(i, flat, To.GENERAL, (u, m) -> m.low = u.toInteger((int) m.low, chop));
            case "CVTSD2SI" -> new Convert(i, flat, To.GENERAL, (u, m) -> m.low = u.toInteger(m.low, chop));
            case "CVTPS2PD" -> new Convert(i, flat, To.WHOLE, (u, m) -> set(m, u.widen((int) m.low), u.widen((int) (m.low >>> 32))));
            case "CVTPD2PS" -> new Convert(i, flat, To.WHOLE, (u, m) -> set(m, Lanes.dwords(u.narrow(m.low), u.narrow(m.high)), 0));
            case "CVTSS2SD" -> new Convert(i, flat, To.HALF, (u, m) -> m.low = u.widen((int) m.low));
            case "CVTSD2SS" -> new Convert(i, flat, To.QUARTER, (u, m) -> m.low = u.narrow(m.low));
            default -> throw new IllegalStateException("no conversion " + name);
        };
    }

    private static void set(Machine m, long low, long high) {
        m.low = low;
        m.high = high;
    }

    private static long floats(SseUnit u, long two) { return Lanes.dwords(u.toFloat((int) two), u.toFloat((int) (two >>> 32))); }

    private static void doubles(SseUnit u, Machine m) { set(m, u.toDouble((int) m.low), u.toDouble((int) (m.low >>> 32))); }

    private static long integers(SseUnit u, long two, boolean chop) {
        return Lanes.dwords(u.toInteger((int) two, chop), u.toInteger((int) (two >>> 32), chop));
    }

    private static final class Convert extends VectorOp {
        private final To to;
        private final Conversion f;
        private final Kind from;

        Convert(Insn i, boolean flat, To to, Conversion f) {
            super(i, flat);
            this.to = to;
            this.f = f;
            from = i.srcKind;
        }

        @Override Op work(Machine m) {
            if (!fetch(m)) return m.fault(this);
            m.sse.begin();
            f.of(m.sse, m);
            if (mmx) m.x87.enterMmx(); // even if nothing else comes of it
            if (!m.sse.settle()) return m.fault(this, VectorFloatOps.SIMD_FAULT, 0);
            put(m);
            return next;
        }

        private boolean fetch(Machine m) {
            if (from == Kind.MMX) m.low = mm(m, rm);
            else if (from == Kind.REGISTER) m.low = m.gpr[rm];
            else return source(m);
            return true;
        }

        private void put(Machine m) {
            long[] low = m.cpu.xmm.low;
            switch (to) {
                case WHOLE -> {
                    low[reg] = m.low;
                    m.cpu.xmm.high[reg] = m.high;
                }
                case HALF -> low[reg] = m.low;
                case QUARTER -> low[reg] = low[reg] & 0xFFFFFFFF00000000L | m.low & 0xFFFFFFFFL;
                case MMX -> mm(m, reg, m.low);
                case GENERAL -> m.gpr[reg] = (int) m.low;
            }
        }
    }
}
