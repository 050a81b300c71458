package org.lguest.cpu.tiered;

import org.lguest.api.state.CpuState;
import org.lguest.cpu.interpreter.Leave;
import org.lguest.cpu.x87.FpuMemory;
import org.lguest.cpu.x87.X87;

/**
 * Does for generated code the x87 instructions that {@link org.lguest.cpu.x87.Ordinary} declines, with the whole unit: infinities and denormals,
 * other ways of rounding, unmasked exceptions; and functions. Memory has been read before, or will be written behind, so nothing faults here. One guest has one;
 * its vCPU thread uses it. An opcode has 11 bits: the low three of the first byte, then the second byte.
 */
public final class Unusual implements FpuMemory {
    /** Control word: all exceptions are masked. */
    private static final int MASKS = 0x3F;

    private final CpuState cpu;
    private final X87 unit;
    private long operand;

    /** For the unit of a CPU. */
    public Unusual(CpuState cpu) {
        this.cpu = cpu;
        unit = new X87(cpu.fpu);
    }

    /** An instruction without memory and without anything to do with flags. */
    public void register(int opcode) { done(unit.register(opcode >>> 8, opcode & 0xFF, cpu, 0)); }

    /** One that reads an operand, of 64 bits at most. */
    public void memory(int opcode, long read) {
        operand = read;
        done(unit.memory(opcode >>> 8, opcode >>> 3 & 7, this, true));
    }

    /** One that writes an operand, and always does. */
    public long store(int opcode) {
        if ((cpu.fpu.control & MASKS) != MASKS) throw Leave.NOW;
        memory(opcode, 0);
        return operand;
    }

    private static void done(int outcome) {
        if (outcome != X87.DONE) throw Leave.NOW;
    }

    @Override
    public int load16(int offset) { return (int) operand & 0xFFFF; }

    @Override
    public long load32(int offset) { return operand & 0xFFFFFFFFL; }

    @Override
    public long load64(int offset) { return operand; }

    @Override
    public boolean faulted() { return false; }

    @Override
    public boolean prepareLoad(int offset, int bytes) { return true; }

    @Override
    public boolean prepareStore(int offset, int bytes) { return true; }

    @Override
    public boolean store16(int offset, int value) { return store64(offset, value); }

    @Override
    public boolean store32(int offset, long value) { return store64(offset, value); }

    @Override
    public boolean store64(int offset, long value) {
        operand = value;
        return true;
    }
}
