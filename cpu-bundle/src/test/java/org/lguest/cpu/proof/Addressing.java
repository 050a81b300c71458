package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import org.lguest.api.state.SegmentState;
import org.lguest.cpu.proof.World.Area;

/** ModRM, SIB and displacement for an address that was chosen first: registers are bent until they give it. */
final class Addressing {
    private static final int[] BASE16 = {EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX};
    private static final int[] INDEX16 = {ESI, EDI, ESI, EDI, ZERO, ZERO, ZERO, ZERO};
    private static final int NEAR = 48;

    private final Draft d;

    Addressing(Draft d) { this.d = d; }

    /** An address for an operand: inside pages, across their borders, in holes, in read-only memory. */
    int target() {
        Area a = World.DATA;
        return switch (d.random.nextInt(20)) {
            case 0, 1 -> a.address() + 0x1000 - d.random.nextInt(9);
            case 2 -> a.end() - d.random.nextInt(12);
            case 3 -> a.address() - d.random.nextInt(12) + 3;
            case 4 -> World.CONSTANT.address() + d.random.nextInt(World.CONSTANT.bytes());
            case 5 -> World.STACK.address() + d.random.nextInt(World.STACK.bytes());
            case 6 -> d.once(2) ? d.pick(0, -16, 0x80000000, 0x402000, 0x40C000, 0xFFFF, 0x10000) : World.SEGMENTS.get(0).base() + World.SEGMENTS.get(0).limit() - d.random.nextInt(12) + 6;
            default -> a.address() + d.random.nextInt(a.bytes() - 16);
        };
    }

    /** Writes ModRM and what belongs to it for the memory operand at {@link Draft#target}. */
    void memory(int reg) {
        if (d.addressSize == 16) memory16(reg);
        else memory32(reg);
    }

    private int offset(int segment) {
        int actual = d.overridden >= 0 ? d.overridden : segment;
        return d.target - World.base(d.selectors[actual]);
    }

    private void memory32(int reg) {
        for (int tries = 0;; tries++) {
            int mod = d.random.nextInt(3);
            int rm = d.random.nextInt(8);
            int sib = rm == 4 ? d.random.nextInt(256) : -1;
            int base = rm == 4 ? sib & 7 : rm;
            int index = rm == 4 && (sib >>> 3 & 7) != 4 ? sib >>> 3 & 7 : ZERO;
            int scale = index == ZERO ? 0 : sib >>> 6;
            boolean none = mod == 0 && base == 5;
            if ((d.unknown >>> index & 1) != 0 || !none && (d.unknown >>> base & 1) != 0) continue;
            int offset = offset(!none && (base == ESP || base == EBP) ? SegmentState.SS : SegmentState.DS);
            int disp = mod == 1 ? d.random.nextInt(-128, 128) : 0;
            if (none) disp = offset - (d.gpr[index] << scale);
            else if (mod == 2) disp = offset - d.gpr[base] - (d.gpr[index] << scale);
            else if ((d.reserved >>> base & 1) != 0 || base == index) {
                if (tries < 6) continue;
            } else d.gpr[base] = offset - disp - (d.gpr[index] << scale);
            d.reserved |= (none ? 0 : 1 << base) | 1 << index;
            d.target = World.base(d.selectors[segment(none || base != ESP && base != EBP)]) + (none ? 0 : d.gpr[base]) + (d.gpr[index] << scale) + disp;
            d.code.write(mod << 6 | reg << 3 | rm);
            if (sib >= 0) d.code.write(sib);
            displacement(disp, none || mod == 2 ? 4 : mod);
            return;
        }
    }

    private int segment(boolean data) { return d.overridden >= 0 ? d.overridden : data ? SegmentState.DS : SegmentState.SS; }

    private void memory16(int reg) {
        int mod = d.random.nextInt(3);
        int rm = d.random.nextInt(8);
        if ((d.unknown >>> BASE16[rm] & 1) != 0 || (d.unknown >>> INDEX16[rm] & 1) != 0) {
            mod = 0;
            rm = 6;
        }
        boolean none = mod == 0 && rm == 6;
        int base = none ? ZERO : BASE16[rm];
        int index = none ? ZERO : INDEX16[rm];
        boolean data = base != EBP;
        int segment = segment(data);
        if (segment != SegmentState.CS && segment != SegmentState.SS && d.shared == 0 && !d.once(8)) d.selectors[segment] = d.pick(World.LIMITED, World.LIMITED, World.DOWN, World.READ_ONLY);
        int offset = offset(data ? SegmentState.DS : SegmentState.SS) & 0xFFFF;
        int disp = mod == 1 ? d.random.nextInt(-128, 128) : d.random.nextInt(-NEAR, NEAR);
        if (mod == 0) disp = 0;
        if (none) disp = offset;
        else if ((d.reserved >>> base & 1) == 0) d.gpr[base] = d.gpr[base] & 0xFFFF0000 | offset - disp - d.gpr[index] & 0xFFFF;
        else if (mod == 2) disp = offset - d.gpr[base] - d.gpr[index];
        d.reserved |= 1 << base | 1 << index;
        d.target = World.base(d.selectors[segment]) + (d.gpr[base] + d.gpr[index] + disp & 0xFFFF);
        d.code.write(mod << 6 | reg << 3 | rm);
        displacement(disp, none ? 2 : mod);
    }

    private void displacement(int disp, int bytes) {
        for (int n = 0; n < bytes; n++) d.code.write(disp >>> 8 * n);
    }

    /** Makes a register point to an address through a segment, for string instructions and their like. */
    void point(int register, int segment, int address) {
        if (d.shared == 0 && d.addressSize == 16 && segment != SegmentState.CS && segment != SegmentState.SS && !d.once(8))
            d.selectors[segment] = d.pick(World.LIMITED, World.LIMITED, World.DOWN, World.READ_ONLY);
        d.set(register, address - World.base(d.selectors[segment]), d.addressSize);
    }
}
