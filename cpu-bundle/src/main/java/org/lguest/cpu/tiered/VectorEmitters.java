package org.lguest.cpu.tiered;

import static org.lguest.cpu.tiered.Code.*;

import java.lang.classfile.Label;
import java.util.HashMap;
import java.util.Map;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;
import org.lguest.cpu.interpreter.Flags;
import org.lguest.cpu.tiered.Emitters.Emitter;

/**
 * M:245 What is generated for SSE2: moves, logic, and arithmetic on doubles. XMM registers stay where they are, in the guest's
 * state, as two arrays of halves. Floats, whole numbers and most conversions are rarer, and done by the interpreter.
 */
final class VectorEmitters {
    private static final Map<String, Emitter> FORMS = new HashMap<>();

    static {
        FORMS.put("vload.any", (g, i) -> load(g, i, false));
        FORMS.put("vload.aligned", (g, i) -> load(g, i, true));
        FORMS.put("vstore.any", (g, i) -> store(g, i, false));
        FORMS.put("vstore.aligned", (g, i) -> store(g, i, true));
        FORMS.put("scalar.load64", (g, i) -> scalar(g, i, i.memory()));
        FORMS.put("scalar.movq", (g, i) -> scalar(g, i, true));
        FORMS.put("scalar.store64", (g, i) -> scalarStore(g, i, false));
        FORMS.put("scalar.qmov", (g, i) -> scalarStore(g, i, true));
        FORMS.put("half.low", (g, i) -> half(g, i, LOW));
        FORMS.put("half.high", (g, i) -> half(g, i, HIGH));
        FORMS.put("half.storelow", (g, i) -> store64(g, i, LOW));
        FORMS.put("half.storehigh", (g, i) -> store64(g, i, HIGH));
        FORMS.put("unpack", VectorEmitters::unpack);
        FORMS.put("lane", VectorEmitters::logic);
        for (String op : new String[] {"add", "sub", "mul", "div"}) FORMS.put("float." + op, (g, i) -> arithmetic(g, i, op));
        FORMS.put("comis.quiet", VectorEmitters::compare);
        FORMS.put("comis.signal", VectorEmitters::compare);
        FORMS.put("convert", VectorEmitters::convert);
    }

    private VectorEmitters() { }

    /** What generates an instruction, or null: the interpreter does it. */
    static Emitter of(Insn i) {
        boolean xmm = i.dstKind == Kind.XMM || i.srcKind == Kind.XMM;
        String name = i.row.mnemonic();
        boolean fits = xmm && i.dstKind != Kind.MMX && i.srcKind != Kind.MMX && switch (i.row.family()) {
            case "lane" -> operation(name) != null;
            case "float" -> name.endsWith("SD") || name.endsWith("PD");
            case "unpack" -> name.endsWith("PD") || name.endsWith("QDQ");
            case "comis" -> name.endsWith("SD");
            case "convert" -> name.equals("CVTSI2SD") || name.equals("CVTTSD2SI");
            default -> true;
        };
        return fits ? FORMS.get(i.row.handler()) : null;
    }

    /** The XMM register in the ModRM byte. */
    static int reg(Insn i) { return i.modrm >>> 3 & 7; }

    private static int rm(Insn i) { return i.modrm & 7; }

    // --- moves --------------------------------------------------------------------------------------------------------

    private static void load(Code g, Insn i, boolean aligned) {
        g.vectors();
        if (i.memory()) {
            g.place128(i, aligned, false);
            g.setHalf(LOW, reg(i), () -> g.from(0, 64));
            g.setHalf(HIGH, reg(i), () -> g.from(8, 64));
        } else copy(g, rm(i), reg(i));
    }

    private static void store(Code g, Insn i, boolean aligned) {
        g.vectors();
        if (i.memory()) {
            g.place128(i, aligned, true);
            g.into(0, 64, () -> g.half(LOW, reg(i)));
            g.into(8, 64, () -> g.half(HIGH, reg(i)));
        } else copy(g, reg(i), rm(i));
    }

    private static void copy(Code g, int from, int to) {
        g.setHalf(LOW, to, () -> g.half(LOW, from));
        g.setHalf(HIGH, to, () -> g.half(HIGH, from));
    }

    private static void scalar(Code g, Insn i, boolean clears) {
        g.vectors();
        source64(g, i);
        low(g, reg(i), clears);
    }

    private static void scalarStore(Code g, Insn i, boolean clears) {
        if (i.memory()) {
            store64(g, i, LOW);
            return;
        }
        g.vectors();
        g.half(LOW, reg(i));
        low(g, rm(i), clears);
    }

    /** Pops 64 bits into the low half; the high one becomes zero, or stays. */
    private static void low(Code g, int to, boolean clears) {
        g.c.lstore(WIDE);
        g.setHalf(LOW, to, () -> g.c.lload(WIDE));
        if (clears) g.setHalf(HIGH, to, g.c::lconst_0);
    }

