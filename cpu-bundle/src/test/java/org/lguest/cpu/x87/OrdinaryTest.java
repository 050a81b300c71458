package org.lguest.cpu.x87;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;

/** The short ways of {@link Ordinary} against {@link X87}: the same state and answer, or nothing done at all. And often enough they have to be gone. */
class OrdinaryTest {
    private static final int CASES = 30_000, OFTEN = CASES / 10;
    private static final int[] STATUS_WITHOUT_ES = {0, 0x20, 0x3F, 0x220, 0x4700, 0x47};

    /** An instruction as Ordinary does it; one that stores something leaves that in {@link #answer}. */
    private interface Fast {
        boolean done(FpuState f, long bits);
    }

    /** The same as X87 does it. */
    private interface Careful {
        void does(X87 unit, Cell memory);
    }

    private final SplittableRandom random = new SplittableRandom(87);
    private final FpuState given = new FpuState(), fast = new FpuState(), careful = new FpuState();
    private final X87 unit = new X87(careful);
    private final Cell memory = new Cell();
    private long answer;
    /** ST(0) is the largest number there is, or looks like it. */
    private boolean largest;

    /** The operand of an instruction. */
    private static final class Cell implements FpuMemory {
        long bits;

        @Override public int load16(int offset) { return (int) bits & 0xFFFF; }

        @Override public long load32(int offset) { return bits & 0xFFFFFFFFL; }

        @Override public long load64(int offset) { return bits; }

        @Override public boolean faulted() { return false; }

        @Override public boolean prepareLoad(int offset, int bytes) { return true; }

        @Override public boolean prepareStore(int offset, int bytes) { return true; }

        @Override public boolean store16(int offset, int value) { return store64(offset, value & 0xFFFFL); }

        @Override public boolean store32(int offset, long value) { return store64(offset, value & 0xFFFFFFFFL); }

        @Override public boolean store64(int offset, long value) {
            bits = value;
            return true;
        }
    }

    // --- what is met ----------------------------------------------------------------------------------------------------

    private void state() {
        given.control = random.nextInt(4) != 0 ? 0x7F | random.nextInt(4) << 8 | (random.nextInt(8) == 0 ? random.nextInt(4) << 10 : 0)
            : 0x40 | random.nextInt(0x40) | random.nextInt(16) << 8;
        given.status = STATUS_WITHOUT_ES[random.nextInt(STATUS_WITHOUT_ES.length)] | random.nextInt(8) << 11;
        if ((given.status & ~given.control & 0x3F) != 0) given.status &= ~0x3F;
        given.tag = 0;
        for (int r = 0; r < 8; r++) {
            if (random.nextInt(8) == 0) given.tag |= 3 << 2 * r;
            given.significand[r] = significand();
            given.signExponent[r] = random.nextInt(2) << 15 | exponent();
            if (random.nextInt(12) == 0) given.signExponent[r] &= 0x8000;
            if (random.nextInt(24) == 0) given.significand[r] = 0;
            if (random.nextInt(24) == 0) given.signExponent[r] |= 0x7FFF;
        }
        if (random.nextInt(4) != 0) given.tag |= 3 << 2 * ((given.status >>> 11) + 7 & 7); // room for one more
        if (random.nextInt(4) == 0) like();
        if (largest) largest(given.status >>> 11 & 7);
    }

    private void largest(int top) {
        given.tag &= ~(3 << 2 * top);
        given.significand[top] = -1L << (random.nextBoolean() ? 0 : random.nextInt(42));
        given.signExponent[top] = random.nextInt(2) << 15 | random.nextInt(0x7FFD, 0x7FFF);
    }

    /** Two registers are the same, or nearly: differences of one place, exact quotients, cancellation. */
    private void like() {
        int a = given.status >>> 11 & 7, b = a + random.nextInt(8) & 7;
        given.significand[b] = given.significand[a] + (random.nextBoolean() ? 0 : random.nextInt(-1, 2));
        given.signExponent[b] = given.signExponent[a] ^ random.nextInt(2) << 15 ^ random.nextInt(2);
    }

    private int exponent() {
        return switch (random.nextInt(16)) {
            case 0 -> random.nextInt(0x8000);
            case 1 -> random.nextInt(0x8000 - 80, 0x8000);
            case 2 -> random.nextInt(80);
            case 3 -> 16383 + (random.nextBoolean() ? 1023 : -1022) + random.nextInt(-3, 4);
            case 4 -> 16383 + (random.nextBoolean() ? 127 : -126) + random.nextInt(-3, 4);
            case 5, 6, 7 -> 16383 + random.nextInt(66);
            default -> random.nextInt(16383 - 40, 16383 + 40);
        };
    }

    /** Often with many zeros or ones at its end, behind 24, 53 or any number of bits, so that there are ties and carries. */
    private long significand() {
        long s = random.nextLong() | 1L << 63;
        int end = switch (random.nextInt(4)) {
            case 0 -> 39;
            case 1 -> 10;
            default -> random.nextInt(63);
        };
        return switch (random.nextInt(6)) {
            case 0, 1 -> s >>> end << end;
            case 2 -> s | (1L << end) - 1;
            case 3 -> random.nextInt(8) == 0 ? s >>> 1 + random.nextInt(62) : -1L << random.nextInt(64);
            default -> s;
        };
    }

