package org.lguest.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lguest.api.state.CpuState.ZERO;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.decode.Decoder.Result;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Row;
import org.lguest.cpu.x87.FpuMemory;
import org.lguest.cpu.x87.X87;

/** An outside truth for the decoder: the test lists of the iced library, as far as an i686 has the instructions. */
class IcedTest {
    private static final List<String> REGISTERS8 = List.of("al", "cl", "dl", "bl", "ah", "ch", "dh", "bh");
    private static final List<String> REGISTERS16 = List.of("ax", "cx", "dx", "bx", "sp", "bp", "si", "di");
    private static final List<String> SEGMENTS = List.of("es", "cs", "ss", "ds", "fs", "gs");
    /** Operands are implied, or listed in another order than in our table. */
    private static final Set<String> IMPLIED = Set.of("MOVSB", "MOVSV", "CMPSB", "CMPSV", "STOSB", "STOSV", "LODSB", "LODSV", "SCASB", "SCASV", "INSB", "INSV",
        "OUTSB", "OUTSV", "IN", "OUT", "XLAT", "NOP", "AAM", "AAD", "UD0", "UD1", "PUSH", "POP", "MASKMOVQ", "MASKMOVDQU");

    private final Set<String> ours = new HashSet<>();
    private final Decoder decoder = new Decoder();
    private final Insn insn = new Insn();
    private Result result;

    IcedTest() {
        for (Row r : X86Table.i686().rows()) ours.add(r.mnemonic());
    }

    @Test
    void decodes32BitCodeAsIcedDoes() throws IOException { check("DecoderTest32.txt", true); }

    @Test
    void decodes16BitCodeAsIcedDoes() throws IOException { check("DecoderTest16.txt", false); }

    private void check(String file, boolean code32) throws IOException {
        Path list = find(file);
        assumeTrue(list != null, "no decoder lists beside the project (shared/data/iced)");
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (String line : Files.readAllLines(list)) {
            IcedRow row = IcedRow.parse(line);
            if (row == null || skipped(row)) continue;
            compared++;
            String why = compare(row, code32);
            if (why != null) wrong.add(why + " in: " + line);
        }
        assertEquals(List.of(), wrong, wrong.size() + " of " + compared);
        assertTrue(compared > 3500, "only " + compared + " rows");
    }

    @Test
    void instructionsOfLaterProcessorsAreUndefinedOrDoNothing() throws IOException {
        later("DecoderTest32.txt", true);
        later("DecoderTest16.txt", false);
    }

    /** What is not in our table has to be refused, but for hints, which older processors take for a NOP. */
    private void later(String file, boolean code32) throws IOException {
        Path list = find(file);
        assumeTrue(list != null, "no decoder lists beside the project (shared/data/iced)");
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (String line : Files.readAllLines(list)) {
            IcedRow row = IcedRow.parse(line);
            if (row == null || row.invalid() || !row.options().isEmpty() || ours.contains(row.name())) continue;
            compared++;
            if (valid(row, code32) && !insn.row.mnemonic().equals("NOP")) wrong.add("valid as " + insn.row + " in: " + line);
        }
        assertEquals(List.of(), wrong, wrong.size() + " of " + compared);
        assertTrue(compared > 10_000, "only " + compared + " rows");
    }