    private static void half(Code g, Insn i, String half) {
        g.vectors();
        source64(g, i);
        g.c.lstore(WIDE);
        g.setHalf(half, reg(i), () -> g.c.lload(WIDE));
    }

    private static void store64(Code g, Insn i, String half) {
        g.vectors();
        g.store(i, 64, () -> g.half(half, reg(i)));
    }

    /** Pushes 64 bits: memory, or the low half of a register. */
    private static void source64(Code g, Insn i) {
        if (i.memory()) {
            g.load(i, 64);
        } else g.half(LOW, rm(i));
    }

    /** Two low halves, or two high ones, become a register. */
    private static void unpack(Code g, Insn i) {
        boolean high = i.row.mnemonic().contains("PCKH");
        g.vectors();
        if (i.memory()) g.place128(i, true, false);
        source(g, i, high ? HIGH : LOW);
        g.c.lstore(WIDE);
        if (high) g.setHalf(LOW, reg(i), () -> g.half(HIGH, reg(i)));
        g.setHalf(HIGH, reg(i), () -> g.c.lload(WIDE));
    }

    /** Pushes a half of the source; {@link Code#place128} has found it if it is in memory. */
    private static void source(Code g, Insn i, String half) {
        if (i.memory()) g.from(half.equals(LOW) ? 0 : 8, 64);
        else g.half(half, rm(i));
    }

    // --- logic --------------------------------------------------------------------------------------------------------

    private static String operation(String mnemonic) {
        return switch (mnemonic) {
            case "PXOR", "XORPS", "XORPD" -> "xor";
            case "POR", "ORPS", "ORPD" -> "or";
            case "PAND", "ANDPS", "ANDPD" -> "and";
            case "PANDN", "ANDNPS", "ANDNPD" -> "andn";
            default -> null;
        };
    }

    private static void logic(Code g, Insn i) {
        g.vectors();
        if (i.memory()) g.place128(i, true, false);
        logic(g, i, LOW);
        logic(g, i, HIGH);
    }

    private static void logic(Code g, Insn i, String half) {
        g.setHalf(half, reg(i), () -> {
            String operation = operation(i.row.mnemonic());
            g.half(half, reg(i));
            if (operation.equals("andn")) g.c.ldc(-1L).lxor();
            source(g, i, half);
            switch (operation) {
                case "xor" -> g.c.lxor();
                case "or" -> g.c.lor();
                default -> g.c.land();
            }
        });
    }

    // --- numbers ------------------------------------------------------------------------------------------------------

    private static void arithmetic(Code g, Insn i, String operation) {
        if (i.row.mnemonic().endsWith("PD")) {
            packed(g, i, operation);
            return;
        }
        operands(g, i);
        g.doubles(operation, Names.LONG, Names.LONG, Names.LONG);
        g.c.lstore(WIDE);
        g.setHalf(LOW, reg(i), () -> g.c.lload(WIDE));
    }

    private static void packed(Code g, Insn i, String operation) {
        g.vectors();
        if (i.memory()) g.place128(i, true, false);
        lane(g, i, operation, LOW, WIDE);
        lane(g, i, operation, HIGH, UPPER);
        g.setHalf(LOW, reg(i), () -> g.c.lload(WIDE));
        g.setHalf(HIGH, reg(i), () -> g.c.lload(UPPER));
    }

    private static void lane(Code g, Insn i, String operation, String half, int into) {
        g.half(half, reg(i));
        source(g, i, half);
        g.doubles(operation, Names.LONG, Names.LONG, Names.LONG);
        g.c.lstore(into);
    }

    private static void operands(Code g, Insn i) {
        g.vectors();
        source64(g, i);
        g.c.lstore(WIDE);
        g.half(LOW, reg(i));
        g.c.lload(WIDE);
    }

    private static void compare(Code g, Insn i) {
        operands(g, i);
        g.doubles("compare", Names.INT, Names.LONG, Names.LONG);
        g.c.istore(T);
        ordered(g);
    }

    /**
     * The flags of a comparison that T tells the outcome of, negative, 0 or positive: ZF and CF tell it; OF, SF, AF and PF are clear: see
     * {@link org.lguest.cpu.interpreter.Registers}.
     */
    static void ordered(Code g) {
        g.c.iload(T).bipush(31).ishr().loadConstant(0xC0000000).iand().istore(A);
        Label equal = g.c.newLabel();
        g.c.iconst_1().istore(B).iconst_0().istore(R).iload(T).ifeq(equal).iconst_0().istore(B).iconst_1().istore(R).labelBinding(equal);
        g.flagsOf(Flags.WORDS, 32);
    }

    private static void convert(Code g, Insn i) {
        g.vectors();
        if (i.row.mnemonic().equals("CVTSI2SD")) {
            g.operand(i, i.srcKind, i.src, 32);
            g.c.i2d().invokestatic(Names.DOUBLE, "doubleToRawLongBits", Names.DOUBLE_TO_LONG);
            low(g, reg(i), false);
        } else {
            source64(g, i);
            g.doubles("toInt", Names.INT, Names.LONG);
            g.set(i.dst, 32);
        }
    }
}
