package org.lguest.cpu.x87;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

/** The soft float against the arithmetic of the JVM, where the two must agree: precision control of 53 or 24 bits, and exponents well inside. */
class SoftFloatTest {
    private interface Operation {
        void apply(SoftFloat sf, int ase, long as, int bse, long bs);
    }

    private final SplittableRandom random = new SplittableRandom(80);
    private final SoftFloat sf = new SoftFloat();
    private final Conversion convert = new Conversion(sf);

    private double operand() {
        long bits = random.nextLong();
        if (random.nextInt(4) == 0) bits &= -1L << random.nextInt(52);
        return Double.longBitsToDouble(bits & 0x800FFFFFFFFFFFFFL | (long) random.nextInt(1023 - 60, 1023 + 60) << 52);
    }

    private void agrees(DoubleBinaryOperator jvm, Operation ours) {
        for (int i = 0; i < 50_000; i++) {
            double a = operand(), b = random.nextInt(10) == 0 ? -a : operand();
            sf.begin(0x27F);
            convert.fromDouble(Double.doubleToRawLongBits(a));
            int se = sf.se;
            long sig = sf.sig;
            convert.fromDouble(Double.doubleToRawLongBits(b));
            ours.apply(sf, se, sig, sf.se, sf.sig);
            double result = Double.longBitsToDouble(convert.toDouble(sf.se, sf.sig));
            assertEquals(jvm.applyAsDouble(a, b), result, () -> a + " and " + b);
        }
    }

    @Test
    void sumsOf53BitsAreThoseOfTheJvm() { agrees((a, b) -> a + b, SoftFloat::add); }

    @Test
    void differencesOf53BitsAreThoseOfTheJvm() { agrees((a, b) -> a - b, SoftFloat::sub); }

    @Test
    void productsOf53BitsAreThoseOfTheJvm() { agrees((a, b) -> a * b, SoftFloat::mul); }

    @Test
    void quotientsOf53BitsAreThoseOfTheJvm() { agrees((a, b) -> a / b, SoftFloat::div); }

    @Test
    void rootsOf53BitsAreThoseOfTheJvm() { agrees((a, b) -> Math.sqrt(Math.abs(a)), (s, ase, as, bse, bs) -> s.sqrt(ase & 0x7FFF, as)); }

    @Test
    void productsOf24BitsAreThoseOfTheJvm() {
        for (int i = 0; i < 50_000; i++) {
            float a = (float) operand(), b = (float) operand();
            sf.begin(0x07F);
            convert.fromFloat(Float.floatToRawIntBits(a));
            int se = sf.se;
            long sig = sf.sig;
            convert.fromFloat(Float.floatToRawIntBits(b));
            sf.mul(se, sig, sf.se, sf.sig);
            float wanted = a * b;
            boolean inside = Math.abs(wanted) > 1e-37 && Math.abs(wanted) < 1e37;
            if (inside) assertEquals(wanted, Float.intBitsToFloat(convert.toFloat(sf.se, sf.sig)), () -> a + " and " + b);
        }
    }

    @Test
    void integersComeBackFromTheExtendedFormat() {
        for (int i = 0; i < 50_000; i++) {
            long n = random.nextLong() >> random.nextInt(64);
            sf.begin(0x37F);
            convert.fromLong(n);
            assertEquals(n, convert.toInteger(sf.se, sf.sig, 64, Float80.NEAREST));
            assertEquals(0, sf.flags);
            long digits = n % 1_000_000_000_000_000_000L;
            convert.fromLong(digits);
            long low = convert.toDecimal(sf.se, sf.sig);
            assertEquals(Math.abs(digits), Long.parseLong(String.format("%02X%016X", convert.decimalHigh & 0xFF, low)));
            convert.fromDecimal(low, convert.decimalHigh);
            assertEquals(digits, convert.toInteger(sf.se, sf.sig, 64, Float80.NEAREST));
        }
    }

    @Test
    void wideDivisionAndRootSatisfyTheirDefinitions() {
        for (int i = 0; i < 50_000; i++) {
            long d = random.nextLong() | 1L << 63, hi = Long.remainderUnsigned(random.nextLong(), d), lo = random.nextLong();
            long q = Wide.divide(hi, lo, d), r = Wide.remainder(lo, d, q);
            assertEquals(-1, Long.compareUnsigned(r, d));
            long product = q * d;
            assertEquals(lo, product + r);
            assertEquals(hi, Math.unsignedMultiplyHigh(q, d) + (Long.compareUnsigned(product + r, product) < 0 ? 1 : 0));
            long root = Wide.sqrt(d, lo), next = root + 1;
            assertEquals(true, Wide.compare(Math.unsignedMultiplyHigh(root, root), root * root, d, lo) <= 0);
            assertEquals(true, next == 0 || Wide.compare(Math.unsignedMultiplyHigh(next, next), next * next, d, lo) > 0);
        }
    }
}
