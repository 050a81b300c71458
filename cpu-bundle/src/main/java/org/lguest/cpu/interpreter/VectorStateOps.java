package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.util.Map;
import org.lguest.api.state.SegmentState;
import org.lguest.api.state.XmmState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;
import org.lguest.cpu.x87.X87;

/** The state of the vector units as a whole: FXSAVE, FXRSTOR, MXCSR, EMMS; and CLFLUSH, for which there is no cache. */
final class VectorStateOps {
    /** The FXSAVE image (Intel SDM volume 1, section 10.5.1): MXCSR, its mask, XMM0. */
    private static final int IMAGE = 512, MXCSR_AT = 24, XMM_AT = 160;

    private VectorStateOps() { }

    static void register(Map<String, Family> families) {
        families.put("fxsave", (i, page, flat) -> new Save(i, flat));
        families.put("fxrstor", (i, page, flat) -> new Restore(i, flat));
        families.put("mxcsr", (i, page, flat) -> i.row.variant().equals("load") ? new LoadMxcsr(i, flat) : new StoreMxcsr(i, flat));
        families.put("emms", (i, page, flat) -> new Emms());
        families.put("clflush", (i, page, flat) -> new Flush(i, flat));
    }

    /** What FXSAVE and FXRSTOR share. */
    private abstract static class Image extends VectorOp {
        Image(Insn i, boolean flat) { super(i, flat); }

        /** Points the x87 unit at the image; its linear address, or negative after a fault: of the segment, of alignment, of pages. */
        final long open(Machine m, boolean write) {
            long va = address(m, 1, write);
            if (va < 0) return va;
            if ((va & 15) != 0) {
                if (!m.misaligned((int) va, 4)) m.trap(13, 0);
                return Memory.FAULT;
            }
            m.fpuOperand.at(segment, offset(m), !checked); // and now to its end
            return (write ? m.fpuOperand.prepareStore(0, IMAGE) : m.fpuOperand.prepareLoad(0, IMAGE)) ? va : Memory.FAULT;
        }
    }

    private static final class Save extends Image {
        Save(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            long at = open(m, true);
            if (at < 0 || m.x87.fxsave(m.fpuOperand) != X87.DONE) return m.fault(this);
            int va = (int) at;
            XmmState x = m.cpu.xmm;
            boolean ok = m.store32(va + MXCSR_AT, x.mxcsr) & m.store32(va + MXCSR_AT + 4, XmmState.MXCSR_MASK);
            for (int n = 0; n < 8; n++) ok &= m.store128(va + XMM_AT + 16 * n, x.low[n], x.high[n]);
            return ok && !m.forgot() ? next : m.leave(this);
        }
    }

    private static final class Restore extends Image {
        Restore(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            long at = open(m, false);
            if (at < 0) return m.fault(this);
            int va = (int) at;
            long mxcsr = m.load32(va + MXCSR_AT);
            if ((mxcsr & ~XmmState.MXCSR_MASK) != 0) return m.fault(this, 13, 0);
            if (m.x87.fxrstor(m.fpuOperand) != X87.DONE) return m.fault(this);
            XmmState x = m.cpu.xmm;
            x.mxcsr = (int) mxcsr;
            for (int n = 0; n < 8; n++) {
                x.low[n] = m.load64(va + XMM_AT + 16 * n);
                x.high[n] = m.load64(va + XMM_AT + 16 * n + 8);
            }
            return next;
        }
    }

    private static final class LoadMxcsr extends VectorOp {
        LoadMxcsr(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) {
            long v = loadSmall(m);
            if (v < 0) return m.fault(this);
            if ((v & ~XmmState.MXCSR_MASK) != 0) return m.fault(this, 13, 0);
            m.cpu.xmm.mxcsr = (int) v;
            return next;
        }
    }

    private static final class StoreMxcsr extends VectorOp {
        StoreMxcsr(Insn i, boolean flat) { super(i, flat); }

        @Override Op work(Machine m) { return stored(m, store32(m, m.cpu.xmm.mxcsr)); }
    }

    private static final class Emms extends Op {
        @Override Op exec(Machine m) {
            if ((m.cpu.cr0 & CR0_EM) != 0) return m.fault(this, 6, 0);
            if ((m.cpu.cr0 & CR0_TS) != 0) return m.fault(this, 7, 0);
            return m.x87.emms() == X87.DONE ? next : m.fault(this, X87.MATH_FAULT, 0);
        }
    }

    /** CLFLUSH touches its line as a read does, but is allowed in code that cannot be read (Intel SDM volume 2). */
    private static final class Flush extends MemOp {
        Flush(Insn i, boolean flat) { super(i, flat); }

        @Override Op exec(Machine m) {
            SegmentState s = m.cpu.seg[segment];
            int at = offset(m);
            boolean hidden = checked && s.code() && !s.readable();
            if (!hidden) return load8(m) < 0 ? m.fault(this) : next;
            if (Integer.compareUnsigned(at, s.limit) > 0) return m.fault(this, 13, 0);
            return m.load8(s.base + at) < 0 ? m.fault(this) : next;
        }
    }
}
