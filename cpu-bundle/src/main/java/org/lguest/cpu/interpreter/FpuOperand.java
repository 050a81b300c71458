package org.lguest.cpu.interpreter;

import org.lguest.api.part.Mmu;
import org.lguest.api.state.SoftTlb;
import org.lguest.cpu.x87.FpuMemory;

/** The memory operand of the x87 instruction that is being executed. */
final class FpuOperand implements FpuMemory {
    private static final int LONGEST_NUMBER = 10, REGISTERS = 80, ENVIRONMENT16 = 14, IMAGE = 512;

    private final Machine m;
    private int segment, offset;
    private boolean flat;
    /** The pieces of what was looked at as a whole need no alignment of their own. */
    private boolean relaxed;

    FpuOperand(Machine m) { this.m = m; }

    /** Points it at a new operand. */
    void at(int segment, int offset, boolean flat) {
        this.segment = segment;
        this.offset = offset;
        this.flat = flat;
        relaxed = false;
    }

    private long linear(int at, int bytes, boolean write) {
        if (m.trapped()) return -1; // the first fault is the one to be raised
        return flat ? offset + at & 0xFFFFFFFFL : m.linear(segment, offset + at, bytes, write);
    }

    @Override
    public int load16(int at) {
        long va = linear(at, 2, false);
        return va < 0 ? 0 : (int) load((int) va, 2);
    }

    @Override
    public long load32(int at) {
        long va = linear(at, 4, false);
        return va < 0 ? 0 : load((int) va, 4);
    }

    @Override
    public long load64(int at) {
        if (!relaxed && m.checksAlignment() && misaligned(at, 8, Mmu.READ)) return 0;
        if (!flat && linear(at, 8, false) < 0) return 0;
        long low = load32(at);
        return m.trapped() ? 0 : load32(at + 4) << 32 | low;
    }

    @Override
    public boolean faulted() { return m.trapped(); }

    @Override
    public boolean prepareLoad(int at, int bytes) { return prepare(at, bytes, Mmu.READ); }

    @Override
    public boolean prepareStore(int at, int bytes) { return prepare(at, bytes, Mmu.WRITE); }

    /**
     * Of what crosses into another page, processors tell where that begins; but an environment they probe at its first word and then at its last
     * byte, and the image of FXSAVE at its last byte and then at its first.
     */
    private boolean prepare(int at, int bytes, int access) {
        boolean write = access == Mmu.WRITE;
        int word = bytes <= LONGEST_NUMBER ? bytes : bytes % REGISTERS == ENVIRONMENT16 ? 2 : 4;
        long first = linear(at, word, write);
        if (first < 0 || m.misaligned((int) first, Math.min(word, 8))) return false;
        if (bytes <= LONGEST_NUMBER) return reaches((int) first, bytes, access);
        relaxed = true;
        if (linear(at, bytes, write) < 0) return false;
        if (bytes == IMAGE) return m.physical((int) first + bytes - 1, access) >= 0 && m.physical((int) first, access) >= 0;
        return reaches((int) first, word, access) && m.physical((int) first + bytes - 1, access) >= 0;
    }

    private boolean misaligned(int at, int bytes, int access) {
        long va = linear(at, bytes, access == Mmu.WRITE);
        return va < 0 || m.misaligned((int) va, bytes);
    }

    private boolean reaches(int va, int bytes, int access) {
        return m.physical(va, access) >= 0 && ((va & 0xFFF) + bytes <= 0x1000 || m.physical(va + bytes - 1 & ~0xFFF, access) >= 0);
    }

    @Override
    public boolean store16(int at, int value) { return store(at, value, 2); }

    @Override
    public boolean store32(int at, long value) { return store(at, (int) value, 4); }

    @Override
    public boolean store64(int at, long value) {
        if (!relaxed && !prepareStore(at, 8)) return false;
        return store(at, (int) value, 4) && store(at + 4, (int) (value >>> 32), 4);
    }

    private boolean store(int at, int value, int bytes) {
        long va = linear(at, bytes, true);
        if (va < 0) return false;
        int bank = m.bank;
        if (relaxed) m.bank = m.cpu.cpl == 3 ? SoftTlb.USER : bank;
        if (!m.store((int) va, value, bytes) && !m.trapped()) m.dropped();
        m.bank = bank;
        return !m.trapped();
    }

    private long load(int va, int bytes) {
        int bank = m.bank;
        if (relaxed) m.bank = m.cpu.cpl == 3 ? SoftTlb.USER : bank;
        long v = m.load(va, bytes);
        m.bank = bank;
        return v;
    }
}
