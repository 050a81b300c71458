package org.lguest.cpu.proof;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Floating-point state before an x87 instruction, and the operand that it finds in memory. */
final class FpuRoles {
    private static final int PENDING = 0x8080, EXCEPTIONS = 0x3F, STACK_FAULT = 0x40;
    private static final int RESET = 0x37F;

    private FpuRoles() { }

    /** A unit in the middle of its work. */
    static FpuImage state(SplittableRandom r) {
        FpuImage f = FpuImage.reset();
        int control = control(r);
        int status = r.nextInt(8) << 11 | r.nextInt() & 0x4700;
        if (r.nextInt(3) == 0) status |= r.nextInt(0x40) & (r.nextInt(6) == 0 ? -1 : control); // mostly none pending
        if (r.nextInt(8) == 0) status |= STACK_FAULT;
        if ((status & ~control & EXCEPTIONS) != 0) status |= PENDING;
        f.word(FpuImage.CONTROL, control).word(FpuImage.STATUS, status).word(FpuImage.TAG, tag(r));
        f.word(FpuImage.OPCODE, r.nextInt(0x800)).dword(FpuImage.IP, Values.edge(r)).dword(FpuImage.DP, Values.edge(r));
        for (int i = 0; i < 8; i++) FloatValues.extended(r, f, i);
        if (r.nextInt(3) == 0) FloatValues.close(r, f, 0, r.nextInt(1, 8));
        if (r.nextInt(3) == 0) FloatValues.close(r, f, 0, 1);
        return f;
    }

    private static int control(SplittableRandom r) {
        if (r.nextInt(4) == 0) return RESET;
        int masks = r.nextInt(5) < 2 ? r.nextInt(0x40) : EXCEPTIONS;
        int precision = r.nextInt(12) == 0 ? r.nextInt(4) : r.nextInt(3) + 1 == 1 ? 0 : r.nextInt(2, 4);
        return 0x40 | masks | precision << 8 | r.nextInt(4) << 10 | (r.nextInt(8) == 0 ? 0x1000 : 0);
    }

    private static int tag(SplittableRandom r) {
        return switch (r.nextInt(8)) {
            case 0 -> 0;
            case 1, 2 -> r.nextInt(256);
            default -> 0xFF;
        };
    }

    /** Arguments that a function of this opcode has an answer for. */
    static void arguments(Draft d) {
        int modrm = 0xC0 | d.reg << 3 | d.rm;
        if ((d.row.opcode() & 7) != 1 || !transcendental(1, modrm) || d.once(4)) return;
        boolean small = modrm == 0xF0 || modrm == 0xF9; // F2XM1, FYL2XP1: below one
        int top = small ? d.pick(-1, -2, -3, -5, -30, -62, -63, -64, -65, -70) : d.random.nextInt(-40, 64);
        long sig = d.random.nextLong() | Long.MIN_VALUE;
        boolean logarithm = modrm == 0xF1 && !d.once(10);
        d.fpu.st(0, (d.once(2) && !logarithm ? 0x8000 : 0) | 0x3FFF + top, d.once(6) ? Long.MIN_VALUE : sig);
        if (modrm == 0xF9 && top == -1) d.fpu.st(0, 0x3FFD | (d.once(2) ? 0x8000 : 0), sig >>> 2 | Long.MIN_VALUE);
    }

    /** F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS: what the manual promises an error bound for, not a result. */
    static boolean transcendental(int esc, int modrm) {
        return esc == 1 && (modrm >= 0xF0 && modrm <= 0xF3 || modrm == 0xF9 || modrm == 0xFB || modrm == 0xFE || modrm == 0xFF);
    }

    /** What lies in memory where an instruction loads from: {@code null} where any bytes will do. */
    static byte[] operand(Draft d) {
        SplittableRandom r = d.random;
        int esc = d.row.opcode() & 7;
        ByteBuffer b = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        if (esc == 1 && d.reg == 5) return b.putShort((short) (control(r) | (d.once(4) ? r.nextInt() : 0))).array();
        if ((esc == 1 || esc == 5) && d.reg == 4) return environment(d, esc == 5);
        if (esc == 3 && d.reg == 5) return extended(r);
        if (esc == 7 && d.reg == 4) return FloatValues.decimal(r);
        if (esc == 7 && d.reg == 5) return b.putLong(FloatValues.integer(r)).array();
        switch (esc >> 1) {
            case 0 -> b.putInt(FloatValues.single(r));
            case 2 -> b.putLong(FloatValues.real(r));
            default -> b.putLong(FloatValues.integer(r));
        }
        return b.array();
    }

    private static byte[] extended(SplittableRandom r) {
        FpuImage f = FpuImage.reset();
        FloatValues.extended(r, f, 0);
        return java.util.Arrays.copyOfRange(f.bytes(), FpuImage.REGISTERS, FpuImage.REGISTERS + 10);
    }

    /** An environment with registers behind it, for FLDENV and FRSTOR, in the size of the operand. */
    private static byte[] environment(Draft d, boolean whole) {
        boolean wide = d.operandSize == 32;
        FpuImage f = state(d.random);
        ByteBuffer b = ByteBuffer.allocate((wide ? 28 : 14) + 80).order(ByteOrder.LITTLE_ENDIAN);
        int[] words = {f.control() | (d.once(4) ? d.random.nextInt() : 0), f.status() ^ (d.once(4) ? d.random.nextInt() : 0), d.random.nextInt() & (d.once(2) ? 0xFFFF : d.random.nextInt()),
            d.random.nextInt(), d.random.nextInt(), d.random.nextInt(), d.random.nextInt()};
        for (int w : words)
            if (wide) b.putInt(w);
            else b.putShort((short) w);
        for (int i = 0; i < 8; i++) b.put(f.bytes(), FpuImage.REGISTERS + 16 * i, 10);
        return whole ? b.array() : java.util.Arrays.copyOf(b.array(), wide ? 28 : 14);
    }
}
