package org.lguest.cpu.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * M:020 One table for all that the processor knows. For each opcode {@code x86-32.isa} has a row: the operands that it takes, the handler that does
 * its work, whether LOCK may stand before it, which flags it leaves undefined. The decoder reads the rows, so does the disassembler, and so
 * does the generator of tests; an instruction that is added here is known to all of them. This class has the table in memory, indexed for
 * the decoder; the format is explained at its top.
 */
public final class X86Table {
    /**
     * A row.
     *
     * @param opcode    0 to 0xFF, or 0x100 + second byte behind 0F
     * @param prefix    0x66, 0xF2 or 0xF3 as a part of the opcode, 0 when none of them may be there, or {@link #ANY_PREFIX}
     * @param reg       ModRM reg field that selects the row, or -1
     * @param form      restriction of ModRM
     * @param operands  codes as in the table
     * @param handler   family and variant
     * @param lockable  LOCK is allowed with a memory destination
     * @param undefined letters of the arithmetic flags that are undefined afterwards
     */
    public record Row(int opcode, int prefix, int reg, Form form, String mnemonic, List<String> operands, String handler, boolean lockable, String undefined) {
        /** Whether a ModRM byte follows the opcode. */
        public boolean modrm() {
            return reg >= 0 || form != Form.ANY || operands.stream().anyMatch(o -> "EGMSRCDPQNVWU".indexOf(o.charAt(0)) >= 0 && !FIXED.contains(o));
        }

        /** The part of the handler before the dot. */
        public String family() {
            int dot = handler.indexOf('.');
            return dot < 0 ? handler : handler.substring(0, dot);
        }

        /** The part of the handler behind the dot, or nothing. */
        public String variant() {
            int dot = handler.indexOf('.');
            return dot < 0 ? "" : handler.substring(dot + 1);
        }
    }

    /** Which ModRM bytes a row is for. */
    public enum Form {
        /** All. */ ANY,
        /** Memory operands: mod is not 3. */ MEMORY,
        /** Register operands: mod is 3. */ REGISTER
    }

    /** Of a row: 66, F2 and F3 are prefixes like others. */
    public static final int ANY_PREFIX = -1;

    private static final int[] PREFIXES = {0, 0x66, 0xF2, 0xF3};
    private static final List<String> FIXED = List.of("AL", "eAX", "CL", "DX", "ES", "CS", "SS", "DS", "FS", "GS");
    private static final X86Table TABLE = load();

    private final List<Row> rows;
    private final Row[] index = new Row[512 * 64];
    private final boolean[] modrm = new boolean[512];

    private X86Table(List<Row> rows) {
        this.rows = Collections.unmodifiableList(rows);
        for (Row r : rows) enter(r);
    }

    /** The table of our i686. */
    public static X86Table i686() { return TABLE; }

    /** All rows in the order of the file. */
    public List<Row> rows() { return rows; }

    /** Whether any row of an opcode has a ModRM byte. */
    public boolean hasModrm(int opcode) { return modrm[opcode]; }

    /**
     * The row of an opcode and a ModRM byte (any value where it has none), or null: undefined.
     *
     * @param prefix the one that counts of 66, F2 and F3, or 0
     */
    public Row row(int opcode, int prefix, int modrmByte) {
        return index[opcode << 6 | slot(prefix) << 4 | (modrmByte >>> 3 & 7) << 1 | (modrmByte >= 0xC0 ? 1 : 0)];
    }

    private static int slot(int prefix) { return prefix == 0 ? 0 : prefix == 0x66 ? 1 : prefix & 3; }

    private void enter(Row r) {
        if (r.modrm()) modrm[r.opcode] = true;
        for (int prefix : r.prefix == ANY_PREFIX ? PREFIXES : new int[] {r.prefix})
            for (int reg = 0; reg < 8; reg++)
                for (int mod3 = 0; mod3 < 2; mod3++) enter(r, prefix, reg, mod3);
    }

    private void enter(Row r, int prefix, int reg, int mod3) {
        if (r.reg >= 0 && r.reg != reg || r.form == Form.MEMORY && mod3 == 1 || r.form == Form.REGISTER && mod3 == 0) return;
        int i = r.opcode << 6 | slot(prefix) << 4 | reg << 1 | mod3;
        if (index[i] != null) throw new IllegalStateException("two rows for " + r + " and " + index[i]);
        index[i] = r;
    }

    private static X86Table load() {
        try (var in = new BufferedReader(new InputStreamReader(X86Table.class.getResourceAsStream("/org/lguest/cpu/x86-32.isa"), StandardCharsets.US_ASCII))) {
            List<Row> rows = new ArrayList<>();
            for (String line; (line = in.readLine()) != null;) if (!line.isBlank() && line.charAt(0) != '#') parse(line, rows);
            return new X86Table(rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void parse(String line, List<Row> rows) {
        String[] w = line.trim().split("\\s+");
        int dot = w[0].indexOf('.');
        int prefix = dot < 0 ? ANY_PREFIX : w[0].startsWith("NP") ? 0 : Integer.parseInt(w[0].substring(0, dot), 16);
        String op = w[0].substring(dot + 1);
        boolean registers = op.endsWith("+r");
        int slash = op.indexOf('/');
        String select = slash < 0 ? "" : op.substring(slash + 1);
        Form form = select.endsWith("m") ? Form.MEMORY : select.endsWith("r") ? Form.REGISTER : Form.ANY;
        String digit = form == Form.ANY ? select : select.substring(0, select.length() - 1);
        String hex = registers ? op.substring(0, op.length() - 2) : slash < 0 ? op : op.substring(0, slash);
        int code = hex.length() == 4 ? 0x100 + Integer.parseInt(hex.substring(2), 16) : Integer.parseInt(hex, 16);
        boolean lock = false;
        String undefined = "";
        for (int i = 4; i < w.length; i++)
            if (w[i].equals("L")) lock = true;
            else if (w[i].startsWith("U:")) undefined = w[i].substring(2);
            else throw new IllegalStateException("note " + w[i] + " in: " + line);
        List<String> operands = w[2].equals("-") ? List.of() : List.of(w[2].split(","));
        for (int r = 0; r < (registers ? 8 : 1); r++)
            rows.add(new Row(code + r, prefix, digit.isEmpty() ? -1 : Integer.parseInt(digit), form, w[1], operands, w[3], lock, undefined));
    }
}
