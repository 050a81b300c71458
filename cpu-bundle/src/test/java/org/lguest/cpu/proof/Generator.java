package org.lguest.cpu.proof;

import static org.lguest.api.state.CpuState.*;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Escapes;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.table.X86Table;
import org.lguest.cpu.table.X86Table.Form;
import org.lguest.cpu.table.X86Table.Row;

/**
 * Invents cases from the rows of the x86 table. The same seed gives the same cases, everywhere.
 */
final class Generator {
    /** Families of rows whose effect a process of today's Linux cannot show, and why. */
    private static final Map<String, String> HIDDEN = Map.of(
        "cpuid", "answers differ from model to model, and hypervisors have a say", "rdtsc", "no two answers are the same",
        "sgdt", "refused, or answered by the kernel", "sidt", "refused, or answered by the kernel", "store", "refused, or answered by the kernel",
        "icebp", "the kernel takes it for a breakpoint of its own");
    private static final Set<String> SYSTEM_CALLS = Set.of("SYSENTER", "SYSEXIT");
    private static final int[] PREFIX_OF_SEGMENT = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};

    private final SplittableRandom random;
    private final List<Row> rows = X86Table.i686().rows().stream().filter(r -> hidden(r) == null).toList();

    Generator(long seed) { random = new SplittableRandom(seed); }

    /** Why no cases are made from a row, or null: then there are some. */
    static String hidden(Row r) {
        return SYSTEM_CALLS.contains(r.mnemonic()) ? "enters the kernel of the host" : HIDDEN.get(r.family());
    }

    /** The families that {@link #hidden} speaks of. */
    static Set<String> hiddenFamilies() { return HIDDEN.keySet(); }

    /** The rows that cases are made from. */
    List<Row> rows() { return rows; }

    /** A case of any row. */
    Case next() { return next(rows.get(random.nextInt(rows.size()))); }

    /** A case of a row. */
    Case next(Row row) { return next(row, -1); }

    /**
     * A case of a form of a row.
     *
     * @param modrm for x87 instructions: 0xC0 and more as it is to be, less for its reg field with any memory operand; -1 for any form
     */
    Case next(Row row, int modrm) {
        for (;;) {
            Draft d = new Draft(row, random);
            d.form = modrm;
            var addressing = new Addressing(d);
            var roles = new Roles(d, addressing);
            prefixes(d);
            stack(d);
            place(d);
            roles.before();
            encode(d, addressing, roles);
            byte[] code = d.code.toByteArray();
            if (code.length <= 15 && harmless(code) && !Models.runner(d.target)) return finish(d, code);
        }
    }

    /** Writes the instruction of a draft, with prefixes and state that suit it, for a place in a program. */
    void write(Draft d) {
        var addressing = new Addressing(d);
        var roles = new Roles(d, addressing);
        if (random.nextInt(5) < 2 && !d.row.family().matches("sh[lr]d")) d.operandSize = 16; // counts above 16 are nobody's
        if (d.once(8)) d.overridden = d.pick(SegmentState.DS, SegmentState.ES, SegmentState.SS);
        d.lock = d.row.lockable() && d.once(6);
        if (VectorRoles.vector(d.row)) mandatory(d);
        if (d.row.family().matches("movs|stos|lods|cmps|scas") && d.once(2)) d.repeat = d.pick(0xF2, 0xF3);
        roles.before();
        encode(d, addressing, roles);
    }

    /** No system call of the host's kernel, nowhere in the bytes. */
    static boolean harmless(byte[] code) {
        for (int i = 0; i + 1 < code.length; i++) {
            int two = (code[i] & 0xFF) << 8 | code[i + 1] & 0xFF;
            if (two == 0xCD80 || two == 0x0F05 || two == 0x0F34) return false;
        }
        return true;
    }

    private void prefixes(Draft d) {
        String family = d.row.family();
        boolean string = Set.of("movs", "stos", "lods", "cmps", "scas").contains(family) || d.row.mnemonic().startsWith("INS") || d.row.mnemonic().startsWith("OUTS");
        if (random.nextInt(5) < 2) d.operandSize = 16;
        if (d.once(4)) d.addressSize = 16;
        if (d.once(5)) d.overridden = random.nextInt(6);
        d.lock = d.once(d.row.lockable() ? 6 : 80) && !d.row.operands().contains("Cd") && !family.startsWith("ver"); // LOCK MOV CR0 is CR8 on some
        boolean meansMore = d.row.opcode() >= 0x100; // F2 and F3 select other instructions behind 0F
        if (string && d.once(2) || !meansMore && !family.equals("loop") && d.once(30)) d.repeat = d.pick(0xF2, 0xF3);
        if (d.once(3)) d.selectors[SegmentState.FS] = d.pick(World.LIMITED, World.DOWN, World.USER_DS, World.READ_ONLY);
        if (d.once(3)) d.selectors[SegmentState.GS] = d.pick(World.LIMITED, World.DOWN, World.USER_DS, World.READ_ONLY);
        if (d.once(10)) d.selectors[SegmentState.DS] = d.pick(World.LIMITED, World.DOWN, 0, World.READ_ONLY);
        if (d.once(10)) d.selectors[SegmentState.ES] = d.pick(World.LIMITED, World.DOWN, 0, World.READ_ONLY);
        if (d.once(12)) d.selectors[SegmentState.SS] = d.pick(World.LIMITED, World.DOWN, World.DOWN16);
        else if (d.once(8)) d.selectors[SegmentState.SS] = World.STACK16;
        if (d.once(6)) d.selectors[SegmentState.CS] = d.pick(World.CODE16, World.CODE16, World.CODE_LIMITED, World.CODE_ONLY);
        if (d.code16() && d.once(2)) d.operandSize = d.addressSize = 16;
        if (VectorRoles.vector(d.row)) mandatory(d);
        if (d.once(40)) d.selectors[d.pick(SegmentState.DS, SegmentState.ES, SegmentState.FS, SegmentState.GS)] = d.pick(World.DOWN16, World.CODE_LIMITED, World.CODE16);
    }

    /** The prefix that makes the opcode what it is: F2 and F3 count before 66, which may then be there as well. */
    private void mandatory(Draft d) {
        int prefix = d.row.prefix();
        boolean wide = prefix == 0x66 || prefix > 0x66 && d.once(12);
        d.operandSize = wide != d.code16() ? 16 : 32;
        d.repeat = prefix > 0x66 ? prefix : 0;
    }

    /** Sets ESP: mostly well inside the stack, now and then at its ends. */
    private void stack(Draft d) {
        World.Area a = d.selectors[SegmentState.SS] == World.USER_DS || d.stack16() ? World.STACK : World.DATA;
        int top = switch (random.nextInt(12)) {
            case 0 -> a.address() + random.nextInt(40);
            case 1 -> a.end() - random.nextInt(40);
            case 2 -> a.address() + 0x1000 + random.nextInt(-24, 24);
            default -> a.address() + 0x100 + random.nextInt(a.bytes() - 0x200);
        };
        d.gpr[ESP] = (d.once(3) ? top : top & ~3) - World.base(d.selectors[SegmentState.SS]) | (d.stack16() && d.once(2) ? random.nextInt() << 16 : 0);
    }

    /** Chooses where the code lies: anywhere in its pages, across their border, at the end of the last. */
    private void place(Draft d) {
        World.Area a = World.CODE;
        d.eip = switch (random.nextInt(16)) {
            case 0 -> a.address() + 0x1000 - random.nextInt(16);
            case 1 -> d.once(2) ? a.end() - 1 - random.nextInt(15) : a.address() + random.nextInt(16);
            default -> a.address() + 16 + random.nextInt(a.bytes() - 48);
        };
    }

    private void encode(Draft d, Addressing addressing, Roles roles) {
        int[] prefixes = {(d.operandSize == 16) != d.code16() ? 0x66 : 0, (d.addressSize == 16) != d.code16() ? 0x67 : 0, d.overridden >= 0 ? PREFIX_OF_SEGMENT[d.overridden] : 0, d.repeat, d.lock ? 0xF0 : 0};
        for (int i = prefixes.length - 1; i > 0; i--) { // any order
            int j = random.nextInt(i + 1);
            int p = prefixes[i];
            prefixes[i] = prefixes[j];
            prefixes[j] = p;
        }
        for (int p : prefixes) if (p != 0) d.code.write(p);
        if (d.row.opcode() >= 0x100) d.code.write(0x0F);
        d.code.write(d.row.opcode());
        if (X86Table.i686().hasModrm(d.row.opcode())) modrm(d, addressing);
        for (String operand : d.row.operands())
            if (operand.startsWith("O")) {
                d.memory = true;
                int segment = d.overridden >= 0 ? d.overridden : SegmentState.DS;
                if (d.addressSize == 16 && segment != SegmentState.CS && segment != SegmentState.SS) d.selectors[segment] = World.LIMITED;
                d.target = addressing.target();
                int offset = d.target - World.base(d.selectors[segment]);
                if (d.addressSize == 16) d.target = World.base(d.selectors[segment]) + (offset & 0xFFFF);
                write(d, offset, d.addressSize >>> 3);
            }
        roles.after();
        for (String operand : d.row.operands()) immediate(d, operand);
    }

    private void modrm(Draft d, Addressing addressing) {
        Row row = d.row;
        d.reg = row.reg() >= 0 ? row.reg() : random.nextInt(8);
        if (row.operands().contains("Sw") && !d.once(20)) d.reg = random.nextInt(6);
        d.memory = row.form() == Form.MEMORY || row.form() == Form.ANY && !d.once(3);
        if (row.family().equals("fpu")) escape(d);
        if (d.memory) {
            d.target = addressing.target();
            if (VectorRoles.vector(row) && !d.once(10)) d.target &= -VectorRoles.alignment(row);
            addressing.memory(d.reg);
        } else {
            if (d.form < 0xC0) d.rm = random.nextInt(8);
            d.code.write(0xC0 | d.reg << 3 | d.rm);
        }
    }

    /** Half of the instructions behind an escape opcode have operands in memory. */
    private void escape(Draft d) {
        d.memory = d.form < 0 ? d.once(2) : d.form < 0xC0;
        if (d.form < 0) return;
        d.reg = d.form >>> 3 & 7;
        d.rm = d.form & 7;
    }

    private void immediate(Draft d, String operand) {
        int wide = d.operandSize >>> 3;
        switch (operand) {
            case "Ib", "Ibs" -> {
                boolean shift = Set.of("shift", "shld", "shrd").contains(d.row.family());
                boolean level = d.row.family().equals("enter");
                write(d, shift && !d.once(3) || level && !d.once(6) ? random.nextInt(level ? 6 : 17) : Roles.count(d, Values.edge(random)), 1);
            }
            case "Iw" -> write(d, d.once(4) ? Values.edge(random) : random.nextInt(64), 2);
            case "Iz" -> write(d, Values.edge(random), wide);
            case "Jb" -> relative(d, 1);
            case "Jz" -> relative(d, wide);
            case "Ap" -> {
                write(d, d.codeTarget(), wide); // an offset in the flat segment
                write(d, d.codeSelector(), 2);
            }
            default -> { }
        }
    }

    /** A jump to INT3, not into the instruction itself; LOOP may also go back to itself. */
    private void relative(Draft d, int bytes) {
        int end = d.eip + d.code.size() + bytes;
        if (d.row.family().equals("loop") && (d.gpr[ECX] & (d.addressSize == 16 ? 0xFFFF : -1)) != 0 && d.once(3)) {
            write(d, d.eip - end, bytes);
            return;
        }
        for (;;) {
            int to = bytes == 1 ? end + (byte) random.nextInt() : d.codeTarget();
            if (to >= d.eip && to < end) continue;
            write(d, to - end, bytes);
            return;
        }
    }

    private static void write(Draft d, int v, int bytes) {
        for (int n = 0; n < bytes; n++) d.code.write(v >>> 8 * n);
    }

    private static String name(Draft d) {
        int esc = d.row.opcode() & 7;
        int modrm = d.memory ? d.reg << 3 : 0xC0 | d.reg << 3 | d.rm;
        return Escapes.mnemonic(esc, modrm) + " " + Escapes.form(esc, modrm).substring(0, 5);
    }

    private Case finish(Draft d, byte[] code) {
        int room = Math.min(code.length, World.CODE.end() - d.eip);
        d.patches.add(new Patch(d.eip, java.util.Arrays.copyOf(code, room), true));
        int[] gpr = java.util.Arrays.copyOf(d.gpr, 8);
        boolean escape = d.row.family().equals("fpu");
        String name = escape ? name(d) : d.row.mnemonic() + " " + String.join(",", d.row.operands());
        return new Case(name, gpr, d.eip - World.base(d.selectors[SegmentState.CS]), d.eflags | 2, d.selectors, d.patches, Undefined.flags(d, code), d.fpu);
    }
}
