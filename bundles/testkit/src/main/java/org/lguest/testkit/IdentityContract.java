package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.EBX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.EDX;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.CpuEngine;

/** What a processor says about itself, and instructions whose answer no other processor can be asked for. */
public abstract class IdentityContract {
    private static final int FPU = 1, TSC = 1 << 4, CX8 = 1 << 8, CMOV = 1 << 15;

    /** The engine under test. */
    protected abstract CpuEngine engine();

    private EngineRig rig;

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 3); }

    @AfterEach
    void close() { rig.close(); }

    private int[] cpuid(int leaf) {
        rig.cpu.gpr[EAX] = leaf;
        assertEquals("3:0", rig.run("0F A2").trap());
        return new int[] {rig.cpu.gpr[EAX], rig.cpu.gpr[EBX], rig.cpu.gpr[ECX], rig.cpu.gpr[EDX]};
    }

    @Test
    void cpuidNamesAVendorThatLibrariesKnowAndItsLastLeaf() {
        int[] r = cpuid(0);
        assertTrue(r[0] >= 1 && r[0] < 32, "last leaf " + r[0]);
        var vendor = new StringBuilder();
        for (int i : new int[] {1, 3, 2}) for (int n = 0; n < 4; n++) vendor.append((char) (r[i] >>> 8 * n & 0xFF));
        // glibc asks no other vendor for its features: SSE would be there, and fesetround would not know of MXCSR
        assertTrue(List.of("GenuineIntel", "AuthenticAMD").contains(vendor.toString()), vendor.toString());
    }

    @Test
    void cpuidTellsOfFeaturesThatAreThere() {
        int[] r = cpuid(1);
        assertTrue((r[0] >>> 8 & 0xF) >= 5, "family");
        int wanted = FPU | TSC | CX8 | CMOV;
        assertEquals(wanted, r[3] & wanted);
        assertEquals("3:0", rig.run("D9 E8 D9 EE 0F C7 0D 00000500 0F 44 C1 0F 31").trap()); // FLD1, FLDZ, CMPXCHG8B, CMOVE, RDTSC
    }

    @Test
    void timeStampCounterIsTheGuestsClock() {
        rig.guest.clock().tscKhz = 1_000_000;
        rig.parts.clock().adopt(rig.guest);
        ((ManualClock) rig.parts.clock()).advance(5_000_000_123L);
        assertEquals("3:0", rig.run("0F 31").trap());
        assertEquals(5_000_000_123L, Integer.toUnsignedLong(rig.cpu.gpr[EDX]) << 32 | Integer.toUnsignedLong(rig.cpu.gpr[EAX]));
    }

    @Test
    void tableRegistersAreStoredWholeAndTellOfTheHostsTables() {
        assertEquals("3:0", rig.run("0F 01 05 00000500 0F 01 0D 10000500").trap());
        assertEquals(rig.cpu.gdtLimit, rig.guest.memory().load16(DATA));
        assertEquals(rig.cpu.gdtBase, rig.word(DATA + 2));
        assertEquals(rig.cpu.idtLimit, rig.guest.memory().load16(DATA + 16));
        assertEquals(rig.cpu.idtBase, rig.word(DATA + 18));
    }

    @Test
    void systemWordsGoToRegistersWholeAndToMemoryAs16Bits() {
        rig.guest.memory().store32(DATA, -1);
        assertEquals("3:0", rig.run("0F 01 E0 0F 00 CB 0F 01 25 00000500").trap()); // smsw eax; str ebx; smsw [DATA]
        assertEquals(rig.cpu.cr0, rig.cpu.gpr[EAX]);
        assertEquals(rig.cpu.taskSelector, rig.cpu.gpr[EBX]);
        assertEquals(0xFFFF0000 | rig.cpu.cr0 & 0xFFFF, rig.word(DATA));
    }

    @Test
    void icebpIsASingleStepTrapBehindIt() {
        assertEquals("1:0", rig.run("F1").trap());
        assertEquals(CODE + 1, rig.cpu.eip);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0F 0B", "0F FF C0", "0F B9 C0", "0F 04", "0F 20 C8", "0F 22 F8", "F0 90", "8C F0", "8E F8", "0F AA", "0F 37"})
    void undefinedOpcodesFault(String code) {
        assertEquals("6:0", rig.run(code).trap());
        assertEquals(CODE, rig.cpu.eip);
    }

    @ParameterizedTest
    @CsvSource({"90, 1", "F3 90, 2", "66 90, 2", "0F 1F 00, 3", "0F 1F 84 00 00000000, 8", "0F 18 08, 3", "0F 0D 08, 3", "F3 0F 1E FA, 4"})
    void nopsDoNothing(String code, int length) {
        assertEquals("3:0", rig.run(code).trap());
        assertEquals(CODE + length + 1, rig.cpu.eip);
    }

    /** A count above the operand size: A, B and A again pass by, as Intel's processors have it. */
    @Test
    void doubleShiftOf16BitsByMoreThan16GoesRound() {
        rig.cpu.gpr[EAX] = 0x1234;
        rig.cpu.gpr[EBX] = 0xABCD;
        assertEquals("3:0", rig.run("66 0F A4 D8 14").trap()); // shld ax, bx, 20
        assertEquals(0xBCD1, rig.cpu.gpr[EAX] & 0xFFFF);
        rig.cpu.gpr[EAX] = 0x1234;
        assertEquals("3:0", rig.run("66 0F AC D8 14").trap()); // shrd ax, bx, 20
        assertEquals(0x4ABC, rig.cpu.gpr[EAX] & 0xFFFF);
    }
}
