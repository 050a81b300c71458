package org.lguest.cpu.interpreter;

import static org.lguest.api.state.CpuState.*;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.lguest.api.part.Mmu;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Handlers.Family;

/**
 * M:140 String instructions. A repeated one works on as much as lies in one page at both ends, at the speed of the
 * host's memory, then updates its registers and looks at attention: so it can be interrupted, and a fault finds exactly
 * the elements before it done, as the architecture wants.
 */
final class StringOps {
    /** Elements that a repetition handles one by one before it looks at attention. */
    private static final int PATIENCE = 4096;

    private StringOps() { }

    static void register(Map<String, Family> families) {
        families.put("movs", (i, page, flat) -> new Movs(i, flat));
        families.put("stos", (i, page, flat) -> new Stos(i, flat));
        families.put("lods", (i, page, flat) -> new Lods(i, flat));
        families.put("cmps", (i, page, flat) -> new Cmps(i, flat));
        families.put("scas", (i, page, flat) -> new Scas(i, flat));
    }

    /** What all have in common: element size, address size, segments, repetition. */
    private abstract static class StringOp extends Op {
        final int bytes, segment, repeat;
        final boolean address32, sourceFlat, targetFlat;

        StringOp(Insn i, boolean flat) {
            super(i);
            bytes = i.row.variant().equals("8") ? 1 : i.operandSize >>> 3;
            address32 = i.addressSize == 32;
            segment = i.overridden >= 0 ? i.overridden : SegmentState.DS;
            sourceFlat = flat && address32 && (segment == SegmentState.DS || segment == SegmentState.ES || segment == SegmentState.SS);
            targetFlat = flat && address32;
            repeat = i.repeat;
        }

        /** One element. False when a trap was left, or when code was overwritten and the element is done. */
        abstract boolean element(Machine m);

        /** Whether a repetition goes on after an element: only comparisons say no. */
        boolean goesOn(Machine m) { return true; }

        /** Does several elements at once; the number done, 0 when it has to be one by one, negative after a trap. */
        int chunk(Machine m, int count) { return 0; }

        @Override
        final Op exec(Machine m) {
            if (repeat == 0) return element(m) ? next : m.leave(this);
            boolean single = (m.cpu.eflags & TF) != 0;
            for (int patience = single ? 0 : PATIENCE;;) {
                int count = address32 ? m.gpr[ECX] : m.gpr[ECX] & 0xFFFF;
                if (count == 0) return next;
                int done = single ? 0 : chunk(m, count);
                if (done < 0) return m.fault(this);
                boolean intact = done > 0 || element(m);
                if (!intact && m.trapped()) return m.fault(this);
                counted(m, count - Math.max(done, 1));
                if (!goesOn(m) || single && count == 1) return intact ? next : m.done(this);
                if (!intact || m.forgot() || (patience -= Math.max(1, done >>> 5)) <= 0 || done > 0 && m.cpu.attention != 0) return m.again(this);
            }
        }

        private void counted(Machine m, int count) {
            if (address32) m.gpr[ECX] = count;
            else m.set16(ECX, count);
        }

        final int step(Machine m) { return (m.cpu.eflags & DF) != 0 ? -bytes : bytes; }

        final void advance(Machine m, int register, int by) {
            if (address32) m.gpr[register] += by;
            else m.set16(register, m.gpr[register] + by);
        }

        private int at(Machine m, int register) { return address32 ? m.gpr[register] : m.gpr[register] & 0xFFFF; }

        final long source(Machine m) {
            if (sourceFlat) return m.load(m.gpr[ESI], bytes);
            long va = m.linear(segment, at(m, ESI), bytes, false);
            return va < 0 ? Memory.FAULT : m.load((int) va, bytes);
        }

        final long target(Machine m) {
            if (targetFlat) return m.load(m.gpr[EDI], bytes);
            long va = m.linear(SegmentState.ES, at(m, EDI), bytes, false);
            return va < 0 ? Memory.FAULT : m.load((int) va, bytes);
        }

        final boolean store(Machine m, int v) {
            if (targetFlat) return m.store(m.gpr[EDI], v, bytes);
            long va = m.linear(SegmentState.ES, at(m, EDI), bytes, true);
            return va >= 0 && m.store((int) va, v, bytes);
        }

