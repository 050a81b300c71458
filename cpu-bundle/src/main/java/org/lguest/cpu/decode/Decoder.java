package org.lguest.cpu.decode;

import static org.lguest.api.state.CpuState.*;

import java.util.List;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Row;

/**
 * M:100 From bytes to instructions, by the x86 table.
 *
 * <p>An instruction is prefixes, an opcode of one or two bytes, perhaps ModRM and SIB that name a register and a memory
 * operand, a displacement, and immediates. The table says which of these follow, and what the operands mean; nothing in
 * here knows what an instruction does.
 */
public final class Decoder {
    /** Outcome of {@link #decode}. */
    public enum Result {
        /** {@link Insn} is filled. */ OK,
        /** The opcode or its form is undefined: #UD. */ UNDEFINED,
        /** More than 15 bytes: #GP. */ TOO_LONG,
        /** The instruction goes on behind the bytes that were given. */ INCOMPLETE
    }

    private static final int MAX = 15;
    private static final int MOV_CONTROL = 0x120;
    private static final int[] BASE16 = {EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX};
    private static final int[] INDEX16 = {ESI, EDI, ESI, EDI, ZERO, ZERO, ZERO, ZERO};

    private final X86Table table = X86Table.i686();
    private byte[] code;
    private int at, end;
    private boolean incomplete;

    /**
     * Decodes the instruction at {@code from}.
     *
     * @param bytes  code, valid up to {@code limit}
     * @param code32 the D flag of the code segment
     */
    public Result decode(byte[] bytes, int from, int limit, boolean code32, Insn i) {
        code = bytes;
        at = from;
        end = limit;
        incomplete = false;
        int opcode = prefixes(code32, i);
        if (opcode == 0x0F) opcode = 0x100 + next();
        i.opcode = opcode;
        boolean hasModrm = table.hasModrm(opcode);
        i.modrm = hasModrm ? next() : 0;
        if ((opcode & ~3) == MOV_CONTROL) i.modrm |= 0xC0; // these take a register whatever the mod field says
        i.row = table.row(opcode, i.repeat != 0 ? i.repeat : i.operandPrefix ? 0x66 : 0, i.modrm);
        i.dstKind = i.srcKind = Kind.NONE;
        i.dst = i.src = i.imm = i.imm2 = i.disp = 0;
        i.base = i.index = ZERO;
        i.scale = 0;
        i.memorySize = 0;
        i.segment = -1;
        i.size = i.operandSize;
        if (hasModrm && i.modrm < 0xC0) address(i);
        if (i.row != null) operands(i, i.row.operands());
        i.length = at - from;
        if (i.length > MAX) return Result.TOO_LONG;
        if (incomplete) return limit - from >= MAX ? Result.TOO_LONG : Result.INCOMPLETE;
        boolean badLock = i.lock && (i.row == null || !i.row.lockable() || i.dstKind != Kind.MEMORY);
        return i.row == null || badLock ? Result.UNDEFINED : Result.OK;
    }

    private int prefixes(boolean code32, Insn i) {
        boolean address = false;
        i.operandPrefix = false;
        i.repeat = 0;
        i.lock = false;
        i.overridden = -1;
        for (;;) {
            int b = next();
            switch (b) {
                case 0x26 -> i.overridden = SegmentState.ES;
                case 0x2E -> i.overridden = SegmentState.CS;
                case 0x36 -> i.overridden = SegmentState.SS;
                case 0x3E -> i.overridden = SegmentState.DS;
                case 0x64 -> i.overridden = SegmentState.FS;
                case 0x65 -> i.overridden = SegmentState.GS;
                case 0x66 -> i.operandPrefix = true;
                case 0x67 -> address = true;
                case 0xF0 -> i.lock = true;
                case 0xF2, 0xF3 -> i.repeat = b;
                default -> {
                    i.operandSize = i.operandPrefix == code32 ? 16 : 32;
                    i.addressSize = address == code32 ? 16 : 32;
                    return b;
                }
            }
            if (incomplete) return 0x90;
        }
    }

    private void address(Insn i) {
        int mod = i.modrm >>> 6;
        int rm = i.modrm & 7;
        if (i.addressSize == 16) address16(i, mod, rm);
        else address32(i, mod, rm);
        if (i.overridden >= 0) i.segment = i.overridden;
    }

    private void address16(Insn i, int mod, int rm) {
        if (mod == 0 && rm == 6) {
            i.disp = next16();
            i.segment = SegmentState.DS;
            return;
        }
        i.base = BASE16[rm];
        i.index = INDEX16[rm];
        i.segment = i.base == EBP ? SegmentState.SS : SegmentState.DS;
        if (rm == 4 || rm == 5) i.segment = SegmentState.DS;
        if (mod == 1) i.disp = (byte) next();
        else if (mod == 2) i.disp = next16();
    }

