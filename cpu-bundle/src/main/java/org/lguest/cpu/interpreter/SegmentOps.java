package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Handlers.Family;

/** Segment registers, and questions about selectors: MOV, LDS and its like, ARPL, LAR, LSL, VERR, VERW. */
final class SegmentOps {
    private SegmentOps() { }

    static void register(Map<String, Family> families) {
        families.put("mov", (i, page, flat) -> i.row.variant().equals("es") ? new Store(i, flat) : load(i, flat));
        families.put("lfar", (i, page, flat) -> new LoadFar(i, flat));
        families.put("arpl", (i, page, flat) -> new Arpl(i, flat));
        families.put("lar", (i, page, flat) -> new Ask(i, flat, true));
        families.put("lsl", (i, page, flat) -> new Ask(i, flat, false));
        families.put("verr", (i, page, flat) -> new Verify(i, flat, false));
        families.put("verw", (i, page, flat) -> new Verify(i, flat, true));
    }

    private static Op load(Insn i, boolean flat) {
        if (i.dst == SegmentState.CS || i.dst > SegmentState.GS) return new Links.Fault(6, 0);
        return i.dst == SegmentState.SS ? new LoadStack(i, flat) : new Load(i, flat);
    }

    /** A register gets the selector zero-extended to the operand size, memory always 16 bits. */
    private static final class Store extends RmOp {
        private final boolean valid;

        Store(Insn i, boolean flat) {
            super(i, flat, true, i.dstKind == Kind.MEMORY ? 16 : i.operandSize);
            valid = i.src <= SegmentState.GS;
        }

        @Override Op exec(Machine m) {
            if (!valid) return m.fault(this, 6, 0);
            return stored(m, write(m, m.cpu.seg[src].selector));
        }
    }

    private static final class LoadStack extends Load {
        LoadStack(Insn i, boolean flat) { super(i, flat); }

        @Override boolean shadow() { return true; }

        @Override Op exec(Machine m) {
            m.shadowed(this);
            return super.exec(m);
        }
    }

    private static class Load extends RmOp {
        Load(Insn i, boolean flat) { super(i, flat, false, 16); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            if (dst != SegmentState.SS && m.holds(dst, (int) v)) return next;
            if (!Segments.load(m, dst, (int) v)) return m.fault(this);
            return m.segmentsChanged() ? m.done(this) : next;
        }
    }

    private static final class LoadFar extends MemOp {
        private final int register, bytes;

        LoadFar(Insn i, boolean flat) {
            super(i, flat);
            int[] order = {SegmentState.ES, SegmentState.CS, SegmentState.SS, SegmentState.DS, SegmentState.FS, SegmentState.GS};
            register = order[Handlers.variant(i)];
            bytes = i.operandSize >>> 3;
        }

        @Override Op exec(Machine m) {
            int at = offset(m);
            long pointer = bytes == 4 ? m.segmentLoad32(segment, at) : m.segmentLoad16(segment, at);
            if (pointer < 0) return m.fault(this);
            long selector = m.segmentLoad16(segment, at + bytes);
            if (selector < 0 || !Segments.load(m, register, (int) selector)) return m.fault(this);
            m.set(dst, (int) pointer, bytes * 8);
            return m.segmentsChanged() ? m.done(this) : next;
        }
    }

    private static void zf(Machine m, boolean on) {
        int f = m.arithmeticFlags();
        m.arithmeticFlags(on ? f | ZF : f & ~ZF);
    }

    private static final class Arpl extends RmOp {
        Arpl(Insn i, boolean flat) { super(i, flat, true, 16); }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int rpl = m.gpr[src] & 3;
            boolean raise = (v & 3) < rpl;
            boolean ok = !raise || write(m, (int) v & ~3 | rpl); // what is not raised need not be writable
            if (!m.trapped()) zf(m, raise);
            return stored(m, ok);
        }
    }

    /** Whether a selector's descriptor may be looked at with the current privilege (LAR, LSL). */
    private static boolean visible(Machine m, int selector, int high) {
        boolean conforming = (high & 0x1C00) == 0x1C00;
        int dpl = high >>> 13 & 3;
        return conforming || dpl >= m.cpu.cpl && dpl >= (selector & 3);
    }

    private static final class Ask extends RmOp {
        /** System descriptors that LAR and LSL know, by type (Intel SDM volume 2, LAR and LSL). */
        private static final int LAR_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
        private static final int LSL_TYPES = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
        private final boolean rights;
        private final int size;

        Ask(Insn i, boolean flat, boolean rights) {
            super(i, flat, false, 16);
            this.rights = rights;
            size = i.operandSize;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int selector = (int) v;
            int high = Segments.high(m, selector);
            boolean segment = (high & 0x1000) != 0;
            boolean known = segment || ((rights ? LAR_TYPES : LSL_TYPES) >>> (high >>> 8 & 0xF) & 1) != 0;
            boolean ok = !Segments.isNull(selector) && Segments.index(selector) >= 0 && known && visible(m, selector, high);
            if (ok) {
                int low = m.guest.descriptors().low(Segments.index(selector));
                m.set(dst, rights ? high & 0xFFFF00 : Segments.limit(low, high), size);
            }
            zf(m, ok);
            return next;
        }
    }

    private static final class Verify extends RmOp {
        private final boolean write;

        Verify(Insn i, boolean flat, boolean write) {
            super(i, flat, true, 16);
            this.write = write;
        }

        @Override Op exec(Machine m) {
            long v = read(m);
            if (v < 0) return m.fault(this);
            int selector = (int) v;
            int high = Segments.high(m, selector);
            boolean code = (high & 0x800) != 0;
            boolean allowed = write ? !code && (high & 0x200) != 0 : !code || (high & 0x200) != 0;
            zf(m, (high & 0x1000) != 0 && allowed && visible(m, selector, high));
            return next;
        }
    }
}
