package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The SSE registers (Intel SDM volume 1, section 10.2): XMM0 to XMM7 in halves, and MXCSR. The MMX registers are the
 * significands of {@link FpuState}.
 */
public final class XmmState {
    /** MXCSR after reset: all exceptions masked, none raised, round to nearest. */
    public static final int MXCSR_RESET = 0x1F80;
    /** Bits of MXCSR that may be set; DAZ is among them. What FXSAVE reports as MXCSR_MASK. */
    public static final int MXCSR_MASK = 0xFFFF;

    /** Bits 0 to 63 of each register. */
    public final long[] low = new long[8];
    /** Bits 64 to 127. */
    public final long[] high = new long[8];
    /** Control and status. */
    public int mxcsr = MXCSR_RESET;

    /** Writes the unit. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < 8; i++) {
            out.writeLong(low[i]);
            out.writeLong(high[i]);
        }
        out.writeInt(mxcsr);
    }

    /** Reads what {@link #save} wrote. */
    public void load(DataInput in) throws IOException {
        for (int i = 0; i < 8; i++) {
            low[i] = in.readLong();
            high[i] = in.readLong();
        }
        mxcsr = in.readInt() & MXCSR_MASK;
    }
}