        /** Elements from an address to the end of its page. */
        final int inPage(int va, int count) { return (int) Math.min(count & 0xFFFFFFFFL, (0x1000 - (va & 0xFFF)) / bytes); }
    }

    private static final class Movs extends StringOp {
        Movs(Insn i, boolean flat) { super(i, flat); }

        @Override boolean element(Machine m) {
            long v = source(m);
            if (v < 0) return false;
            boolean ok = store(m, (int) v);
            if (!ok && m.trapped()) return false;
            int step = step(m);
            advance(m, ESI, step);
            advance(m, EDI, step);
            return ok;
        }

        @Override int chunk(Machine m, int count) {
            if (!sourceFlat || !targetFlat || m.checksAlignment() || (m.cpu.eflags & DF) != 0) return 0;
            int si = m.gpr[ESI];
            int di = m.gpr[EDI];
            int n = Math.min(inPage(si, count), inPage(di, count));
            if (n < 2) return 0;
            long from = m.physical(si, Mmu.READ);
            if (from < 0) return -1;
            long to = m.physical(di, Mmu.WRITE);
            if (to < 0) return -1;
            int length = n * bytes;
            if (to > from && to < from + length) return 0; // each element reads what one before it wrote
            MemorySegment.copy(m.ram, from, m.ram, to, length);
            m.gpr[ESI] = si + length;
            m.gpr[EDI] = di + length;
            m.wrote(to, length);
            return n;
        }
    }

    private static final class Stos extends StringOp {
        Stos(Insn i, boolean flat) { super(i, flat); }

        @Override boolean element(Machine m) {
            boolean ok = store(m, m.gpr[EAX]);
            if (ok || !m.trapped()) advance(m, EDI, step(m));
            return ok;
        }

        @Override int chunk(Machine m, int count) {
            if (!targetFlat || m.checksAlignment() || (m.cpu.eflags & DF) != 0) return 0;
            int di = m.gpr[EDI];
            int n = inPage(di, count);
            if (n < 2) return 0;
            long to = m.physical(di, Mmu.WRITE);
            if (to < 0) return -1;
            fill(m, to, n);
            m.gpr[EDI] = di + n * bytes;
            m.wrote(to, n * bytes);
            return n;
        }

        private void fill(Machine m, long to, int n) {
            int v = m.gpr[EAX];
            byte b = (byte) v;
            boolean uniform = bytes == 1 || b == (byte) (v >>> 8) && (bytes == 2 || (short) v == (short) (v >>> 16));
            if (uniform) m.ram.asSlice(to, (long) n * bytes).fill(b);
            else if (bytes == 4) for (int k = 0; k < n; k++) m.ram.set(GuestMemory.I32, to + 4L * k, v);
            else for (int k = 0; k < n; k++) m.ram.set(GuestMemory.I16, to + 2L * k, (short) v);
        }
    }

    private static final class Lods extends StringOp {
        Lods(Insn i, boolean flat) { super(i, flat); }

        @Override boolean element(Machine m) {
            long v = source(m);
            if (v < 0) return false;
            m.set(EAX, (int) v, bytes * 8);
            advance(m, ESI, step(m));
            return true;
        }
    }

    /** REPE (F3) goes on while equal, REPNE (F2) while not. */
    private abstract static class Comparison extends StringOp {
        Comparison(Insn i, boolean flat) { super(i, flat); }

        @Override final boolean goesOn(Machine m) { return m.zf() == (repeat == 0xF3); }

        final void compare(Machine m, int a, int b) {
            if (bytes == 1) Alu.cmp(m, a, b, 8);
            else if (bytes == 2) Alu.cmp(m, a, b, 16);
            else Alu.cmp(m, a, b, 32);
        }
    }

    private static final class Cmps extends Comparison {
        Cmps(Insn i, boolean flat) { super(i, flat); }

        @Override boolean element(Machine m) {
            long a = source(m);
            if (a < 0) return false;
            long b = target(m);
            if (b < 0) return false;
            compare(m, (int) a, (int) b);
            int step = step(m);
            advance(m, ESI, step);
            advance(m, EDI, step);
            return true;
        }
    }

    private static final class Scas extends Comparison {
        Scas(Insn i, boolean flat) { super(i, flat); }

        @Override boolean element(Machine m) {
            long b = target(m);
            if (b < 0) return false;
            compare(m, m.gpr[EAX], (int) b);
            advance(m, EDI, step(m));
            return true;
        }
    }
}
