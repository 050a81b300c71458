package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.table.X86Table.Row;

/** One instruction while it is being invented, and the state that suits it. */
final class Draft {
    final Row row;
    final SplittableRandom random;
    final int[] gpr;
    final int[] selectors;
    final List<Patch> patches;
    final ByteArrayOutputStream code = new ByteArrayOutputStream();
    int eflags;
    /** Bits, after prefixes. */
    int operandSize = 32, addressSize = 32;
    /** Segment register of a prefix, or -1; 0, 0xF2 or 0xF3; LOCK. */
    int overridden = -1, repeat;
    boolean lock;
    /** Register numbers whose value has a purpose: one bit each. */
    int reserved = 1 << ESP;
    /** Register numbers that instructions before this one have changed. */
    int unknown;
    /** Registers that instructions before this one rely on. */
    int shared;
    /** The ModRM operand: memory at this linear address, or a register. */
    boolean memory;
    int target, rm, reg;
    /** What the ModRM byte of an x87 instruction is to be, as {@link Generator#next} has it. */
    int form = -1;
    /** Linear address where the instruction starts. */
    int eip;
    /** Floating-point state, if anybody asks for it. */
    FpuImage fpu;
    /** A value to use as immediate or displacement, instead of any. */
    Integer immediate;

    Draft(Row row, SplittableRandom random) {
        this.row = row;
        this.random = random;
        gpr = new int[9];
        selectors = new int[] {World.USER_DS, World.USER_CS, World.USER_DS, World.USER_DS, 0, 0};
        patches = new ArrayList<>();
        for (int i = 0; i < 8; i++) gpr[i] = Values.edge(random);
        eflags = random.nextInt() & (ARITHMETIC | DF) | (once(40) ? TF : 0) | (once(20) ? AC : 0);
    }

    /** One more instruction for the same state. */
    Draft(Row row, Draft before) {
        this.row = row;
        random = before.random;
        gpr = before.gpr;
        selectors = before.selectors;
        patches = before.patches;
        fpu = before.fpu;
        eflags = before.eflags;
        reserved = before.reserved;
        unknown = before.unknown;
        shared = reserved | unknown;
    }

    boolean once(int n) { return Values.once(random, n); }

    int pick(int... of) { return of[random.nextInt(of.length)]; }

    /** Puts a value of some bytes into memory. */
    void patch(int address, int value, int bytes) {
        byte[] b = new byte[bytes];
        for (int n = 0; n < bytes; n++) b[n] = (byte) (value >>> 8 * n);
        patch(address, b);
    }

    /** Puts bytes into memory, those that fall into writable data. */
    void patch(int address, byte[] bytes) {
        for (int from = 0; from < bytes.length;) {
            int to = from;
            while (to < bytes.length && patchable(address + to)) to++;
            if (to > from) patches.add(new Patch(address + from, java.util.Arrays.copyOfRange(bytes, from, to), false));
            from = to + 1;
        }
    }

    private static boolean patchable(int va) { return World.DATA.contains(va) || World.STACK.contains(va); }

    /** Gives a register a purpose. */
    void set(int register, int value) {
        if ((shared & 1 << register) != 0) return;
        gpr[register] = value;
        reserved |= 1 << register;
    }

    /** Sets the low part of a register. */
    void set(int register, int value, int bits) {
        int mask = bits == 32 ? -1 : (1 << bits) - 1;
        set(register, gpr[register] & ~mask | value & mask);
    }

    /** The linear address of the top of the stack. */
    int stackTop() { return World.base(selectors[SegmentState.SS]) + (stack16() ? gpr[ESP] & 0xFFFF : gpr[ESP]); }

    /** Whether SP is the stack pointer. */
    boolean stack16() { return selectors[SegmentState.SS] == World.STACK16; }

    /** Whether code is of 16 bits without prefixes. */
    boolean code16() { return selectors[SegmentState.CS] == World.CODE16; }

    /** A linear address in code that nothing but INT3 is at, as far as can be known. */
    int codeTarget() { return World.CODE.address() + random.nextInt(World.CODE.bytes()); }

    /** The same as an offset in CS. */
    int nearTarget() { return codeTarget() - World.base(selectors[SegmentState.CS]); }

    /** Some selector: good, null, of the wrong kind, beyond the tables. Never one that leads out of 32-bit mode. */
    int selector() {
        return switch (random.nextInt(4)) {
            case 0 -> pick(World.USER_DS, World.USER_DS, World.USER_CS);
            case 1 -> pick(World.LIMITED, World.DOWN, World.READ_ONLY, World.USER_DS);
            case 2 -> pick(0, 1, 2, 3, 0x28, 0x29, 0x2A, 0x60, 0x61, 0x68, 0x70, 0x72);
            default -> pick(0x08, 0x10, 0x18, 0x1B, 0xFFFF, 0xFFF8, 0x1000, 0x37, 0x07, 0x44, 0x100, 0x103);
        };
    }

    /** A selector for CS: as {@link #selector}, mostly the right one, never the 64-bit one. */
    int codeSelector() { return once(4) ? selector() : World.USER_CS; }
}
