package org.lguest.cpu.interpreter;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the operations whose speed counts most, one class for each combination of semantics, operand form and size, so
 * that HotSpot compiles each to straight code. The rest is written by hand. {@link GeneratedOpsTest} keeps the committed
 * result true.
 */
final class OpsGenerator {
    private static final List<String> BINARY = List.of("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp", "test", "mov");
    private static final List<String> UNARY = List.of("inc", "dec", "neg", "not");
    private static final List<String> SHIFTS = List.of("rol", "ror", "rcl", "rcr", "shl", "shr", "sar");
    private static final int[] SIZES = {8, 16, 32};

    private StringBuilder out;

    /** File name to content. */
    static Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        files.put("AluOps.java", new OpsGenerator().binary());
        files.put("UnaryOps.java", new OpsGenerator().unary());
        files.put("ShiftOps.java", new OpsGenerator().shifts());
        files.put("JumpOps.java", new OpsGenerator().jumps());
        return files;
    }

    private String binary() {
        begin("AluOps", "Two operands: arithmetic, logic, comparisons and moves.");
        create(BINARY);
        for (String name : BINARY) {
            select(name, List.of("RR", "RM", "RI", "MR", "MI"));
            for (String form : List.of("RR", "RM", "RI", "MR", "MI")) for (int size : SIZES) binaryClass(name, form, size);
        }
        return end();
    }

    private String unary() {
        begin("UnaryOps", "One operand.");
        create(UNARY);
        for (String name : UNARY) {
            select(name, List.of("R", "M"));
            for (String form : List.of("R", "M")) for (int size : SIZES) unaryClass(name, form, size);
        }
        return end();
    }

    private String shifts() {
        begin("ShiftOps", "Shifts and rotates, by a constant or by CL.");
        create(SHIFTS);
        for (String name : SHIFTS) {
            select(name, List.of("RI", "RC", "MI", "MC"));
            for (String form : List.of("RI", "RC", "MI", "MC")) for (int size : SIZES) shiftClass(name, form, size);
        }
        return end();
    }

    private String jumps() {
        begin("JumpOps", "Conditional jumps.");
        line(1, "/** The operation for an instruction of the family. */");
        line(1, "static Op create(Insn i, CodePage page) {");
        line(2, "return switch (Integer.parseInt(i.row.variant())) {");
        for (int cc = 0; cc < 15; cc++) line(3, "case " + cc + " -> new J" + cc + "(i, page);");
        line(3, "default -> new J15(i, page);");
        line(2, "};");
        line(1, "}");
        for (int cc = 0; cc < 16; cc++) {
            line(0, "");
            line(1, "private static final class J" + cc + " extends Jump {");
            line(2, "J" + cc + "(Insn i, CodePage page) { super(i, page); }");
            line(0, "");
            line(2, "@Override Op exec(Machine m) { return m.condition(" + cc + ") ? take(m) : pass(m); }");
            line(1, "}");
        }
        return end();
    }

    private void binaryClass(String name, String form, int size) {
        boolean memoryTarget = form.startsWith("M");
        boolean mov = name.equals("mov");
        boolean writes = !name.equals("cmp") && !name.equals("test");
        header(name, form, size, memoryTarget || form.endsWith("M"));
        String source = form.endsWith("I") ? "imm" : form.endsWith("R") ? get("src", size) : "(int) s";
        if (form.equals("RM")) {
            line(3, "long s = load" + size + "(m);");
            line(3, "if (s < 0) return m.fault(this);");
        }
        if (mov && memoryTarget) {
            line(3, "return store" + size + "(m, " + source + ") ? next : m.leave(this);");
        } else if (mov) {
            line(3, set("dst", source, size) + ";");
            line(3, "return next;");
        } else {
            if (memoryTarget) {
                line(3, "long d = " + (writes ? "modify" : "load") + size + "(m);");
                line(3, "if (d < 0) return m.fault(this);");
            }
            String call = "Alu." + name + "(m, " + (memoryTarget ? "(int) d" : get("dst", size)) + ", " + source + ", " + size + ")";
            result(call, writes, memoryTarget, size);
        }
        footer();
    }

    private void unaryClass(String name, String form, int size) {
        boolean memory = form.equals("M");
        header(name, form, size, memory);
        if (memory) {
            line(3, "long d = modify" + size + "(m);");
            line(3, "if (d < 0) return m.fault(this);");
        }
        result("Alu." + name + "(m, " + (memory ? "(int) d" : get("dst", size)) + ", " + size + ")", true, memory, size);
        footer();
    }

    private void shiftClass(String name, String form, int size) {
        boolean memory = form.startsWith("M");
        header(name, form, size, memory);
        if (memory) {
            line(3, "long d = modify" + size + "(m);");
            line(3, "if (d < 0) return m.fault(this);");
        }
        String count = form.endsWith("I") ? "imm" : "m.gpr[CpuState.ECX]";
        result("Shifts." + name + "(m, " + (memory ? "(int) d" : get("dst", size)) + ", " + count + ", " + size + ")", true, memory, size);
        footer();
    }

    private void result(String call, boolean writes, boolean memory, int size) {
        if (!writes) {
            line(3, call + ";");
            line(3, "return next;");
        } else if (memory) {
            line(3, "return m.storeBack" + size + "(" + call + ") ? next : m.leave(this);");
        } else {
            line(3, set("dst", call, size) + ";");
            line(3, "return next;");
        }
    }

    private static String get(String register, int size) { return size == 32 ? "m.gpr[" + register + "]" : "m.get" + size + "(" + register + ")"; }

    private static String set(String register, String value, int size) {
        return size == 32 ? "m.gpr[" + register + "] = " + value : "m.set" + size + "(" + register + ", " + value + ")";
    }

    private void begin(String name, String what) {
        out = new StringBuilder();
        line(0, "package org.lguest.cpu.interpreter;");
        line(0, "");
        if (name.equals("ShiftOps")) line(0, "import org.lguest.api.state.CpuState;");
        line(0, "import org.lguest.cpu.decode.Insn;");
        line(0, "");
        line(0, "/** Generated by OpsGenerator, do not edit. " + what + " */");
        line(0, "final class " + name + " {");
        line(1, "private " + name + "() { }");
        line(0, "");
    }

    private String end() {
        line(0, "}");
        return out.toString();
    }

    private void create(List<String> names) {
        line(1, "/** The operation for an instruction of the family. */");
        line(1, "static Op create(Insn i, boolean flat) {");
        line(2, "return switch (i.row.variant()) {");
        for (String n : names) line(3, "case \"" + n + "\" -> " + n + "(i, flat);");
        line(3, "default -> throw new IllegalStateException(i.row.toString());");
        line(2, "};");
        line(1, "}");
    }

    private void select(String name, List<String> forms) {
        line(0, "");
        line(1, "private static Op " + name + "(Insn i, boolean flat) {");
        line(2, "return switch (Forms.of(i)) {");
        for (String form : forms)
            for (int size : SIZES) line(3, "case Forms." + form + size + " -> new " + type(name, form, size) + (form.contains("M") ? "(i, flat);" : "(i);"));
        line(3, "default -> throw new IllegalStateException(i.row.toString());");
        line(2, "};");
        line(1, "}");
    }

    private static String type(String name, String form, int size) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1) + form + size;
    }

    private void header(String name, String form, int size, boolean memory) {
        String type = type(name, form, size);
        line(0, "");
        line(1, "private static final class " + type + " extends " + (memory ? "MemOp {" : "Op {"));
        line(2, memory ? type + "(Insn i, boolean flat) { super(i, flat); }" : type + "(Insn i) { super(i); }");
        line(0, "");
        line(2, "@Override Op exec(Machine m) {");
    }

    private void footer() {
        line(2, "}");
        line(1, "}");
    }

    private void line(int indent, String text) { out.append(text.isEmpty() ? "" : "    ".repeat(indent)).append(text).append('\n'); }
}
