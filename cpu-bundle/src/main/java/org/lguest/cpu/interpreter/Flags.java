package org.lguest.cpu.interpreter;

import org.lguest.api.state.CpuState;

/**
 * Flags in generated code: not flags, but what is needed to work them out. Four variables hold a kind of operation, and of its
 * operands and its result what cannot be derived from the rest. Most are overwritten before anybody asks; then nothing has been
 * computed at all, and what is held is mostly what registers hold anyway.
 *
 * <p>A kind is one of the constants here plus the code of the operand size, see {@link #of}. Operands of 8 and 16 bits are
 * zero-extended, results may have anything above their size. Variables that a kind does not name are anything.
 */
public final class Flags {
    /** The two words of {@link Registers}: {@code a} is its carries, {@code b} and {@code r} are the halves of its result. */
    public static final int WORDS = 0;
    /** ADD, told by b and r. */
    public static final int ADD = 4;
    /** SUB and NEG, told by b and r. */
    public static final int SUB = 8;
    /** CMP, told by a and b. */
    public static final int CMP = 12;
    /** r = a + b and perhaps 1. */
    public static final int ADC = 16;
    /** r = a - b and perhaps 1 less. */
    public static final int SBB = 20;
    /** AND, OR, XOR, TEST, told by r: no carry, no overflow. */
    public static final int LOGIC = 24;
    /** INC, told by r; CF is b. */
    public static final int INC = 28;
    /** DEC, told by r; CF is b. */
    public static final int DEC = 32;
    /** r = a << b. */
    public static final int SHL = 36;
    /** r = a >>> b. */
    public static final int SHR = 40;
    /** r = a >> b. */
    public static final int SAR = 44;
    /** A multiplication with the low half r: CF and OF are clear when {@code a} is 0. */
    public static final int MUL = 48;

    private Flags() { }

    /** A kind for an operand size in bits. */
    public static int of(int operation, int size) { return operation + (size >>> 4); }

    /** The method here that works out carries of an operation. */
    public static String name(int operation) { return switch (operation) {
        case ADD -> "add";
        case SUB -> "sub";
        case CMP -> "cmp";
        case ADC -> "adc";
        case SBB -> "sbb";
        case INC -> "inc";
        default -> "dec";
    }; }

    private static int size(int kind) { return switch (kind & 3) {
        case 0 -> 8;
        case 1 -> 16;
        default -> 32;
    }; }

    /** See {@link Registers}. */
    public static int carries(int kind, int a, int b, int r) {
        int size = size(kind);
        return switch (kind & ~3) {
            case ADD -> add(a, b, r, size);
            case SUB -> sub(a, b, r, size);
            case CMP -> cmp(a, b, r, size);
            case ADC -> adc(a, b, r, size);
            case SBB -> sbb(a, b, r, size);
            case LOGIC -> 0;
            case INC -> inc(a, b, r, size);
            case DEC -> dec(a, b, r, size);
            case SHL -> Shifts.shlCarries(a, b, size);
            case SHR -> Shifts.shrCarries(a, b, size);
            case SAR -> Shifts.sarCarries(a, b, size);
            case MUL -> nonzero(a);
            default -> a;
        };
    }

    // --- carries by operation: without branches, so that HotSpot computes them where they are needed, and only there ----

    /** Of {@link #ADD}; the size in bits. */
    public static int add(int a, int b, int r, int size) { return narrow(carry(r - b, b, r), size); }

    /** Of {@link #SUB}. */
    public static int sub(int a, int b, int r, int size) { return narrow(borrow(r + b, b, r), size); }

    /** Of {@link #CMP}. */
    public static int cmp(int a, int b, int r, int size) { return narrow(borrow(a, b, a - b), size); }

    /** Of {@link #ADC}. */
    public static int adc(int a, int b, int r, int size) { return narrow(carry(a, b, r), size); }

    /** Of {@link #SBB}. */
    public static int sbb(int a, int b, int r, int size) { return narrow(borrow(a, b, r), size); }

    /** Of {@link #INC}. */
    public static int inc(int a, int b, int r, int size) { return withCarry(narrow(carry(r - 1, 1, r), size), b); }

    /** Of {@link #DEC}. */
    public static int dec(int a, int b, int r, int size) { return withCarry(narrow(borrow(r + 1, 1, r), size), b); }

    /** CF and OF when there is anything. */
    private static int nonzero(int v) { return (v | -v) & 0x80000000; }

    /** Low half of the result. */
    public static int low(int kind, int a, int b, int r) {
        int shift = 32 - size(kind);
        return kind == WORDS ? r : (kind & ~3) == CMP ? a - b << shift >> shift : r << shift >> shift;
    }

    /** High half of the result. */
    public static int high(int kind, int a, int b, int r) { return kind == WORDS ? b : low(kind, a, b, r) >> 31; }

    /** The result. */
    public static long result(int kind, int a, int b, int r) { return (long) high(kind, a, b, r) << 32 | low(kind, a, b, r) & 0xFFFFFFFFL; }

    /** A condition by its number in the opcode. */
    public static boolean condition(int cc, int kind, int a, int b, int r) { return Registers.condition(cc, result(kind, a, b, r), carries(kind, a, b, r)); }

    /** CF, 0 or 1. */
    public static int cf(int kind, int a, int b, int r) { return carries(kind, a, b, r) >>> 31; }

    /** Carries of r = a + b or a + b + 1. */
    public static int carry(int a, int b, int r) { return a & b | (a | b) & ~r; }

    /** Borrows of r = a - b or a - b - 1. */
    public static int borrow(int a, int b, int r) { return ~a & b | (~a | b) & r; }

    private static int narrow(int carries, int size) { return size == 32 ? carries : carries << 32 - size | carries & 8; }

    /** Carries after SAHF: CF and AF are those in AH, OF is what it was. */
    public static int sahf(int ah, int carries) { return withCarry(carries & ~8 | (ah & CpuState.AF) >>> 1, ah & CpuState.CF); }

    /** The low half of the result after SAHF: see {@link Registers}. */
    public static int sahfLow(int ah) { return (~ah & CpuState.ZF) << 2; }

    /** The high half of the result after SAHF. */
    public static int sahfHigh(int ah) { return (ah & CpuState.SF) << 24 | (~ah & CpuState.PF) >>> 2; }

    /** The high half of the result when ZF is to be another: SF and PF are in it alone then, with {@link #lowOfZero}. */
    public static int highBesidesZero(int kind, int a, int b, int r) {
        int high = high(kind, a, b, r), bytes = low(kind, a, b, r) ^ high;
        return high & 0x80000000 | Integer.bitCount(bytes & 0xFF) & 1;
    }

    /** The low half of the result that has ZF when a number is zero, and says nothing about PF. */
    public static int lowOfZero(int v) { return v == 0 ? 0 : 0x100; }

    /** Carries with another CF, 0 or 1, and the same OF and AF. */
    public static int withCarry(int carries, int cf) {
        int top = cf << 31;
        return carries & 0x3FFFFFFF | top | (top ^ (carries ^ carries << 1) & 0x80000000) >>> 1;
    }
}
