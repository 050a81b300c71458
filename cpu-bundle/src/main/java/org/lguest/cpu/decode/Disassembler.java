package org.lguest.cpu.decode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.table.X86Table.Row;

/**
 * M:102 From instructions to words, by the same rows of the table that the decoder reads: Intel's order of operands, numbers in
 * hexadecimal.
 */
public final class Disassembler {
    private static final String[] DWORDS = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final String[] BYTES = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

    /** String instructions for words and doublewords. */
    private static final List<String> STRING = List.of("MOVSV", "CMPSV", "STOSV", "LODSV", "SCASV", "INSV", "OUTSV");

    private final Insn i = new Insn();

    private Disassembler() { }

    /** {@link org.lguest.api.part.CpuEngine#disassemble}. */
    public static String words(byte[] code, int address, boolean code32) { return new Disassembler().text(code, address, code32); }

    private String text(byte[] code, int address, boolean code32) {
        if (new Decoder().decode(code, 0, code.length, code32, i) != Decoder.Result.OK) return "(undefined) " + HexFormat.ofDelimiter(" ").formatHex(code);
        Row row = i.row;
        List<String> operands = new ArrayList<>();
        for (int n = 0; n < row.operands().size(); n++) operands.add(operand(row.operands().get(n), n, address));
        return (prefixes(row) + name(row) + " " + String.join(", ", operands)).strip();
    }

    private String name(Row row) {
        String m = row.mnemonic();
        boolean string = STRING.contains(m);
        return (string ? m.substring(0, m.length() - 1) : m).toLowerCase(Locale.ROOT) + (string ? i.operandSize == 32 ? "d" : "w" : "");
    }

    private String prefixes(Row row) {
        String s = i.lock ? "lock " : "";
        if (i.repeat == 0 || row.prefix() == i.repeat) return s;
        return s + (i.repeat == 0xF3 ? "rep " : "repne ");
    }

    private String operand(String code, int n, int address) {
        int size = size(code);
        return switch (code.charAt(0)) {
            case 'E', 'R' -> fixed(code) ? code.toLowerCase(Locale.ROOT) : i.modrm >= 0xC0 ? register(i.modrm & 7, size) : memory(size);
            case 'M' -> memory(size);
            case 'G' -> fixed(code) ? code.toLowerCase(Locale.ROOT) : register(reg(), size);
            case 'Z' -> register(i.opcode & 7, size);
            case 'P' -> "mm" + reg();
            case 'V' -> "xmm" + reg();
            case 'Q', 'N' -> i.modrm >= 0xC0 ? "mm" + (i.modrm & 7) : memory(size);
            case 'W', 'U' -> i.modrm >= 0xC0 ? "xmm" + (i.modrm & 7) : memory(size);
            case 'S' -> fixed(code) ? code.toLowerCase(Locale.ROOT) : reg() < 6 ? SEGMENTS[reg()] : "(segment " + reg() + ")";
            case 'C' -> fixed(code) ? code.toLowerCase(Locale.ROOT) : "cr" + reg();
            case 'D' -> fixed(code) ? code.toLowerCase(Locale.ROOT) : "dr" + reg();
            case 'I' -> immediate(code, n == 1 && i.dstKind == Insn.Kind.IMMEDIATE ? i.imm2 : i.imm);
            case 'J' -> hex(i.operandSize == 16 ? address + i.length + i.imm & 0xFFFF : address + i.length + i.imm);
            case 'O' -> memory(size);
            case 'A' -> code.equals("AL") ? "al" : hex(i.imm2 & 0xFFFF) + ":" + hex(i.imm);
            case 'e' -> register(CpuState.EAX, i.operandSize);
            default -> code.toLowerCase(Locale.ROOT);
        };
    }

    private static boolean fixed(String code) { return List.of("ES", "CS", "SS", "DS", "FS", "GS", "CL", "DX").contains(code); }

    private int reg() { return i.modrm >>> 3 & 7; }

    /** A memory operand of no size, as of LEA, shows none. */
    private int size(String code) { return code.length() == 1 ? 0 : Decoder.size(code, i.operandSize); }

    private static String register(int number, int size) {
        return size == 8 ? BYTES[number] : size == 16 ? DWORDS[number].substring(1) : DWORDS[number];
    }

    private String memory(int size) {
        List<String> sum = new ArrayList<>();
        if (i.base != CpuState.ZERO) sum.add(register(i.base, i.addressSize));
        if (i.index != CpuState.ZERO) sum.add(register(i.index, i.addressSize) + (i.scale > 0 ? "*" + (1 << i.scale) : ""));
        String text = String.join("+", sum);
        if (text.isEmpty()) text = hex(i.disp);
        else if (i.disp != 0) text += i.disp < 0 ? "-" + hex(-i.disp) : "+" + hex(i.disp);
        return width(size) + (i.overridden >= 0 ? SEGMENTS[i.overridden] + ":" : "") + "[" + text + "]";
    }

    private static String width(int size) {
        return switch (size) {
            case 8 -> "byte ";
            case 16 -> "word ";
            case 32 -> "dword ";
            case 64 -> "qword ";
            case 128 -> "oword ";
            default -> "";
        };
    }

    private static String immediate(String code, int n) { return code.equals("Ib") ? hex(n & 0xFF) : number(n); }

    private static String number(int n) { return n < 0 && n > -4096 ? "-" + hex(-n) : hex(n); }

    private static String hex(int n) { return Integer.compareUnsigned(n, 10) < 0 ? Integer.toString(n) : "0x" + Integer.toHexString(n); }
}
