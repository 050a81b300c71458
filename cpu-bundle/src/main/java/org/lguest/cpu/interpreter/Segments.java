package org.lguest.cpu.interpreter;

import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.SegmentState;

/**
 * M:134 Segments, an idea of 1982 that no kernel of today wants and none can avoid. A segment register holds a number, and behind it, out of sight,
 * base, limit and rights from the descriptor of that number. All checks are made when it is loaded, which is rare; an access then only
 * compares. A Linux kernel uses segments that begin at 0 and end at the end, with one exception, thread-local storage; and rings are a
 * property of segments, so it is here that ring 1 and ring 3 are told apart.
 *
 * <p>The checks are those of Intel SDM volume 3, sections 5.6 to 5.8, and volume 2 at MOV, POP, Jcc, CALL, RET and IRET. There is no LDT: a
 * selector that names it is beyond any limit.
 */
final class Segments {
    private static final int[] DATA = {SegmentState.ES, SegmentState.DS, SegmentState.FS, SegmentState.GS};

    private Segments() { }

    /** Table index of a selector, or -1 when it names the LDT or lies beyond the table. */
    static int index(int selector) {
        int n = selector >>> 3;
        return (selector & 4) != 0 || n >= DescriptorTable.ENTRIES ? -1 : n;
    }

    /** Whether a selector is null: index 0 of the GDT, any RPL. */
    static boolean isNull(int selector) { return (selector & 0xFFFC) == 0; }

    /** High word of a selector's descriptor; 0 when there is none. */
    static int high(Machine m, int selector) {
        int n = index(selector);
        return n <= 0 ? 0 : m.guest.descriptors().high(n);
    }

    /** Puts the descriptor of a checked selector into a register. */
    static void set(Machine m, int register, int selector) {
        DescriptorTable t = m.guest.descriptors();
        int n = index(selector);
        m.cpu.seg[register].load(selector, t.low(n), t.high(n));
    }

    /** Loads any register but CS. False with a trap left; then nothing has changed. */
    static boolean load(Machine m, int register, int selector) {
        return register == SegmentState.SS ? loadStack(m, selector, m.cpu.cpl, 12) : loadData(m, register, selector);
    }

    /**
     * Loads SS for a privilege level.
     *
     * @param absent the trap for a segment that is not present
     */
    static boolean loadStack(Machine m, int selector, int cpl, int absent) {
        if (isNull(selector)) return m.trap(13, 0);
        int error = selector & 0xFFFC;
        int high = high(m, selector);
        boolean writable = (high & 0x1A00) == 0x1200;
        if ((selector & 3) != cpl || !writable || (high >>> 13 & 3) != cpl) return m.trap(13, error);
        if ((high & 0x8000) == 0) return m.trap(absent, error);
        set(m, SegmentState.SS, selector);
        return true;
    }

    private static boolean loadData(Machine m, int register, int selector) {
        if (isNull(selector)) {
            m.cpu.seg[register].clear(selector);
            return true;
        }
        int error = selector & 0xFFFC;
        int high = high(m, selector);
        boolean code = (high & 0x1800) == 0x1800;
        boolean usable = (high & 0x1000) != 0 && (!code || (high & 0x200) != 0);
        boolean conforming = code && (high & 0x400) != 0;
        int dpl = high >>> 13 & 3;
        if (!usable || !conforming && ((selector & 3) > dpl || m.cpu.cpl > dpl)) return m.trap(13, error);
        if ((high & 0x8000) == 0) return m.trap(11, error);
        set(m, register, selector);
        return true;
    }

    /**
     * Checks a code segment as the target of a far jump or call at the same privilege. False with a trap left.
     */
    static boolean checkCode(Machine m, int selector) {
        int error = selector & 0xFFFC;
        int high = high(m, selector);
        int dpl = high >>> 13 & 3;
        int cpl = m.cpu.cpl;
        boolean conforming = (high & 0x400) != 0;
        boolean allowed = (high & 0x1800) == 0x1800 && (conforming ? dpl <= cpl : (selector & 3) <= cpl && dpl == cpl);
        if (!allowed && !task(high, Math.max(cpl, selector & 3))) return m.trap(13, error);
        return (high & 0x8000) != 0 ? allowed || m.trap(13, error) : m.trap(11, error);
    }

    /** Whether a descriptor names a task that a privilege may switch to: an available TSS, or a task gate. */
    private static boolean task(int high, int privilege) {
        int type = high >>> 8 & 0x1F;
        return (type == 1 || type == 5 || type == 9) && (high >>> 13 & 3) >= privilege;
    }

    /** Checks a code segment as the target of a return to the privilege of its selector. False with a trap left. */
    static boolean checkReturn(Machine m, int selector) {
        int error = selector & 0xFFFC;
        if (isNull(selector)) return m.trap(13, 0);
        int high = high(m, selector);
        int dpl = high >>> 13 & 3;
        int rpl = selector & 3;
        boolean conforming = (high & 0x400) != 0;
        boolean allowed = (high & 0x1800) == 0x1800 && rpl >= m.cpu.cpl && (conforming ? dpl <= rpl : dpl == rpl);
        if (!allowed) return m.trap(13, error);
        return (high & 0x8000) != 0 || m.trap(11, error);
    }

    /** Sets CS and CPL from a checked selector. */
    static void setCode(Machine m, int selector, int cpl) {
        set(m, SegmentState.CS, selector & 0xFFFC | cpl);
        m.cpu.cpl = cpl;
    }

    /** After a return to an outer ring: data segments that the new privilege may not use become null. */
    static void dropPrivilegedData(Machine m) {
        for (int r : DATA) {
            SegmentState s = m.cpu.seg[r];
            boolean conforming = s.code() && (s.access & 4) != 0;
            if (s.usable() && !conforming && s.dpl() < m.cpu.cpl) s.clear(0);
        }
    }

    /** The limit in bytes that a descriptor would give. */
    static int limit(int low, int high) {
        int raw = low & 0xFFFF | high & 0xF0000;
        return (high & 0x800000) != 0 ? raw << 12 | 0xFFF : raw;
    }

    /** Whether an EIP is inside the code segment of a selector. */
    static boolean inside(Machine m, int selector, int eip) {
        int n = index(selector);
        return Integer.compareUnsigned(eip, limit(m.guest.descriptors().low(n), m.guest.descriptors().high(n))) <= 0;
    }
}
