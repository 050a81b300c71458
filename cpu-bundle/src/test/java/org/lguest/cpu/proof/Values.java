package org.lguest.cpu.proof;

import java.util.SplittableRandom;

/** Numbers at which arithmetic goes wrong, and others. */
final class Values {
    private static final int[] EDGES = {0, 1, 2, 3, -1, -2, 0x7F, 0x80, 0x81, 0xFF, 0x100, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0x7F80, 0x8080, 0xFF00};

    private Values() { }

    /** A 32-bit value, biased to edges. */
    static int edge(SplittableRandom r) {
        return switch (r.nextInt(8)) {
            case 0, 1 -> EDGES[r.nextInt(EDGES.length)];
            case 2 -> 1 << r.nextInt(32);
            case 3 -> r.nextInt(64);
            case 4 -> EDGES[r.nextInt(EDGES.length)] << 16 | EDGES[r.nextInt(EDGES.length)] & 0xFFFF;
            default -> r.nextInt();
        };
    }

    /** True once in {@code n} times. */
    static boolean once(SplittableRandom r, int n) { return r.nextInt(n) == 0; }
}