    private static Path find(String file) {
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            Path f = p.resolve("shared/data/iced").resolve(file);
            if (Files.exists(f)) return f;
        }
        return null;
    }

    /** Rows of extensions, and of decoders for other processors. */
    private boolean skipped(IcedRow row) { return row.code().startsWith("Pextrw_r32m16") /* of SSE4.1 */ || !row.options().isEmpty() || !row.invalid() && !ours.contains(row.name()); }

    /** Decodes the row; whether there is such an instruction. */
    private boolean valid(IcedRow row, boolean code32) {
        result = decoder.decode(java.util.Arrays.copyOf(row.bytes(), 32), 0, 32, code32, insn);
        return result == Result.OK && !insn.row.handler().equals("ud") && !undefinedForm();
    }

    private String compare(IcedRow row, boolean code32) {
        boolean valid = valid(row, code32);
        if (row.invalid()) return valid ? "valid as " + insn.row : null;
        if (result != Result.OK) return result.toString();
        if (insn.length != row.bytes().length) return "length " + insn.length;
        if (!insn.row.mnemonic().equals(row.name())) return "mnemonic " + insn.row.mnemonic();
        if (row.name().equals("FPU")) return escape(row);
        return IMPLIED.contains(row.name()) ? null : operands(row, code32);
    }

    /** The x87 unit decodes its own: it must know the instruction, by the same name, with the same register. */
    private String escape(IcedRow row) {
        String name = Escapes.mnemonic(insn.opcode & 7, insn.modrm);
        if (undefinedForm()) return "the unit refuses " + name;
        if (!name.equalsIgnoreCase(row.mnemonic())) return "mnemonic " + name;
        for (String operand : row.operands()) {
            String[] f = operand.split(";", -1);
            String why = f[0].equals("m") ? memory(f) : f[1].matches("st[1-7]") && (insn.modrm & 7) != f[1].charAt(2) - '0' ? "register" : null;
            if (why != null) return why;
        }
        return null;
    }

    private boolean unitRefuses() {
        var cpu = new CpuState();
        var unit = new X87(cpu.fpu);
        int esc = insn.opcode & 7;
        return (insn.modrm < 0xC0 ? unit.memory(esc, insn.modrm >>> 3, new NoMemory(), true) : unit.register(esc, insn.modrm, cpu, 0)) == X87.UNDEFINED;
    }

    /** An operand that is not there. */
    private static final class NoMemory implements FpuMemory {
        @Override
        public int load16(int offset) { return 0; }

        @Override
        public long load32(int offset) { return 0; }

        @Override
        public long load64(int offset) { return 0; }

        @Override
        public boolean faulted() { return true; }

        @Override
        public boolean prepareLoad(int offset, int bytes) { return false; }

        @Override
        public boolean prepareStore(int offset, int bytes) { return false; }

        @Override
        public boolean store16(int offset, int value) { return false; }

        @Override
        public boolean store32(int offset, long value) { return false; }

        @Override
        public boolean store64(int offset, long value) { return false; }
    }

    /** Forms that the decoder leaves to the operation: the register field names what does not exist. */
    private boolean undefinedForm() {
        if (insn.row.mnemonic().equals("FPU")) return unitRefuses();
        int reg = insn.modrm >>> 3 & 7;
        return switch (insn.row.operands().isEmpty() ? "" : insn.row.operands().getLast()) {
            case "Sw" -> reg > 5;
            case "Ew" -> insn.row.operands().getFirst().equals("Sw") && (reg > 5 || reg == 1);
            case "Cd" -> (0b11101 >>> reg & 1) == 0;
            case "Rd" -> insn.row.operands().getFirst().equals("Cd") && (0b11101 >>> reg & 1) == 0;
            default -> false;
        };
    }

    private String operands(IcedRow row, boolean code32) {
        for (int n = 0; n < row.operands().size(); n++) {
            String[] f = row.operands().get(n).split(";", -1);
            if (n == 2 && !f[0].startsWith("i")) return f[1].equals("cl") ? null : "third operand";
            Kind kind = n == 0 ? insn.dstKind : insn.srcKind;
            int number = n == 0 ? insn.dst : insn.src;
            String why = switch (f[0]) {
                case "r" -> register(f[1], kind, number, n == 0);
                case "m" -> kind == Kind.MEMORY || insn.row.operands().contains("M") || insn.row.operands().contains("Ma") || insn.row.operands().contains("Mp") ? memory(f) : "operand " + n + " is no memory";
                case "nb16", "nb32" -> target(f[0], number(f[1]), code32);
                case "fb16", "fb32" -> number(f[1]) == insn.imm2 && number(f[2]) == insn.imm ? null : "far pointer";
                default -> f[0].startsWith("i") ? immediate(f, n) : "operand " + f[0];
            };
            if (why != null) return why;
        }
        return null;
    }

    private String register(String name, Kind kind, int number, boolean first) {
        int bits = REGISTERS8.contains(name) ? 8 : REGISTERS16.contains(name) ? 16 : 32;
        if (SEGMENTS.contains(name)) return kind == Kind.SEGMENT && number == SEGMENTS.indexOf(name) ? null : "segment " + kind + number;
        if (name.matches("x?mm\\d")) return kind == (name.startsWith("x") ? Kind.XMM : Kind.MMX) && name.endsWith("mm" + number) ? null : name + " is " + kind + number;
        if (name.matches("[cd]r\\d")) return kind == Kind.NONE || kind == Kind.REGISTER ? null : name;
        if (kind == Kind.CL) return name.equals("cl") ? null : "CL";
        boolean same = kind == Kind.REGISTER && number == gpr(name, bits);
        return same && (!first || insn.size == bits || insn.row.operands().getFirst().matches("Rd|Ew")) ? null : kind + " " + number + " of " + insn.size + " bits";
    }

    private static int gpr(String name, int bits) {
        return bits == 8 ? REGISTERS8.indexOf(name) : REGISTERS16.indexOf(bits == 32 ? name.substring(1) : name);
    }

    private String memory(String[] f) {
        int base = f[2].isEmpty() ? ZERO : gpr(f[2], f[2].length() == 3 ? 32 : 16);
        int index = f[3].isEmpty() ? ZERO : gpr(f[3], f[3].length() == 3 ? 32 : 16);
        if (insn.segment != SEGMENTS.indexOf(f[1]) && !insn.row.mnemonic().equals("LEA")) return "segment " + insn.segment;
        if (insn.base != base) return "base " + insn.base;
        if (insn.index != index) return "index " + insn.index;
        if (index != ZERO && 1 << insn.scale != number(f[4])) return "scale " + insn.scale;
        int mask = insn.addressSize == 16 ? 0xFFFF : -1;
        return (insn.disp & mask) == (number(f[5]) & mask) ? null : "displacement " + insn.disp;
    }

    private String target(String kind, int target, boolean code32) {
        int eip = (code32 ? 0x7FFFFFF0 : 0x7FF0) + insn.length + insn.imm;
        int size = kind.equals("nb16") ? 16 : 32;
        if (insn.operandSize != size) return "operand size " + insn.operandSize;
        return (size == 16 ? eip & 0xFFFF : eip) == target ? null : "target " + Integer.toHexString(eip);
    }

    private String immediate(String[] f, int n) {
        int value = f[0].equals("i8_2nd") || n == 1 && insn.dstKind == Kind.IMMEDIATE ? insn.imm2 : insn.imm;
        int mask = switch (f[0]) {
            case "i8", "i8_2nd" -> 0xFF;
            case "i16", "i8to16" -> 0xFFFF;
            default -> -1;
        };
        return (value & mask) == (number(f[1]) & mask) ? null : "immediate " + value;
    }

    private static int number(String s) {
        if (s.startsWith("-")) return -number(s.substring(1));
        return s.startsWith("0x") ? Integer.parseUnsignedInt(s.substring(2), 16) : (int) Long.parseLong(s);
    }
}