    private long real() {
        long bits = random.nextLong() & 1L << 63 | significand() << 1 >>> 12;
        return switch (random.nextInt(16)) {
            case 0 -> bits;
            case 1 -> bits | 0x7FFL << 52;
            case 2 -> bits & 1L << 63 | (random.nextBoolean() ? 0x7FFL << 52 : 0);
            default -> bits | (long) random.nextInt(1023 - 70, 1023 + 70) << 52;
        };
    }

    private long single() {
        int bits = random.nextInt() & 1 << 31 | (int) (significand() << 1 >>> 41);
        return switch (random.nextInt(16)) {
            case 0 -> bits;
            case 1 -> bits | 0xFF << 23;
            case 2 -> bits & 1 << 31;
            default -> bits | random.nextInt(1, 255) << 23;
        } & 0xFFFFFFFFL;
    }

    // --- how it is compared ---------------------------------------------------------------------------------------------

    private static void copy(FpuState from, FpuState to) {
        System.arraycopy(from.significand, 0, to.significand, 0, 8);
        System.arraycopy(from.signExponent, 0, to.signExponent, 0, 8);
        to.control = from.control;
        to.status = from.status;
        to.tag = from.tag;
    }

    private static String words(FpuState f) {
        return String.format("control %x status %x tag %x %s %s", f.control, f.status, f.tag, Arrays.toString(f.significand), Arrays.toString(f.signExponent));
    }

    private static boolean same(FpuState a, FpuState b) {
        return a.control == b.control && a.status == b.status && a.tag == b.tag && Arrays.equals(a.significand, b.significand)
            && Arrays.equals(a.signExponent, b.signExponent);
    }

    /** @param kind of the operand: 32, 64, 0 for a whole number, or what it is */
    private void agree(String what, int kind, Fast ordinary, Careful x87) {
        int often = 0;
        for (int n = 0; n < CASES; n++) {
            state();
            long bits = kind == 32 ? single() : kind == 64 ? real() : kind == 0 ? random.nextLong() >> random.nextInt(64) : kind;
            copy(given, fast);
            copy(given, careful);
            answer = memory.bits = bits;
            boolean done = ordinary.done(fast, bits);
            FpuState wanted = given;
            if (done) {
                often++;
                x87.does(unit, memory);
                wanted = careful;
                assertEquals(memory.bits, answer, () -> what + " of " + words(given));
            }
            if (!same(wanted, fast)) assertEquals(words(wanted), words(fast), what + ", " + done + ", of " + Long.toHexString(bits) + " and " + words(given));
        }
        assertTrue(often > OFTEN, what + " was ordinary " + often + " times");
    }

    private void register(String what, int esc, int modrm, boolean pops, Fast ordinary) {
        agree(what, 0, (f, bits) -> popped(f, ordinary.done(f, bits), pops), (u, m) -> assertEquals(X87.DONE, u.register(esc, modrm, new CpuState(), 0)));
    }

    private void memory(String what, int kind, int esc, int reg, boolean pops, Fast ordinary) {
        agree(what, kind, (f, bits) -> popped(f, ordinary.done(f, bits), pops), (u, m) -> assertEquals(X87.DONE, u.memory(esc, reg, m, true)));
    }

    private static boolean popped(FpuState f, boolean done, boolean pops) {
        if (done && pops) Ordinary.pop(f);
        return done;
    }

    private boolean answers(boolean is, FpuState f, ToLongFunction<FpuState> value) {
        if (is) answer = value.applyAsLong(f);
        return is;
    }

    // --- the instructions -----------------------------------------------------------------------------------------------

    private static boolean operation(int op, FpuState f, int se, long sig) {
        return op == 2 || op == 3 ? Ordinary.compare(f, se, sig) : Ordinary.calculate(f, op, 0, se, sig);
    }

    @Test
    void arithmeticAndComparisonsOfRegistersAreTheUnits() {
        for (int op = 0; op < 8; op++) {
            int o = op, i = random.nextInt(1, 7);
            register("D8 " + op, 0, 0xC0 | op << 3 | i, op == 3, (f, bits) -> operation(o, f, Ordinary.exponent(f, i), Ordinary.significand(f, i)));
            if (op == 2 || op == 3) continue;
            register("DC " + op, 4, 0xC0 | op << 3 | i, false, (f, bits) -> Ordinary.calculate(f, o, i, i));
            register("DE " + op, 6, 0xC0 | op << 3 | i, true, (f, bits) -> Ordinary.calculate(f, o, i, i));
        }
    }

