package org.lguest.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.XmmState;

/** Arithmetic of {@link SseUnit} where Java and exact decimal arithmetic can say what is right. */
class SseUnitTest {
    private static final int ALL_MASKED = XmmState.MXCSR_RESET;

    private final XmmState state = new XmmState();
    private final SseUnit unit = new SseUnit(state);

    private long doubles(SseUnit.OnDoubles f, double a, double b) {
        unit.begin();
        long r = f.of(unit, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b));
        unit.settle();
        return r;
    }

    private double value(SseUnit.OnDoubles f, double a, double b) { return Double.longBitsToDouble(doubles(f, a, b)); }

    private int raised(SseUnit.OnDoubles f, double a, double b) {
        state.mxcsr = ALL_MASKED;
        doubles(f, a, b);
        return state.mxcsr & SseUnit.EXCEPTIONS;
    }

    @Test
    void inexactIsRaisedExactlyWhenTheResultIsNotTheTrueOne() {
        var random = new SplittableRandom(7);
        for (int n = 0; n < 20_000; n++) {
            double a = (random.nextLong() >> random.nextInt(64)) * 0x1p-20;
            double b = (random.nextLong() >> random.nextInt(64)) * 0x1p-30;
            if (b == 0 || a == 0) continue;
            var x = new BigDecimal(a);
            var y = new BigDecimal(b);
            assertEquals(x.add(y).compareTo(new BigDecimal(a + b)) == 0 ? 0 : SseUnit.PE, raised(SseUnit::add, a, b), a + " + " + b);
            assertEquals(x.subtract(y).compareTo(new BigDecimal(a - b)) == 0 ? 0 : SseUnit.PE, raised(SseUnit::sub, a, b), a + " - " + b);
            assertEquals(x.multiply(y).compareTo(new BigDecimal(a * b)) == 0 ? 0 : SseUnit.PE, raised(SseUnit::mul, a, b), a + " * " + b);
            assertEquals(new BigDecimal(a / b).multiply(y).compareTo(x) == 0 ? 0 : SseUnit.PE, raised(SseUnit::div, a, b), a + " / " + b);
            double root = Math.sqrt(Math.abs(a));
            var r = new BigDecimal(root);
            assertEquals(r.multiply(r).compareTo(x.abs()) == 0 ? 0 : SseUnit.PE, raised(SseUnit::sqrt, 0, Math.abs(a)), "root of " + a);
        }
    }

    @Test
    void directedRoundingIsOnTheRightSide() {
        var random = new SplittableRandom(8);
        for (int n = 0; n < 5000; n++) {
            double a = random.nextDouble() * 1000 - 500;
            double b = random.nextDouble() * 10 - 5;
            var sum = new BigDecimal(a).add(new BigDecimal(b));
            var product = new BigDecimal(a).multiply(new BigDecimal(b));
            state.mxcsr = ALL_MASKED | 1 << 13;
            assertTrue(new BigDecimal(value(SseUnit::add, a, b)).compareTo(sum) <= 0);
            assertTrue(new BigDecimal(value(SseUnit::mul, a, b)).compareTo(product) <= 0);
            state.mxcsr = ALL_MASKED | 2 << 13;
            assertTrue(new BigDecimal(value(SseUnit::add, a, b)).compareTo(sum) >= 0);
            assertTrue(new BigDecimal(value(SseUnit::mul, a, b)).compareTo(product) >= 0);
            state.mxcsr = ALL_MASKED | 3 << 13;
            assertTrue(new BigDecimal(value(SseUnit::mul, a, b)).abs().compareTo(product.abs()) <= 0);
        }
    }

    @Test
    void aTinyResultUnderflowsOnlyWhenItIsInexact() {
        assertEquals(0, raised(SseUnit::mul, Double.MIN_NORMAL, 0.5));
        assertEquals(SseUnit.UE | SseUnit.PE, raised(SseUnit::mul, Double.MIN_NORMAL * 1.5, 0x1p-52));
        assertEquals(SseUnit.DE, raised(SseUnit::add, Double.MIN_VALUE, 1) & SseUnit.DE);
    }

    @Test
    void flushToZeroLeavesASignedZero() {
        state.mxcsr = ALL_MASKED | SseUnit.FTZ;
        assertEquals(Double.doubleToRawLongBits(-0.0), doubles(SseUnit::mul, -Double.MIN_NORMAL, 0.5));
        assertEquals(SseUnit.UE | SseUnit.PE, state.mxcsr & SseUnit.EXCEPTIONS);
    }

    @Test
    void theFirstNanWinsAndIsMadeQuiet() {
        double signaling = Double.longBitsToDouble(0x7FF0000000000123L);
        assertEquals(0x7FF8000000000123L, doubles(SseUnit::add, signaling, Double.longBitsToDouble(0xFFF8000000000456L)));
        assertEquals(SseUnit.IE, state.mxcsr & SseUnit.EXCEPTIONS);
    }

    @Test
    void anUnmaskedExceptionIsNotSettled() {
        state.mxcsr = ALL_MASKED & ~(SseUnit.ZE << 7);
        unit.begin();
        unit.div(Double.doubleToRawLongBits(1), 0L);
        assertFalse(unit.settle());
        assertEquals(SseUnit.ZE, state.mxcsr & SseUnit.EXCEPTIONS);
    }

    @Test
    void floatsAreRoundedOnce() {
        var random = new SplittableRandom(9);
        for (int n = 0; n < 20_000; n++) {
            float a = (random.nextLong() >> random.nextInt(64)) * 0x1p-20f;
            float b = (random.nextLong() >> random.nextInt(64)) * 0x1p-30f;
            if (a == 0 || b == 0) continue;
            var exact = new BigDecimal(a).divide(new BigDecimal(b), new MathContext(200, RoundingMode.DOWN));
            unit.begin();
            float q = Float.intBitsToFloat(unit.div(Float.floatToRawIntBits(a), Float.floatToRawIntBits(b)));
            assertEquals(exact.floatValue(), q, a + " / " + b);
        }
    }
}
