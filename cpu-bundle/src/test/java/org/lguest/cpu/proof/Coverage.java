package org.lguest.cpu.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Escapes;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Form;
import org.lguest.cpu.table.X86Table.Row;

/**
 * Which rows of the table were compared, in which forms: what the decoder makes of the code of each case, not what the
 * generator meant. The escape opcodes are rows of eight and more instructions each; here they have a line for each.
 */
final class Coverage {
    /** Columns of the report. */
    private enum Column { CASES, ENDED, OPERAND16, OPERAND32, ADDRESS16, ADDRESS32, REGISTER, MEMORY, SEGMENT, LOCK, REPEAT, CODE16 }

    /**
     * A line of the report.
     *
     * @param modrm a ModRM byte that gives this form, or -1 where all do
     */
    record Entry(Row row, int modrm, String name, long[] counts) {
        private Entry(Row row, int modrm, String name) { this(row, modrm, name, new long[Column.values().length]); }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Decoder decoder = new Decoder();
    private final Insn insn = new Insn();

    Coverage() {
        for (Row r : X86Table.i686().rows())
            if (!r.family().equals("fpu")) add(new Entry(r, -1, name(r)));
            else for (int modrm = 0; modrm < 256; modrm += modrm < 0xC0 ? 8 : 1)
                if (modrm < 0x40 || modrm >= 0xC0) add(new Entry(r, modrm, Escapes.form(r.opcode() & 7, modrm)));
    }

    private void add(Entry e) { entries.putIfAbsent(e.name, e); }

    /** All forms that cases are made from. */
    List<Entry> forms() { return entries.values().stream().filter(e -> Generator.hidden(e.row) == null).toList(); }

    /** Counts the instructions of a case; only the first one of a program is known to have been reached. */
    void add(Case c, Outcome o) {
        byte[] code = Arrays.copyOf(c.code(), c.code().length + 16);
        boolean code32 = c.selectors()[1] != World.CODE16;
        for (int at = 0; at < c.code().length; at += insn.length) {
            Decoder.Result r = decoder.decode(code, at, code.length, code32, insn);
            if (r != Decoder.Result.OK && insn.row == null || insn.length == 0) return;
            String name = insn.row.family().equals("fpu") ? Escapes.form(insn.opcode & 7, insn.modrm) : name(insn.row);
            count(entries.get(name).counts, o.trap() == 3, !code32);
            if (!c.name().equals("program")) return;
        }
    }

    private void count(long[] n, boolean ended, boolean code16) {
        n[Column.CASES.ordinal()]++;
        if (ended) n[Column.ENDED.ordinal()]++;
        n[(insn.operandSize == 16 ? Column.OPERAND16 : Column.OPERAND32).ordinal()]++;
        n[(insn.addressSize == 16 ? Column.ADDRESS16 : Column.ADDRESS32).ordinal()]++;
        if (insn.row.modrm()) n[(insn.modrm >= 0xC0 ? Column.REGISTER : Column.MEMORY).ordinal()]++;
        if (insn.overridden >= 0) n[Column.SEGMENT.ordinal()]++;
        if (insn.lock) n[Column.LOCK.ordinal()]++;
        if (insn.repeat != 0) n[Column.REPEAT.ordinal()]++;
        if (code16) n[Column.CODE16.ordinal()]++;
    }

    /** Forms that cases are made from, of which something is missing. */
    List<Entry> incomplete() {
        return forms().stream().filter(e -> Arrays.stream(Column.values()).anyMatch(c -> wanted(e, c) && e.counts[c.ordinal()] == 0)).toList();
    }

    /** Instructions in all cases; a repetition or a loop counts once. */
    long instances() { return entries.values().stream().mapToLong(e -> e.counts[Column.CASES.ordinal()]).sum(); }

    /** Rows, and forms of rows, that were never compared; rows that a process cannot show are left out. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (Entry e : forms()) for (Column c : Column.values()) if (wanted(e, c) && e.counts[c.ordinal()] == 0) missing.add(e.name + " " + c);
        return missing;
    }

    private static boolean wanted(Entry e, Column c) {
        Row r = e.row;
        return switch (c) {
            case ENDED -> !List.of("privileged", "control", "io", "ud", "int").contains(r.family()) && !e.name.endsWith(" -") && !r.mnemonic().startsWith("UD");
            case REGISTER -> e.modrm >= 0 ? e.modrm >= 0xC0 : r.modrm() && r.form() != Form.MEMORY && r.operands().stream().noneMatch(o -> o.startsWith("M"));
            case MEMORY -> e.modrm >= 0 ? e.modrm < 0xC0 : r.modrm() && r.form() != Form.REGISTER;
            case LOCK -> r.lockable();
            case REPEAT -> r.family().matches("movs|cmps|stos|lods|scas");
            default -> true;
        };
    }

    private static String name(Row r) {
        String opcode = r.opcode() >= 0x100 ? String.format("0F%02X", r.opcode() & 0xFF) : String.format("%02X", r.opcode());
        String prefix = r.prefix() == X86Table.ANY_PREFIX ? "" : r.prefix() == 0 ? "NP." : String.format("%02X.", r.prefix());
        return prefix + opcode + (r.reg() >= 0 ? "/" + r.reg() : "") + (r.form() == Form.MEMORY ? "m" : r.form() == Form.REGISTER ? "r" : "") + " " + r.mnemonic() + " " + String.join(",", r.operands());
    }

    /** The report: a line for each form. */
    String report() {
        var s = new StringBuilder(String.format("%-32s", "row"));
        for (Column c : Column.values()) s.append(String.format("%10s", c.name().toLowerCase(Locale.ROOT)));
        s.append('\n');
        for (Entry e : entries.values()) {
            s.append(String.format("%-32s", e.name));
            String reason = Generator.hidden(e.row);
            if (reason != null) s.append("  not comparable in a process: ").append(reason);
            else for (long n : e.counts) s.append(String.format("%10d", n));
            s.append('\n');
        }
        return s.append("missing: ").append(missing()).append('\n').toString();
    }
}