    @Test
    void arithmeticAndComparisonsWithMemoryAreTheUnits() {
        for (int op = 0; op < 8; op++) {
            int o = op;
            memory("D8 " + op, 32, 0, op, op == 3, (f, b) -> operation(o, f, Ordinary.exponent((int) b), Ordinary.significand((int) b)));
            memory("DA " + op, 0, 2, op, op == 3, (f, b) -> operation(o, f, Ordinary.exponentOfWhole((int) b), Ordinary.significandOfWhole((int) b)));
            memory("DC " + op, 64, 4, op, op == 3, (f, b) -> operation(o, f, Ordinary.exponent(b), Ordinary.significand(b)));
            memory("DE " + op, 0, 6, op, op == 3, (f, b) -> operation(o, f, Ordinary.exponentOfWhole((short) b), Ordinary.significandOfWhole((short) b)));
        }
    }

    @Test
    void theLargestNumbersGrowOrOverflowAsTheUnitSays() {
        largest = true;
        int one = Float.floatToRawIntBits(1);
        for (int op : new int[] {1, 6}) {
            agree("by 1, " + op, one, (f, b) -> Ordinary.calculate(f, op, 0, Ordinary.exponent((int) b), Ordinary.significand((int) b)),
                (u, m) -> assertEquals(X87.DONE, u.memory(0, op, m, true)));
        }
    }

    @Test
    void loadsAreTheUnits() {
        memory("FLD m32", 32, 1, 0, false, (f, b) -> Ordinary.push(f, Ordinary.exponent((int) b), Ordinary.significand((int) b)));
        memory("FLD m64", 64, 5, 0, false, (f, b) -> Ordinary.push(f, Ordinary.exponent(b), Ordinary.significand(b)));
        memory("FILD m16", 0, 7, 0, false, (f, b) -> Ordinary.push(f, Ordinary.exponentOfWhole((short) b), Ordinary.significandOfWhole((short) b)));
        memory("FILD m32", 0, 3, 0, false, (f, b) -> Ordinary.push(f, Ordinary.exponentOfWhole((int) b), Ordinary.significandOfWhole((int) b)));
        memory("FILD m64", 0, 7, 5, false, (f, b) -> Ordinary.push(f, Ordinary.exponentOfWhole(b), Ordinary.significandOfWhole(b)));
        register("FLD ST(3)", 1, 0xC3, false, (f, b) -> Ordinary.push(f, Ordinary.exponent(f, 3), Ordinary.significand(f, 3)));
    }

    @Test
    void movesAmongRegistersAreTheUnits() {
        register("FXCH ST(5)", 1, 0xCD, false, (f, b) -> Ordinary.exchange(f, 5));
        register("FST ST(2)", 5, 0xD2, false, (f, b) -> Ordinary.copy(f, 2));
        register("FSTP ST(0)", 5, 0xD8, true, (f, b) -> Ordinary.copy(f, 0));
        register("FCHS", 1, 0xE0, false, (f, b) -> Ordinary.sign(f, 0xFFFF, 0x8000));
        register("FABS", 1, 0xE1, false, (f, b) -> Ordinary.sign(f, 0x7FFF, 0));
    }

    @Test
    void storesAreTheUnits() {
        memory("FSTP m32", 32, 1, 3, true, (f, b) -> answers(Ordinary.isFloat(f), f, g -> Ordinary.toFloat(g) & 0xFFFFFFFFL));
        memory("FST m64", 64, 5, 2, false, (f, b) -> answers(Ordinary.isDouble(f), f, Ordinary::toDouble));
        memory("FISTP m16", 0, 7, 3, true, (f, b) -> answers(Ordinary.isWhole(f, 16), f, g -> Ordinary.toWhole(g) & 0xFFFF));
        memory("FIST m32", 0, 3, 2, false, (f, b) -> answers(Ordinary.isWhole(f, 32), f, g -> Ordinary.toWhole(g) & 0xFFFFFFFFL));
        memory("FISTP m64", 0, 7, 7, true, (f, b) -> answers(Ordinary.isWhole(f, 64), f, Ordinary::toWhole));
    }

    @Test
    void comparisonsForTheProcessorsFlagsAreTheUnits() {
        agree("FCOMI ST(4)", 0, (f, b) -> {
            int order = Ordinary.compare(f, 4);
            answer = order == 0 ? CpuState.ZF : order < 0 ? CpuState.CF : 0;
            return order != Ordinary.UNKNOWN;
        }, (u, m) -> {
            assertEquals(X87.DONE, u.register(3, 0xF4, new CpuState(), 0));
            m.bits = u.flags;
        });
    }

    /** HotSpot's second compiler copies what has 325 bytes at most ({@code -XX:FreqInlineSize}). */
    @Test
    void arithmeticIsTooLongToBeCopiedIntoGeneratedCode() throws IOException {
        try (InputStream in = Ordinary.class.getResourceAsStream("Ordinary.class")) {
            int longest = ClassFile.of().parse(in.readAllBytes()).methods().stream().filter(m -> m.methodName().equalsString("calculate"))
                .mapToInt(m -> m.findAttribute(Attributes.code()).orElseThrow().codeLength()).max().orElseThrow();
            assertTrue(longest > 325, longest + " bytes");
        }
    }
}
