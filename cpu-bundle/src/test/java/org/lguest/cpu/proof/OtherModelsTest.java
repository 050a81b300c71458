package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The freedoms of other processors are narrow: what is wrong stays wrong. */
class OtherModelsTest {
    private static final int[] SELECTORS = {0x2B, 0x23, 0x2B, 0x2B, 0, 0};

    private static Case named(String name) { return new Case(name, new int[8], 0x400000, 2, SELECTORS, List.of(), 0, null); }

    private static Outcome outcome(int eax, int trap, int error, int cr2, SortedMap<Integer, Byte> memory) {
        return new Outcome(new int[] {eax, 0, 0, 0, 0, 0, 0, 0}, 0x400001, 2, SELECTORS, trap, error, cr2, memory, null);
    }

    private static SortedMap<Integer, Byte> bytes(int... values) {
        SortedMap<Integer, Byte> m = new TreeMap<>();
        for (int i = 0; i < values.length; i++) m.put(0x40A000 + i, (byte) values[i]);
        return m;
    }

    @Test
    void faultsMayComeInAnotherOrderButNotInsteadOfAResult() {
        Outcome page = outcome(0, 14, 4, 0x402000, bytes());
        assertNotNull(OtherModels.freedom(named("RETF "), page, outcome(0, 13, 0, 0, bytes())));
        assertNull(OtherModels.freedom(named("RETF "), page, outcome(0, 3, 0, 0, bytes())));
        assertNull(OtherModels.freedom(named("ADD Ev,Gv"), outcome(0, 3, 0, 0, bytes()), page));
        assertNull(OtherModels.freedom(named("ADD Ev,Gv"), page, outcome(7, 13, 0, 0, bytes())));
    }

    @Test
    void pushedSegmentRegistersMayLeaveTheUpperHalf() {
        Outcome two = outcome(0, 3, 0, 0, bytes(0x2B, 0));
        assertNotNull(OtherModels.freedom(named("PUSH DS"), two, outcome(0, 3, 0, 0, bytes(0x2B, 0, 0, 0))));
        assertNull(OtherModels.freedom(named("PUSH Zv"), two, outcome(0, 3, 0, 0, bytes(0x2B, 0, 0, 0))));
        assertNull(OtherModels.freedom(named("PUSH DS"), two, outcome(0, 3, 0, 0, bytes(1, 2, 3, 4))));
    }

    @Test
    void larMayGiveOtherLimitBitsOnly() {
        assertNotNull(OtherModels.freedom(named("LAR Gv,Ew"), outcome(0xC0F300, 3, 0, 0, bytes()), outcome(0xCFF300, 3, 0, 0, bytes())));
        assertNull(OtherModels.freedom(named("LAR Gv,Ew"), outcome(0xC0F100, 3, 0, 0, bytes()), outcome(0xCFF300, 3, 0, 0, bytes())));
    }

    private static Outcome withUnit(Outcome o, int status, long significand) {
        FpuImage f = FpuImage.reset();
        f.word(FpuImage.STATUS, status).st(0, 0x3FFF, significand);
        return o.with(f);
    }

    private static Case withUnit(String name) { return named(name).with(FpuImage.reset()); }

    @Test
    void sinesMayDifferButSumsMayNot() {
        Outcome a = withUnit(outcome(0, 3, 0, 0, bytes()), 0, 1L << 63);
        Outcome b = withUnit(outcome(0, 3, 0, 0, bytes()), 0, 3L << 62);
        assertNotNull(OtherModels.freedom(withUnit("FSIN D9/7r"), a, b));
        assertNull(OtherModels.freedom(withUnit("FADD D8/0r"), a, b));
        assertNull(OtherModels.freedom(withUnit("FSIN D9/7r"), a, withUnit(outcome(1, 3, 0, 0, bytes()), 0, 3L << 62)));
    }

    @Test
    void environmentsMayDifferInPointersOnly() {
        Outcome a = withUnit(outcome(0, 3, 0, 0, bytes(0x7F, 3, 0x23)), 0, 1L << 63);
        Outcome b = withUnit(outcome(0, 3, 0, 0, bytes(0x7F, 3, 0)), 0, 1L << 63);
        assertNotNull(OtherModels.freedom(withUnit("FNSTENV D9/6m"), a, b));
        assertNull(OtherModels.freedom(withUnit("FST DD/2m"), a, b));
        assertNull(OtherModels.freedom(withUnit("FNSTENV D9/6m"), a, withUnit(b, 1, 1L << 63)));
    }

    @Test
    void storesThatExceptionsStopMayFaultFirst() {
        Outcome fault = withUnit(outcome(0, 14, 6, 0x402000, bytes()), 0, 1L << 63);
        Outcome pending = withUnit(outcome(0, 3, 0, 0, bytes()), 0x8081, 1L << 63);
        assertNotNull(OtherModels.freedom(withUnit("FIST DB/2m"), fault, pending));
        assertNull(OtherModels.freedom(withUnit("FIST DB/2m"), fault, withUnit(pending, 0, 1L << 63)));
        assertNull(OtherModels.freedom(withUnit("FADD D8/0m"), fault, pending));
    }

    @Test
    void wrongResultsHaveNoExcuse() {
        assertNull(OtherModels.freedom(named("ADD Ev,Gv"), outcome(1, 3, 0, 0, bytes()), outcome(2, 3, 0, 0, bytes())));
        assertNull(OtherModels.freedom(named("SHL Ev,1"), outcome(1, 3, 0, 0, bytes()), outcome(1, 3, 0, 0, bytes(1))));
    }
}
