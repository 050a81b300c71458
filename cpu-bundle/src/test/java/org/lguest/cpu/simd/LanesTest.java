package org.lguest.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

/** What works on all lanes at once does to each lane what the manual says. */
class LanesTest {
    private static final long[] EDGES = {0, -1, 0x8080808080808080L, 0x7F7F7F7F7F7F7F7FL, 0x8000800080008000L, 0x0001000100010001L, 0x00FF00FF00FF00FFL};

    private final SplittableRandom random = new SplittableRandom(5);

    private long any() {
        long v = random.nextLong();
        return switch (random.nextInt(4)) {
            case 0 -> EDGES[random.nextInt(EDGES.length)];
            case 1 -> v & random.nextLong() & random.nextLong();
            default -> v;
        };
    }

    private static long each(long a, long b, int width, IntBinaryOperator f) {
        long r = 0;
        long mask = (1L << width) - 1;
        for (int s = 0; s < 64; s += width) r |= (f.applyAsInt((int) (a >>> s & mask), (int) (b >>> s & mask)) & mask) << s;
        return r;
    }

    private void check(String mnemonic, int width, IntBinaryOperator f) {
        for (int n = 0; n < 5000; n++) {
            long a = any();
            long b = random.nextInt(4) == 0 ? a ^ 1L << random.nextInt(64) : any();
            assertEquals(Long.toHexString(each(a, b, width, f)), Long.toHexString(Lanes.binary(mnemonic).of(a, b)), mnemonic + " " + Long.toHexString(a) + " " + Long.toHexString(b));
        }
    }

    @Test
    void sumsAndDifferencesStayInTheirLanes() {
        check("PADDB", 8, Integer::sum);
        check("PADDW", 16, Integer::sum);
        check("PADDD", 32, Integer::sum);
        check("PSUBB", 8, (x, y) -> x - y);
        check("PSUBW", 16, (x, y) -> x - y);
        check("PSUBD", 32, (x, y) -> x - y);
    }

    @Test
    void equalLanesBecomeAllOnes() {
        check("PCMPEQB", 8, (x, y) -> x == y ? -1 : 0);
        check("PCMPEQW", 16, (x, y) -> x == y ? -1 : 0);
        check("PCMPEQD", 32, (x, y) -> x == y ? -1 : 0);
    }

    @Test
    void signsAreGatheredByteByByte() {
        for (int n = 0; n < 5000; n++) {
            long v = any();
            int expected = 0;
            for (int i = 0; i < 8; i++) expected |= (int) (v >>> 8 * i + 7 & 1) << i;
            assertEquals(expected, Lanes.signs8(v), Long.toHexString(v));
        }
    }

    @Test
    void interleavingTakesLanesByTurns() {
        assertEquals(0x8474837382728171L, Lanes.interleave8(0x74737271, 0x84838281));
        assertEquals(0x8483747382817271L, Lanes.interleave16(0x74737271, 0x84838281));
    }

    @Test
    void shiftsBeyondTheLaneLeaveNothingOrTheSign() {
        assertEquals(0, Lanes.shift("PSLLW").of(-1, 16));
        assertEquals(0, Lanes.shift("PSRLD").of(-1, 32));
        assertEquals(0, Lanes.shift("PSRLQ").of(-1, 64));
        assertEquals(0xFFFF0000FFFF0000L, Lanes.shift("PSRAW").of(0x80007FFF80007FFFL, 64));
    }
}
