package org.lguest.cpu.interpreter;

/**
 * Arithmetic and logic: what ADD, ADC, ... do to two numbers and the flags. Each takes the operand size in bits as its
 * last parameter, a constant at every call, so that the compiler folds it. Operands may have anything above their size;
 * so may results.
 */
final class Alu {
    private Alu() { }

    /** Leaves result and carries of an addition-like operation behind. */
    private static int leave(Registers m, int r, int carry, int size) {
        m.result = r << 32 - size >> 32 - size;
        m.carries = size == 32 ? carry : carry << 32 - size | carry & 8;
        return r;
    }

    private static int carry(int a, int b, int r) { return a & b | (a | b) & ~r; }

    private static int borrow(int a, int b, int r) { return ~a & b | (~a | b) & r; }

    static int add(Registers m, int a, int b, int size) {
        int r = a + b;
        return leave(m, r, carry(a, b, r), size);
    }

    static int adc(Registers m, int a, int b, int size) {
        int r = a + b + (m.carries >>> 31);
        return leave(m, r, carry(a, b, r), size);
    }

    static int sub(Registers m, int a, int b, int size) {
        int r = a - b;
        return leave(m, r, borrow(a, b, r), size);
    }

    static int sbb(Registers m, int a, int b, int size) {
        int r = a - b - (m.carries >>> 31);
        return leave(m, r, borrow(a, b, r), size);
    }

    static int and(Registers m, int a, int b, int size) { return leave(m, a & b, 0, size); }

    static int or(Registers m, int a, int b, int size) { return leave(m, a | b, 0, size); }

    static int xor(Registers m, int a, int b, int size) { return leave(m, a ^ b, 0, size); }

    static void cmp(Registers m, int a, int b, int size) { sub(m, a, b, size); }

    static void test(Registers m, int a, int b, int size) { leave(m, a & b, 0, size); }

    static int inc(Registers m, int a, int size) {
        int cf = m.carries & 0x80000000;
        int r = add(m, a, 1, size);
        keep(m, cf);
        return r;
    }

    static int dec(Registers m, int a, int size) {
        int cf = m.carries & 0x80000000;
        int r = sub(m, a, 1, size);
        keep(m, cf);
        return r;
    }

    /** Puts an old CF back under a new OF. */
    private static void keep(Registers m, int cf) {
        int of = (m.carries ^ m.carries << 1) & 0x80000000;
        m.carries = m.carries & 0x3FFFFFFF | cf | (cf ^ of) >>> 1;
    }

    static int neg(Registers m, int a, int size) { return sub(m, 0, a, size); }

    static int not(Registers m, int a, int size) { return ~a; }
}
