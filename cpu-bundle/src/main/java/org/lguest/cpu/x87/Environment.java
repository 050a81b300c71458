package org.lguest.cpu.x87;

import static org.lguest.cpu.x87.Float80.*;

import org.lguest.api.state.FpuState;

/**
 * The unit's environment and whole state in memory, in the protected-mode formats (Intel SDM volume 1, section 8.1.10), and the x87 part of the
 * FXSAVE image (section 10.5.1). Methods return false if memory faulted; then nothing has changed.
 *
 * <pre>
 * environment, 32-bit: 0 control, 4 status, 8 tag, 12 last IP, 16 last CS (0-15) and opcode (16-26), 20 last DP, 24 last DS; 28 bytes
 * environment, 16-bit: 0 control, 2 status, 4 tag, 6 last IP, 8 last CS, 10 last DP, 12 last DS; 14 bytes
 * then, for the whole state: ST(0) to ST(7), ten bytes each
 * FXSAVE: 0 control, 2 status, 4 a bit for each full register, 6 opcode, 8 last IP, 12 CS, 16 last DP, 20 DS, 32 + 16i ST(i)
 * </pre>
 */
final class Environment {
    private static final int REGISTERS = 80;

    private final Stack s;
    private final FpuState f;
    private final int[] exponents = new int[8];
    private final long[] significands = new long[8];

    Environment(Stack s) {
        this.s = s;
        f = s.f;
    }

    /** FNSTENV: afterwards all exceptions are masked. */
    boolean storeEnvironment(FpuMemory m, boolean wide) {
        if (!m.prepareStore(0, wide ? 28 : 14) || !writeEnvironment(m, wide)) return false;
        f.control |= EXCEPTIONS;
        s.summarize();
        return true;
    }

    /** FNSAVE: afterwards as after FNINIT. */
    boolean save(FpuMemory m, boolean wide) {
        int base = wide ? 28 : 14;
        if (!m.prepareStore(0, base + REGISTERS) || !writeEnvironment(m, wide)) return false;
        for (int i = 0; i < 8; i++) {
            int r = s.at(i);
            if (!m.store64(base + 10 * i, f.significand[r]) || !m.store16(base + 10 * i + 8, f.signExponent[r])) return false;
        }
        f.init();
        return true;
    }

    private boolean writeEnvironment(FpuMemory m, boolean wide) {
        int tag = fullTag();
        if (!wide) {
            return m.store16(0, f.control) && m.store16(2, f.status) && m.store16(4, tag) && m.store16(6, f.lastIp) && m.store16(8, f.lastCs)
                && m.store16(10, f.lastDp) && m.store16(12, f.lastDs);
        }
        long upper = 0xFFFF0000L;
        return m.store32(0, upper | f.control) && m.store32(4, upper | f.status) && m.store32(8, upper | tag) && m.store32(12, f.lastIp)
            && m.store32(16, f.lastCs & 0xFFFF | (long) (f.lastOpcode & 0x7FF) << 16) && m.store32(20, f.lastDp)
            && m.store32(24, upper | f.lastDs & 0xFFFF);
    }

    /** The tag word with its finer classes: 0 valid, 1 zero, 2 special (NaN, infinity, denormal, unsupported), 3 empty. */
    private int fullTag() {
        int tag = 0;
        for (int r = 0; r < 8; r++) tag |= (s.empty(r) ? 3 : tagOf(f.signExponent[r], f.significand[r])) << 2 * r;
        return tag;
    }

    private static int tagOf(int se, long sig) {
        if (isNormal(se, sig)) return 0;
        return isZero(se, sig) ? 1 : 2;
    }

    /** FLDENV. */
    boolean loadEnvironment(FpuMemory m, boolean wide) {
        return m.prepareLoad(0, wide ? 28 : 14) && (wide ? readEnvironment32(m) : readEnvironment16(m));
    }

