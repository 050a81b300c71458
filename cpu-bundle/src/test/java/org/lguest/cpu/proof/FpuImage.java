package org.lguest.cpu.proof;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;

/**
 * The x87, MMX and SSE state in the layout of FXSAVE, 32-bit form (Intel SDM volume 1, section 10.5.1), little-endian:
 * <pre>
 * 0 control  2 status  4 a bit for each full register  6 opcode  8 last IP  16 last DP  24 MXCSR  32 + 16i ST(i)  160 + 16i XMMi
 * </pre>
 * Selectors of the pointers are left out: 64-bit kernels lose them when they switch from one process to another.
 */
final class FpuImage {
    static final int BYTES = 288, CONTROL = 0, STATUS = 2, TAG = 4, OPCODE = 6, IP = 8, DP = 16, MXCSR = 24, REGISTERS = 32, XMM = 160;
    private static final int RESET_CONTROL = 0x37F, RESET_MXCSR = 0x1F80;
    private static final int PENDING = 0x80;
    private static final int VALUE = 10, SLOT = 16;

    private final byte[] bytes;
    private final ByteBuffer b;

    /** @param bytes the image; not copied */
    FpuImage(byte[] bytes) {
        if (bytes.length != BYTES) throw new IllegalArgumentException(bytes.length + " bytes");
        this.bytes = bytes;
        b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** As after FNINIT, with zeros in the registers. */
    static FpuImage reset() {
        var i = new FpuImage(new byte[BYTES]);
        i.b.putShort(CONTROL, (short) RESET_CONTROL).putInt(MXCSR, RESET_MXCSR);
        return i;
    }

    /** Pointers are saved only while an exception is pending: that is what a processor of the make that we compare with does. */
    private FpuImage pointers() {
        return (status() & PENDING) != 0 ? this : word(OPCODE, 0).dword(IP, 0).dword(DP, 0);
    }

    /** What a processor saved, without fields that are not compared. */
    static FpuImage compared(byte[] saved) {
        var i = new FpuImage(saved);
        i.word(TAG, i.word(TAG) & 0xFF).dword(IP + 4, 0).dword(DP + 4, 0).dword(MXCSR + 4, 0);
        for (int n = 0; n < 8; n++) i.word(REGISTERS + SLOT * n + VALUE, 0).dword(REGISTERS + SLOT * n + VALUE + 2, 0);
        return i.pointers();
    }

    /** The bytes themselves. */
    byte[] bytes() { return bytes; }

    FpuImage copy() { return new FpuImage(bytes.clone()); }

    int word(int at) { return b.getShort(at) & 0xFFFF; }

    int dword(int at) { return b.getInt(at); }

    long qword(int at) { return b.getLong(at); }

    FpuImage word(int at, int value) {
        b.putShort(at, (short) value);
        return this;
    }

    FpuImage dword(int at, int value) {
        b.putInt(at, value);
        return this;
    }

    FpuImage qword(int at, long value) {
        b.putLong(at, value);
        return this;
    }

    int control() { return word(CONTROL); }

    int status() { return word(STATUS); }

    int mxcsr() { return dword(MXCSR); }

    int top() { return status() >>> 11 & 7; }

    /** Whether ST(i) is empty. */
    boolean empty(int i) { return (word(TAG) >>> (top() + i & 7) & 1) == 0; }

    /** Sign and exponent of ST(i). */
    int signExponent(int i) { return word(REGISTERS + SLOT * i + 8); }

    long significand(int i) { return qword(REGISTERS + SLOT * i); }

    void st(int i, int signExponent, long significand) { qword(REGISTERS + SLOT * i, significand).word(REGISTERS + SLOT * i + 8, signExponent); }

    /** Gives an engine's units this state. */
    void to(CpuState cpu) {
        FpuState f = cpu.fpu;
        f.control = control();
        f.status = status();
        f.tag = 0;
        for (int r = 0; r < 8; r++) if ((word(TAG) >>> r & 1) == 0) f.tag |= 3 << 2 * r;
        for (int i = 0; i < 8; i++) {
            f.significand[top() + i & 7] = significand(i);
            f.signExponent[top() + i & 7] = signExponent(i);
        }
        f.lastOpcode = word(OPCODE);
        f.lastIp = dword(IP);
        f.lastDp = dword(DP);
        f.lastCs = f.lastDs = 0;
        cpu.xmm.mxcsr = mxcsr();
        for (int i = 0; i < 8; i++) {
            cpu.xmm.low[i] = qword(XMM + SLOT * i);
            cpu.xmm.high[i] = qword(XMM + SLOT * i + 8);
        }
    }

    /** What an engine's units have. */
    static FpuImage of(CpuState cpu) {
        FpuState f = cpu.fpu;
        var i = new FpuImage(new byte[BYTES]);
        i.word(CONTROL, f.control).word(STATUS, f.status).word(OPCODE, f.lastOpcode).dword(IP, f.lastIp).dword(DP, f.lastDp).dword(MXCSR, cpu.xmm.mxcsr);
        for (int n = 0; n < 8; n++) i.qword(XMM + SLOT * n, cpu.xmm.low[n]).qword(XMM + SLOT * n + 8, cpu.xmm.high[n]);
        for (int r = 0; r < 8; r++) {
            if ((f.tag >>> 2 * r & 3) != 3) i.word(TAG, i.word(TAG) | 1 << r);
            i.st(r, f.signExponent[i.top() + r & 7], f.significand[i.top() + r & 7]);
        }
        return i.pointers();
    }

    /**
     * The frame that {@code sigreturn} takes floating-point state from: a 32-bit FNSAVE image of 108 bytes, four bytes that say nothing, and this.
     */
    void putFrame(ByteBuffer to) {
        int tag = 0;
        for (int r = 0; r < 8; r++) if ((word(TAG) >>> r & 1) == 0) tag |= 3 << 2 * r;
        to.putInt(control()).putInt(status()).putInt(tag).putInt(dword(IP)).putInt(word(OPCODE) << 16).putInt(dword(DP)).putInt(0);
        for (int i = 0; i < 8; i++) to.put(bytes, REGISTERS + SLOT * i, VALUE);
        to.putInt(0).put(bytes);
    }

    /** What differs, or null. */
    String difference(FpuImage other) {
        var s = new StringBuilder();
        differ(s, "control", control(), other.control());
        differ(s, "status", status(), other.status());
        differ(s, "tag", word(TAG), other.word(TAG));
        differ(s, "opcode", word(OPCODE), other.word(OPCODE));
        differ(s, "ip", dword(IP), other.dword(IP));
        differ(s, "dp", dword(DP), other.dword(DP));
        differ(s, "mxcsr", mxcsr(), other.mxcsr());
        for (int i = 0; i < 8; i++) if (!st(i).equals(other.st(i))) s.append(" st").append(i).append(' ').append(st(i)).append(" / ").append(other.st(i));
        for (int i = 0; i < 8; i++) if (!xmm(i).equals(other.xmm(i))) s.append(" xmm").append(i).append(' ').append(xmm(i)).append(" / ").append(other.xmm(i));
        return s.isEmpty() ? null : s.toString();
    }

    private static void differ(StringBuilder s, String name, int a, int b) {
        if (a != b) s.append(String.format(" %s %x / %x", name, a, b));
    }

    private String st(int i) { return String.format("%04x:%016x", signExponent(i), significand(i)); }

    private String xmm(int i) { return String.format("%016x:%016x", qword(XMM + SLOT * i + 8), qword(XMM + SLOT * i)); }

    @Override
    public boolean equals(Object o) { return o instanceof FpuImage i && Arrays.equals(bytes, i.bytes); }

    @Override
    public int hashCode() { return Arrays.hashCode(bytes); }

    @Override
    public String toString() {
        var s = new StringBuilder(String.format("control=%04x status=%04x tag=%02x opcode=%03x ip=%08x dp=%08x mxcsr=%04x", control(), status(), word(TAG), word(OPCODE), dword(IP), dword(DP), mxcsr()));
        for (int i = 0; i < 8; i++) s.append(" st").append(i).append('=').append(st(i)).append(empty(i) ? "(empty)" : "");
        for (int i = 0; i < 8; i++) if (qword(XMM + SLOT * i) != 0 || qword(XMM + SLOT * i + 8) != 0) s.append(" xmm").append(i).append('=').append(xmm(i));
        return s.toString();
    }
}
