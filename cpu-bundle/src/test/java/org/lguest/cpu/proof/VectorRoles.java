package org.lguest.cpu.proof;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Row;

/** State before an instruction of MMX, SSE and SSE2, and the operand that it finds in memory. */
final class VectorRoles {
    private static final int MXCSR_RESET = 0x1F80, IMAGE = 512;

    /** What the lanes of a register hold. */
    private enum Lanes { SINGLE, DOUBLE, INTEGER }

    private VectorRoles() { }

    /** Whether a row belongs here: all whose opcode has a mandatory prefix, or forbids one. */
    static boolean vector(Row r) { return r.prefix() != X86Table.ANY_PREFIX; }

    /** A unit in the middle of such work. */
    static FpuImage state(Row row, SplittableRandom r) {
        FpuImage f = FpuRoles.state(r);
        if (r.nextInt(8) != 0) f.word(FpuImage.STATUS, r.nextInt(8) << 11).word(FpuImage.CONTROL, 0x37F); // nothing pending
        Lanes lanes = lanes(row);
        for (int i = 0; i < 8; i++) {
            if (r.nextBoolean()) f.qword(FpuImage.REGISTERS + 16 * i, integer(r));
            for (int half = 0; half < 2; half++) f.qword(FpuImage.XMM + 16 * i + 8 * half, any(r, lanes));
        }
        if (r.nextInt(3) == 0) close(r, f, lanes);
        f.dword(FpuImage.MXCSR, mxcsr(r));
        return f;
    }

    private static Lanes lanes(Row row) {
        if (row.mnemonic().matches("CVTDQ2P[SD]|CVTPI2P[SD]")) return Lanes.INTEGER;
        String codes = row.operands().isEmpty() ? "" : row.operands().getLast().equals("Ib") ? row.operands().get(1) : row.operands().getLast();
        if (codes.endsWith("ps") || codes.endsWith("ss") || row.mnemonic().matches("CVTT?PS2.*")) return Lanes.SINGLE;
        return codes.endsWith("pd") || codes.endsWith("sd") ? Lanes.DOUBLE : Lanes.INTEGER;
    }

    /** Eight bytes of lanes, now and then of another kind than is asked for. */
    private static long any(SplittableRandom r, Lanes lanes) {
        return switch (r.nextInt(16) == 0 ? Lanes.values()[r.nextInt(3)] : lanes) {
            case SINGLE -> (long) FloatValues.single(r) << 32 | FloatValues.single(r) & 0xFFFFFFFFL;
            case DOUBLE -> FloatValues.real(r);
            case INTEGER -> integer(r);
        };
    }

    private static long integer(SplittableRandom r) {
        return switch (r.nextInt(6)) {
            case 0 -> FloatValues.integer(r);
            case 1 -> r.nextInt(200);
            case 2 -> { // bytes at their edges
                long v = 0;
                for (int n = 0; n < 8; n++) v = v << 8 | new int[] {0, 1, 0x7F, 0x80, 0x81, 0xFF, 0xFE}[r.nextInt(7)];
                yield v;
            }
            case 3 -> { // words at their edges
                long v = 0;
                for (int n = 0; n < 4; n++) v = v << 16 | new int[] {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0xFF, 0x80, 0x7F, 0x100}[r.nextInt(10)];
                yield v;
            }
            default -> (long) Values.edge(r) << 32 | Values.edge(r) & 0xFFFFFFFFL;
        };
    }

    /** Registers that are nearly equal: for cancellation and comparison. */
    private static void close(SplittableRandom r, FpuImage f, Lanes lanes) {
        int from = r.nextInt(8);
        for (int i = 0; i < 8; i++)
            for (int half = 0; half < 2; half++) {
                long v = f.qword(FpuImage.XMM + 16 * from + 8 * half);
                f.qword(FpuImage.XMM + 16 * i + 8 * half, near(r, v, lanes));
            }
    }

    private static long near(SplittableRandom r, long v, Lanes lanes) {
        if (lanes == Lanes.SINGLE) return nearSingle(r, (int) (v >>> 32)) << 32 | nearSingle(r, (int) v) & 0xFFFFFFFFL;
        return switch (r.nextInt(5)) {
            case 0 -> v;
            case 1 -> v + r.nextInt(-2, 3);
            case 2 -> v ^ Long.MIN_VALUE;
            case 3 -> v + ((long) r.nextInt(-55, 56) << 52);
            default -> v ^ 1L << r.nextInt(64);
        };
    }

    private static long nearSingle(SplittableRandom r, int v) {
        return switch (r.nextInt(5)) {
            case 0 -> v;
            case 1 -> v + r.nextInt(-2, 3);
            case 2 -> v ^ 0x80000000;
            case 3 -> v + (r.nextInt(-27, 28) << 23);
            default -> v ^ 1 << r.nextInt(32);
        };
    }

    private static int mxcsr(SplittableRandom r) {
        if (r.nextInt(4) == 0) return MXCSR_RESET;
        int masks = r.nextInt(3) == 0 ? r.nextInt(0x40) << 7 : MXCSR_RESET;
        int flags = r.nextInt(3) == 0 ? r.nextInt(0x40) : 0;
        return masks | flags | r.nextInt(4) << 13 | (r.nextInt(3) == 0 ? 0x8000 : 0) | (r.nextInt(3) == 0 ? 0x40 : 0);
    }

    /** Alignment that a memory operand wants, in bytes. */
    static int alignment(Row row) {
        boolean image = row.family().startsWith("fx");
        boolean whole = row.operands().stream().anyMatch(o -> "WMVU".indexOf(o.charAt(0)) >= 0 && o.matches(".(dq|ps|pd)"));
        return image || whole && !row.variant().equals("any") ? 16 : 1;
    }

    /** What lies in memory where an instruction loads from. */
    static byte[] operand(Draft d) {
        SplittableRandom r = d.random;
        if (d.row.family().equals("fxrstor")) return image(d);
        if (d.row.family().equals("mxcsr")) return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(mxcsr(r) | (d.once(8) ? 0x40000 << r.nextInt(14) : 0)).array();
        Lanes lanes = lanes(d.row);
        ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        for (int half = 0; half < 2; half++) {
            long v = any(r, lanes);
            if (d.once(3)) v = near(r, d.fpu.qword(FpuImage.XMM + 16 * d.reg + 8 * half), lanes);
            if (d.row.family().equals("vshift") && !d.once(4)) v = half == 0 ? r.nextInt(70) : v;
            b.putLong(v);
        }
        return b.array();
    }

    private static byte[] image(Draft d) {
        FpuImage f = state(d.row, d.random);
        if (d.once(8)) f.dword(FpuImage.MXCSR, f.mxcsr() | 0x40000 << d.random.nextInt(14));
        if (d.once(4)) f.word(FpuImage.CONTROL, d.random.nextInt()).word(FpuImage.STATUS, d.random.nextInt()).word(FpuImage.TAG, d.random.nextInt()).word(FpuImage.OPCODE, d.random.nextInt());
        return java.util.Arrays.copyOf(f.bytes(), IMAGE);
    }
}
