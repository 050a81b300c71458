package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The x87 unit (Intel SDM volume 1, chapter 8): eight 80-bit registers in physical order, control, status and tag words.
 */
public final class FpuState {
    /** 64-bit significands of R0 to R7. */
    public final long[] significand = new long[8];
    /** Sign and exponent (16 bits) of R0 to R7. */
    public final int[] signExponent = new int[8];
    /** Control word; 0x37F after FNINIT. */
    public int control = 0x37F;
    /** Status word, TOP in bits 11 to 13. */
    public int status;
    /** Tag word, two bits a register, 3 = empty. */
    public int tag = 0xFFFF;
    /** Offset and selector of the last instruction, its opcode, and offset and selector of its operand. */
    public int lastIp, lastCs, lastOpcode, lastDp, lastDs;

    /** FNINIT. */
    public void init() {
        control = 0x37F;
        status = 0;
        tag = 0xFFFF;
        lastIp = lastCs = lastOpcode = lastDp = lastDs = 0;
    }

    /** Exchanges the numbers in R{@code a} and R{@code b}; tags stay. */
    public void exchange(int a, int b) {
        int se = signExponent[a];
        long sig = significand[a];
        signExponent[a] = signExponent[b];
        significand[a] = significand[b];
        signExponent[b] = se;
        significand[b] = sig;
    }

    /** Writes the unit. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < 8; i++) {
            out.writeLong(significand[i]);
            out.writeInt(signExponent[i]);
        }
        for (int w : new int[] {control, status, tag, lastIp, lastCs, lastOpcode, lastDp, lastDs}) out.writeInt(w);
    }

    /** Reads what {@link #save} wrote. */
    public void load(DataInput in) throws IOException {
        for (int i = 0; i < 8; i++) {
            significand[i] = in.readLong();
            signExponent[i] = in.readInt() & 0xFFFF;
        }
        control = in.readInt() & 0xFFFF;
        status = in.readInt() & 0xFFFF;
        tag = in.readInt() & 0xFFFF;
        lastIp = in.readInt();
        lastCs = in.readInt();
        lastOpcode = in.readInt();
        lastDp = in.readInt();
        lastDs = in.readInt();
    }
}