    private boolean readEnvironment32(FpuMemory m) {
        int control = (int) m.load32(0), status = (int) m.load32(4), tag = (int) m.load32(8), ip = (int) m.load32(12);
        int cs = (int) m.load32(16), dp = (int) m.load32(20), ds = (int) m.load32(24);
        if (m.faulted()) return false;
        set(control, status, tag);
        f.lastIp = ip;
        f.lastCs = cs & 0xFFFF;
        f.lastOpcode = cs >>> 16 & 0x7FF;
        f.lastDp = dp;
        f.lastDs = ds & 0xFFFF;
        return true;
    }

    private boolean readEnvironment16(FpuMemory m) {
        int control = m.load16(0), status = m.load16(2), tag = m.load16(4), ip = m.load16(6), cs = m.load16(8), dp = m.load16(10), ds = m.load16(12);
        if (m.faulted()) return false;
        set(control, status, tag);
        f.lastIp = ip;
        f.lastCs = cs;
        f.lastOpcode = 0;
        f.lastDp = dp;
        f.lastDs = ds;
        return true;
    }

    private void set(int control, int status, int tag) {
        control(control);
        f.status = status & 0xFFFF;
        int empty = tag & tag >>> 1 & 0x5555;
        f.tag = empty | empty << 1;
        s.summarize();
    }

    /** What a control word becomes when loaded: reserved bits keep their reset values. */
    void control(int word) {
        f.control = word & 0x1F3F | 0x40;
    }

    /** FRSTOR. */
    boolean restore(FpuMemory m, boolean wide) {
        int base = wide ? 28 : 14;
        if (!m.prepareLoad(0, base + REGISTERS)) return false;
        for (int i = 0; i < 8; i++) {
            significands[i] = m.load64(base + 10 * i);
            exponents[i] = m.load16(base + 10 * i + 8);
        }
        if (m.faulted() || !loadEnvironment(m, wide)) return false;
        setRegisters();
        return true;
    }

    private void setRegisters() {
        for (int i = 0; i < 8; i++) {
            int r = s.at(i);
            f.significand[r] = significands[i];
            f.signExponent[r] = exponents[i] & 0xFFFF;
        }
    }

    /** The first 160 bytes of FXSAVE, without the eight of MXCSR at 24. */
    boolean fxsave(FpuMemory m) {
        int full = 0;
        for (int r = 0; r < 8; r++) if (!s.empty(r)) full |= 1 << r;
        if (!m.prepareStore(0, 160)) return false;
        boolean ok = m.store16(0, f.control) && m.store16(2, f.status) && m.store16(4, full) && m.store16(6, f.lastOpcode & 0x7FF)
            && m.store32(8, f.lastIp) && m.store32(12, f.lastCs & 0xFFFF) && m.store32(16, f.lastDp) && m.store32(20, f.lastDs & 0xFFFF);
        for (int i = 0; ok && i < 8; i++) {
            int r = s.at(i);
            ok = m.store64(32 + 16 * i, f.significand[r]) && m.store64(40 + 16 * i, f.signExponent[r] & 0xFFFF);
        }
        return ok;
    }

    /** The same part of FXRSTOR. */
    boolean fxrstor(FpuMemory m) {
        for (int i = 0; i < 8; i++) {
            significands[i] = m.load64(32 + 16 * i);
            exponents[i] = m.load16(40 + 16 * i);
        }
        int control = m.load16(0), status = m.load16(2), full = m.load16(4), opcode = m.load16(6);
        int ip = (int) m.load32(8), cs = m.load16(12), dp = (int) m.load32(16), ds = m.load16(20);
        if (m.faulted()) return false;
        int tag = 0;
        for (int r = 0; r < 8; r++) if ((full & 1 << r) == 0) tag |= 3 << 2 * r;
        set(control, status, tag);
        f.lastIp = ip;
        f.lastCs = cs;
        f.lastOpcode = opcode & 0x7FF;
        f.lastDp = dp;
        f.lastDs = ds;
        setRegisters();
        return true;
    }
}
