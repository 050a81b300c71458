package org.lguest.cpu.x87;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.FpuState;

/** The unit's dealings with its engine: faults, pending exceptions, undefined opcodes, environment and images. */
class X87Test {
    private static final int FLD1 = 0xE8, FLDPI = 0xEB, FLDZ = 0xEE;

    private final CpuState cpu = new CpuState();
    private final FpuState f = cpu.fpu;
    private final X87 unit = new X87(f);

    @BeforeEach
    void fillSomeRegisters() {
        f.init();
        for (int i = 0; i < 3; i++) d9(FLDPI);
    }

    private int d9(int modrm) { return unit.register(1, modrm, cpu, 0); }

    private byte[] image() {
        var bytes = new ByteArrayOutputStream();
        try {
            f.save(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static boolean undefined(int esc, int reg) {
        return esc == 1 && reg == 1 || esc == 3 && (reg == 4 || reg == 6) || esc == 5 && reg == 5;
    }

    @Test
    void aFaultInMemoryLeavesTheUnitAsItWas() {
        for (int form = 0; form < 64; form++) {
            int esc = form >> 3, reg = form & 7;
            if (undefined(esc, reg)) continue;
            for (boolean operand32 : new boolean[] {true, false}) {
                byte[] before = image();
                var m = new TestMemory(128);
                m.end = 1;
                assertEquals(X87.FAULTED, unit.memory(esc, reg, m, operand32), () -> String.format("%02X /%d", 0xD8 | esc, reg));
                assertArrayEquals(before, image(), () -> String.format("%02X /%d", 0xD8 | esc, reg));
                assertArrayEquals(new byte[128], m.bytes.array());
            }
        }
    }

    @Test
    void aFaultInTheLastByteOfALongOperandLeavesMemoryAndUnitAsTheyWere() {
        int[][] forms = {{3, 5, 10}, {3, 7, 10}, {7, 4, 10}, {7, 6, 10}, {1, 4, 28}, {1, 6, 28}, {5, 4, 108}, {5, 6, 108}};
        for (int[] form : forms) {
            byte[] before = image();
            var m = new TestMemory(form[2]);
            m.end--;
            assertEquals(X87.FAULTED, unit.memory(form[0], form[1], m, true), () -> Arrays.toString(form));
            assertTrue(m.faulted());
            assertArrayEquals(before, image(), () -> Arrays.toString(form));
            assertArrayEquals(new byte[form[2]], m.bytes.array(), () -> Arrays.toString(form));
        }
    }

    @Test
    void faultingFxsaveAndFxrstorChangeNothing() {
        byte[] before = image();
        var m = new TestMemory(160);
        m.end--;
        assertEquals(X87.FAULTED, unit.fxsave(m));
        assertEquals(X87.FAULTED, unit.fxrstor(m));
        assertArrayEquals(before, image());
        assertArrayEquals(new byte[160], m.bytes.array());
    }

    /** 1 / 0 with ZE unmasked. */
    private void divideByZeroUnmasked() {
        f.init();
        f.control = 0x37B;
        d9(FLD1);
        d9(FLDZ);
        assertEquals(X87.DONE, unit.register(6, 0xF9, cpu, 0));
    }

    @Test
    void anUnmaskedExceptionKeepsTheOperandsAndWaitsForTheNextWaitingInstruction() {
        divideByZeroUnmasked();
        assertEquals(0xB084, f.status, "ZE, ES, B; no pop");
        byte[] before = image();
        assertEquals(X87.MATH_FAULT, unit.fwait());
        assertEquals(X87.MATH_FAULT, d9(FLD1));
        assertEquals(X87.MATH_FAULT, unit.memory(0, 0, new TestMemory(4), true));
        assertEquals(X87.MATH_FAULT, unit.enterMmx());
        assertEquals(X87.MATH_FAULT, unit.emms());
        assertArrayEquals(before, image());
    }

    @Test
    void theOriginOfAPendingExceptionSurvivesTheInstructionThatWaits() {
        f.control = 0x37B;
        d9(FLDZ);
        unit.origin(0x61, 0x1000, 0x6F9, 0x7B, 0);
        assertEquals(X87.DONE, unit.register(6, 0xF9, cpu, 0));
        unit.origin(0x61, 0x1002, 0x1E8, 0x7B, 0);
        assertEquals(X87.MATH_FAULT, d9(FLD1));
        assertEquals(0x1000, f.lastIp);
    }

    @Test
    void controlInstructionsDoNotWait() {
        divideByZeroUnmasked();
        var m = new TestMemory(108);
        assertEquals(X87.DONE, unit.memory(1, 7, m, true));
        assertEquals(X87.DONE, unit.memory(5, 7, m, true));
        assertEquals(X87.DONE, unit.register(7, 0xE0, cpu, 0));
        assertEquals(0xB084, cpu.gpr[CpuState.EAX]);
        assertEquals(X87.DONE, unit.memory(1, 6, m, true));
        assertEquals(0x37F, f.control, "FNSTENV masks all");
        assertEquals(X87.DONE, unit.fwait());
        divideByZeroUnmasked();
        assertEquals(X87.DONE, unit.register(3, 0xE2, cpu, 0));
        assertEquals(0x3000, f.status, "FNCLEX");
        divideByZeroUnmasked();
        assertEquals(X87.DONE, unit.memory(5, 6, m, true));
        assertEquals(0, f.status, "FNSAVE initializes");
        assertEquals(0xFFFF, f.tag);
        divideByZeroUnmasked();
        assertEquals(X87.DONE, unit.register(3, 0xE3, cpu, 0));
        assertEquals(0, f.status, "FNINIT");
    }

    @Test
    void loadingAControlWordCanMakeAnOldFlagPending() {
        f.init();
        d9(FLD1);
        d9(FLDZ);
        unit.register(6, 0xF9, cpu, 0);
        assertEquals(X87.DONE, unit.fwait());
        var m = new TestMemory(2);
        m.bytes.putShort(0, (short) 0x37B);
        assertEquals(X87.DONE, unit.memory(1, 5, m, true));
        assertEquals(X87.MATH_FAULT, unit.fwait());
    }

    @Test
    void undefinedOpcodesAreRefusedEvenWithAnExceptionPending() {
        for (boolean pending : new boolean[] {false, true}) {
            if (pending) divideByZeroUnmasked();
            for (int form = 0; form < 64; form++) {
                if (undefined(form >> 3, form & 7)) assertEquals(X87.UNDEFINED, unit.memory(form >> 3, form & 7, new TestMemory(128), true));
            }
            int[][] forms = {{1, 0xD1}, {1, 0xE2}, {1, 0xE6}, {1, 0xEF}, {2, 0xE0}, {2, 0xE8}, {2, 0xEA}, {2, 0xF0}, {3, 0xE5}, {3, 0xF8}, {5, 0xF0},
                {5, 0xF8}, {6, 0xD8}, {6, 0xDA}, {7, 0xE1}, {7, 0xF8}};
            for (int[] form : forms) {
                assertEquals(X87.UNDEFINED, unit.register(form[0], form[1], cpu, 0), () -> String.format("%02X %02X", 0xD8 | form[0], form[1]));
            }
        }
    }

    @Test
    void fnstenvTellsWhereTheLastInstructionWas() {
        unit.origin(0x61, 0xC0101234, 0x5D8, 0x7B, 0xBFFF1000);
        var m = new TestMemory(28);
        unit.memory(1, 6, m, true);
        assertEquals(0xC0101234, m.bytes.getInt(12));
        assertEquals(0x5D80061, m.bytes.getInt(16));
        assertEquals(0xBFFF1000, m.bytes.getInt(20));
        assertEquals(0xFFFF007B, m.bytes.getInt(24));
        unit.memory(1, 6, m, false);
        assertEquals(0x1234, m.bytes.getShort(6));
        assertEquals(0x61, m.bytes.getShort(8));
        assertEquals(0x1000, m.bytes.getShort(10));
        assertEquals(0x7B, m.bytes.getShort(12));
        f.init();
        m.bytes.putShort(10, (short) 0x2000);
        unit.memory(1, 4, m, false);
        assertEquals(0x1234, f.lastIp);
        assertEquals(0x2000, f.lastDp);
    }

    @Test
    void fnsaveAndFrstorBringBackTheWholeUnit() {
        for (boolean operand32 : new boolean[] {true, false}) {
            fillSomeRegisters();
            d9(0xFA); // FSQRT, for PE
            f.control = 0xC7F;
            f.lastIp = f.lastDp = 0x1234;
            f.lastCs = 0x61;
            byte[] before = image();
            var m = new TestMemory(operand32 ? 108 : 94);
            assertEquals(X87.DONE, unit.memory(5, 6, m, operand32));
            assertFalse(Arrays.equals(before, image()));
            Arrays.fill(f.significand, 0);
            assertEquals(X87.DONE, unit.memory(5, 4, m, operand32));
            assertArrayEquals(before, image());
        }
    }

    /** Registers of bytes 03, 0A, 11, ... in ST order, control F7F, status 6D22, tag C0F3: what a processor stored then. */
    private static final String FXSAVE = "7f0f226d720000000000000000000000" + "0000000000000000" + "0000000000000000"
        + "030a11181f262d343b42000000000000" + "4950575e656c737a8188000000000000" + "8f969da4abb2b9c0c7ce000000000000" + "d5dce3eaf1f8ff060d14000000000000"
        + "1b222930373e454c535a000000000000" + "61686f767d848b9299a0000000000000" + "a7aeb5bcc3cad1d8dfe6000000000000" + "edf4fb020910171e252c000000000000";

    @Test
    void fxsaveLaysOutItsImageAsAProcessorDoes() {
        f.control = 0xF7F;
        f.status = 0x6D22;
        f.tag = 0xC0F3;
        f.lastOpcode = f.lastIp = f.lastCs = f.lastDp = f.lastDs = 0;
        for (int i = 0; i < 8; i++) {
            int r = 5 + i & 7;
            long sig = 0;
            for (int b = 7; b >= 0; b--) sig = sig << 8 | (10 * i + b) * 7 + 3 & 0xFF;
            f.significand[r] = sig;
            f.signExponent[r] = (10 * i + 8) * 7 + 3 & 0xFF | ((10 * i + 9) * 7 + 3 & 0xFF) << 8;
        }
        byte[] state = image();
        var m = new TestMemory(160);
        assertEquals(X87.DONE, unit.fxsave(m));
        assertEquals(FXSAVE, HexFormat.of().formatHex(m.bytes.array()));
        f.init();
        Arrays.fill(f.significand, 0);
        assertEquals(X87.DONE, unit.fxrstor(m));
        assertArrayEquals(state, image());
    }

    @Test
    void fxrstorMasksReservedBitsAndFindsPendingExceptions() {
        var m = new TestMemory(160);
        m.bytes.putInt(0, 0xFF05FF7F).putShort(4, (short) 0x5A);
        unit.fxrstor(m);
        assertEquals(0x1F7F, f.control);
        assertEquals(0x7F05, f.status);
        assertEquals(0xCC33, f.tag);
        m.bytes.putInt(0, 0x00050370);
        unit.fxrstor(m);
        assertEquals(0x8085, f.status);
    }

    /** n rem 2 by FPREM1: the remainder, and the quotient's low bits. */
    private void remainder(int n, int wanted, int quotient) {
        f.init();
        var m = new TestMemory(4);
        for (int operand : new int[] {2, n}) {
            m.bytes.putInt(0, operand);
            unit.memory(3, 0, m, true);
        }
        assertEquals(X87.DONE, d9(0xF5));
        int s = f.status;
        assertEquals(quotient, s >> 6 & 4 | s >> 13 & 2 | s >> 9 & 1, () -> "quotient of " + n);
        unit.memory(3, 3, m, true);
        assertEquals(wanted, m.bytes.getInt(0), () -> "remainder of " + n);
    }

    @Test
    void fprem1RoundsAHalfToTheEvenQuotient() {
        remainder(1, 1, 0);
        remainder(3, -1, 2);
        remainder(5, 1, 2);
        remainder(7, -1, 4);
        remainder(-3, 1, 2);
        remainder(6, 0, 3);
    }

    @Test
    void mmxInstructionsStartAtTopZeroWithAllRegistersValidAndEmmsEmptiesThem() {
        assertEquals(X87.DONE, unit.enterMmx());
        assertEquals(0, f.status & 0x3800);
        assertEquals(0, f.tag);
        assertEquals(X87.DONE, unit.emms());
        assertEquals(0xFFFF, f.tag);
    }

    @Test
    void onlyConditionalMovesReadFlagsAndOnlyFcomiAndItsLikeWriteThem() {
        int readers = 0, writers = 0;
        for (int esc = 0; esc < 8; esc++) {
            for (int modrm = 0xC0; modrm <= 0xFF; modrm++) {
                if (X87.readsFlags(esc, modrm)) readers++;
                if (X87.writesFlags(esc, modrm)) writers++;
            }
        }
        assertEquals(64, readers);
        assertEquals(32, writers);
        assertTrue(X87.readsFlags(2, 0xC0) && X87.readsFlags(3, 0xDF) && X87.writesFlags(3, 0xE8) && X87.writesFlags(7, 0xF7));
    }

    @Test
    void everyMethodIsSmallEnoughForTheJitCompiler() throws IOException {
        Class<?>[] classes = {X87.class, Stack.class, SoftFloat.class, Conversion.class, Arithmetic.class, Compare.class, Transfer.class, Environment.class,
            Functions.class, Exponents.class, Transcendental.class, Elementary.class, Series.class, Quad.class, Wide.class, Float80.class};
        for (Class<?> c : classes) {
            try (var in = c.getResourceAsStream(c.getSimpleName() + ".class")) {
                for (var method : ClassFile.of().parse(in.readAllBytes()).methods()) {
                    int size = method.findAttribute(Attributes.code()).map(code -> code.codeLength()).orElse(0);
                    assertTrue(size < 700, () -> c.getSimpleName() + "." + method.methodName() + " has " + size + " bytes of code");
                }
            }
        }
    }
}