    private void address32(Insn i, int mod, int rm) {
        int base = rm;
        if (rm == 4) {
            int sib = next();
            base = sib & 7;
            int index = sib >>> 3 & 7;
            i.index = index == 4 ? ZERO : index;
            i.scale = index == 4 ? 0 : sib >>> 6;
        }
        boolean none = base == 5 && mod == 0;
        i.base = none ? ZERO : base;
        i.segment = !none && (base == ESP || base == EBP) ? SegmentState.SS : SegmentState.DS;
        if (none || mod == 2) i.disp = next32();
        else if (mod == 1) i.disp = (byte) next();
    }

    private void operands(Insn i, List<String> codes) {
        for (int n = 0; n < codes.size(); n++) operand(i, codes.get(n), n);
    }

    private void operand(Insn i, String code, int n) {
        char kind = code.charAt(0);
        switch (code) {
            case "AL" -> register(i, n, EAX, 8);
            case "eAX" -> register(i, n, EAX, i.operandSize);
            case "DX" -> { }
            case "CL" -> { if (n == 1) i.srcKind = Kind.CL; }
            case "1" -> immediate(i, n, 1);
            case "ES", "CS", "SS", "DS", "FS", "GS" -> segment(i, n, List.of("ES", "CS", "SS", "DS", "FS", "GS").indexOf(code));
            default -> coded(i, code, kind, n);
        }
    }

    private void coded(Insn i, String code, char kind, int n) {
        int size = size(code, i.operandSize);
        switch (kind) {
            case 'E', 'R' -> {
                if (i.modrm >= 0xC0) register(i, n, i.modrm & 7, size);
                else memory(i, n, size);
            }
            case 'M' -> memory(i, n, size);
            case 'G' -> register(i, n, i.modrm >>> 3 & 7, size);
            case 'Z' -> register(i, n, i.opcode & 7, size);
            case 'P' -> register(i, n, Kind.MMX, i.modrm >>> 3 & 7, size);
            case 'V' -> register(i, n, Kind.XMM, i.modrm >>> 3 & 7, size);
            case 'Q', 'N', 'W', 'U' -> {
                if (i.modrm >= 0xC0) register(i, n, kind <= 'Q' ? Kind.MMX : Kind.XMM, i.modrm & 7, size);
                else memory(i, n, size);
            }
            case 'S' -> segment(i, n, i.modrm >>> 3 & 7);
            case 'C', 'D' -> { }
            case 'I' -> immediate(i, n, switch (code) {
                case "Ib", "Ibs" -> (byte) next();
                case "Iw" -> next16();
                default -> i.operandSize == 16 ? (short) next16() : next32();
            });
            case 'J' -> i.imm = code.equals("Jb") ? (byte) next() : i.operandSize == 16 ? (short) next16() : next32();
            case 'O' -> {
                i.disp = i.addressSize == 16 ? next16() : next32();
                i.segment = i.overridden >= 0 ? i.overridden : SegmentState.DS;
                memory(i, n, size);
            }
            case 'A' -> {
                i.imm = i.operandSize == 16 ? next16() : next32();
                i.imm2 = next16();
            }
            default -> throw new IllegalStateException("operand code " + code);
        }
    }

    /** Bits of an operand by its code; that of the operand size where it names none. */
    static int size(String code, int operandSize) {
        return switch (code.substring(1)) {
            case "b" -> 8;
            case "w" -> 16;
            case "d", "ss" -> 32;
            case "q", "sd" -> 64;
            case "dq", "ps", "pd" -> 128;
            default -> operandSize;
        };
    }

    private static void register(Insn i, int n, int number, int size) { register(i, n, Kind.REGISTER, number, size); }

    private static void register(Insn i, int n, Kind kind, int number, int size) {
        if (n == 0) {
            i.dstKind = kind;
            i.dst = number;
            i.size = size;
        } else if (n == 1) {
            i.srcKind = kind;
            i.src = number;
        }
    }

    private static void memory(Insn i, int n, int size) {
        i.memorySize = size;
        if (n == 0) {
            i.dstKind = Kind.MEMORY;
            i.size = size;
        } else if (n == 1) i.srcKind = Kind.MEMORY;
    }

    private static void segment(Insn i, int n, int number) {
        if (n == 0) {
            i.dstKind = Kind.SEGMENT;
            i.dst = number;
        } else {
            i.srcKind = Kind.SEGMENT;
            i.src = number;
        }
    }

    private static void immediate(Insn i, int n, int value) {
        if (n == 0) i.dstKind = Kind.IMMEDIATE;
        else if (n == 1 && i.srcKind == Kind.NONE && i.dstKind != Kind.IMMEDIATE) i.srcKind = Kind.IMMEDIATE;
        if (n == 1 && i.dstKind == Kind.IMMEDIATE) i.imm2 = value;
        else i.imm = value;
    }

    private int next() {
        if (at >= end) {
            incomplete = true;
            return 0;
        }
        return code[at++] & 0xFF;
    }

    private int next16() { return next() | next() << 8; }

    private int next32() { return next16() | next16() << 16; }

}
