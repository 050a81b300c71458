package org.lguest.cpu.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Form;
import org.lguest.cpu.table.X86Table.Row;

/**
 * Which rows of the table were compared, in which forms: what the decoder makes of the code of each case, not what the
 * generator meant.
 */
final class Coverage {
    /** Columns of the report. */
    private enum Column { CASES, ENDED, OPERAND16, OPERAND32, ADDRESS16, ADDRESS32, REGISTER, MEMORY, SEGMENT, LOCK, REPEAT, CODE16 }

    private final Map<Row, long[]> counts = new LinkedHashMap<>();
    private final Decoder decoder = new Decoder();
    private final Insn insn = new Insn();

    Coverage() {
        for (Row r : X86Table.i686().rows()) counts.put(r, new long[Column.values().length]);
    }

    /** Counts the instructions of a case; only the first one of a program is known to have been reached. */
    void add(Case c, Outcome o) {
        byte[] code = Arrays.copyOf(c.code(), c.code().length + 16);
        boolean code32 = c.selectors()[1] != World.CODE16;
        for (int at = 0; at < c.code().length; at += insn.length) {
            Decoder.Result r = decoder.decode(code, at, code.length, code32, insn);
            if (r != Decoder.Result.OK && insn.row == null || insn.length == 0) return;
            count(counts.get(insn.row), o.trap() == 3, !code32);
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

    /** Rows, and forms of rows, that were never compared; rows that a process cannot show are left out. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (var e : counts.entrySet()) {
            Row r = e.getKey();
            if (!Generator.covered(r)) continue;
            for (Column c : Column.values())
                if (wanted(r, c) && e.getValue()[c.ordinal()] == 0) missing.add(name(r) + " " + c);
        }
        return missing;
    }

    private static boolean wanted(Row r, Column c) {
        return switch (c) {
            case ENDED -> !List.of("privileged", "control", "io", "ud", "int").contains(r.family());
            case REGISTER -> r.modrm() && r.form() != Form.MEMORY && r.operands().stream().noneMatch(o -> o.startsWith("M"));
            case MEMORY -> r.modrm() && r.form() != Form.REGISTER;
            case LOCK -> r.lockable();
            case REPEAT -> r.family().matches("movs|cmps|stos|lods|scas");
            default -> true;
        };
    }

    /** Rows that a process cannot show. */
    static List<String> hidden() { return X86Table.i686().rows().stream().filter(r -> !Generator.covered(r)).map(Coverage::name).toList(); }

    private static String name(Row r) {
        String opcode = r.opcode() >= 0x100 ? String.format("0F%02X", r.opcode() & 0xFF) : String.format("%02X", r.opcode());
        return opcode + (r.reg() >= 0 ? "/" + r.reg() : "") + " " + r.mnemonic() + " " + String.join(",", r.operands());
    }

    /** The report: a line for each row. */
    String report() {
        var s = new StringBuilder(String.format("%-32s", "row"));
        for (Column c : Column.values()) s.append(String.format("%10s", c.name().toLowerCase(java.util.Locale.ROOT)));
        s.append('\n');
        for (var e : counts.entrySet()) {
            s.append(String.format("%-32s", name(e.getKey())));
            if (!Generator.covered(e.getKey())) s.append("  not comparable in a process");
            else for (long n : e.getValue()) s.append(String.format("%10d", n));
            s.append('\n');
        }
        return s.append("missing: ").append(missing()).append('\n').toString();
    }
}
