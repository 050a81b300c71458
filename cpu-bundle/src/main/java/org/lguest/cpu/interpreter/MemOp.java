package org.lguest.cpu.interpreter;

import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn;

/**
 * An operation with a memory operand. The loads and stores here are the hot path of everything: effective address, a tag
 * of the SoftTlb, the access. Loads answer with the value zero-extended, or a negative number when a fault was left.
 */
abstract class MemOp extends Op {
    final int base, index, scale, disp, segment;
    /** The segment needs checking, or the address is of 16 bits. */
    final boolean checked;
    final boolean address16;

    MemOp(Insn i, boolean flat) {
        super(i);
        base = i.base;
        index = i.index;
        scale = i.scale;
        disp = i.disp;
        segment = i.segment < 0 ? SegmentState.DS : i.segment;
        address16 = i.addressSize == 16;
        checked = address16 || !flat || segment != SegmentState.DS && segment != SegmentState.SS && segment != SegmentState.ES;
    }

    /** The offset in the segment. */
    final int offset(Machine m) {
        int[] r = m.gpr;
        int ea = r[base] + (r[index] << scale) + disp;
        return address16 ? ea & 0xFFFF : ea;
    }

    final long load8(Machine m) { return checked ? m.segmentLoad8(segment, offset(m)) : m.load8(offset(m)); }

    final long load16(Machine m) { return checked ? m.segmentLoad16(segment, offset(m)) : m.load16(offset(m)); }

    final long load32(Machine m) { return checked ? m.segmentLoad32(segment, offset(m)) : m.load32(offset(m)); }

    /** Loads what {@link Machine#storeBack8} will overwrite: faults now if that could. */
    final long modify8(Machine m) { return checked ? m.segmentModify(segment, offset(m), 1) : m.modify8(offset(m)); }

    final long modify16(Machine m) { return checked ? m.segmentModify(segment, offset(m), 2) : m.modify16(offset(m)); }

    final long modify32(Machine m) { return checked ? m.segmentModify(segment, offset(m), 4) : m.modify32(offset(m)); }

    final boolean store8(Machine m, int v) { return checked ? m.segmentStore(segment, offset(m), v, 1) : m.store8(offset(m), v); }

    final boolean store16(Machine m, int v) { return checked ? m.segmentStore(segment, offset(m), v, 2) : m.store16(offset(m), v); }

    final boolean store32(Machine m, int v) { return checked ? m.segmentStore(segment, offset(m), v, 4) : m.store32(offset(m), v); }
}
