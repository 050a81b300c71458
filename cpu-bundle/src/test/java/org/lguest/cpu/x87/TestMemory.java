package org.lguest.cpu.x87;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A memory operand in an array; everything from {@link #end} on faults. */
final class TestMemory implements FpuMemory {
    final ByteBuffer bytes;
    int end;
    private boolean faulted;

    TestMemory(int size) {
        bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        end = size;
    }

    private boolean reaches(int offset, int size) {
        if (offset + size > end) faulted = true;
        return offset + size <= end;
    }

    @Override
    public int load16(int offset) { return reaches(offset, 2) ? bytes.getShort(offset) & 0xFFFF : 0x5A5A; }

    @Override
    public long load32(int offset) { return reaches(offset, 4) ? bytes.getInt(offset) & 0xFFFFFFFFL : 0x5A5A5A5AL; }

    @Override
    public long load64(int offset) { return reaches(offset, 8) ? bytes.getLong(offset) : 0x5A5A5A5A5A5A5A5AL; }

    @Override
    public boolean faulted() { return faulted; }

    @Override
    public boolean prepareLoad(int offset, int size) { return reaches(offset, size); }

    @Override
    public boolean prepareStore(int offset, int size) { return reaches(offset, size); }

    @Override
    public boolean store16(int offset, int value) {
        if (!reaches(offset, 2)) return false;
        bytes.putShort(offset, (short) value);
        return true;
    }

    @Override
    public boolean store32(int offset, long value) {
        if (!reaches(offset, 4)) return false;
        bytes.putInt(offset, (int) value);
        return true;
    }

    @Override
    public boolean store64(int offset, long value) {
        if (!reaches(offset, 8)) return false;
        bytes.putLong(offset, value);
        return true;
    }
}
