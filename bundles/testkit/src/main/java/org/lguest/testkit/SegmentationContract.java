package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.EBP;
import static org.lguest.api.state.CpuState.EBX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.api.state.CpuState.ZF;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;
import static org.lguest.testkit.EngineRig.STACK;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.state.SegmentState;

/**
 * Segments as data (Intel SDM volume 3, sections 5.3 to 5.7): what loading a selector checks, and what an access checks.
 * Table entries: 1 to 9 are the test's, 12 and 13 flat segments of ring 1, 14 and 15 of ring 3.
 */
public abstract class SegmentationContract {
    private static final int DATA_RW = 0x93, DATA_RO = 0x91, DOWN = 0x97, CODE_R = 0x9B, CODE_X = 0x99, CONFORMING = 0x9F, RING3 = 0x60;

    /** The engine under test. */
    protected abstract CpuEngine engine();

    private EngineRig rig;

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 1); }

    @AfterEach
    void close() { rig.close(); }

    /** Runs {@code mov fs, ax}. */
    private String loadFs(int selector) {
        rig.cpu.gpr[EAX] = selector;
        return rig.run("8E E0").trap();
    }

    // --- loading ----------------------------------------------------------------------------------------------------

    @Test
    void nullSelectorLoadsAndAccessThroughItFaults() {
        assertEquals("3:0", loadFs(3));
        assertEquals(3, rig.cpu.seg[SegmentState.FS].selector);
        assertEquals("13:0", rig.run("64 A1 00000500").trap());
        assertEquals(CODE, rig.cpu.eip);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 147, 9, 3:0", // writable data of ring 1, RPL 1
        "1, 147, 11, 13:8", // RPL above DPL
        "1, 243, 11, 3:0", // ring 3 data from ring 1
        "1, 243, 8, 3:0",
        "1, 145, 9, 3:0", // read-only data
        "1, 155, 9, 3:0", // readable code
        "1, 153, 9, 13:8", // code that cannot be read
        "1, 159, 11, 3:0", // conforming code: no privilege check
        "1, 19, 9, 11:8", // not present
        "1, 137, 9, 13:8", // a TSS
        "0, 147, 0, 3:0"})
    void loadingDataChecksTypePrivilegeAndPresence(int index, int access, int selector, String trap) {
        if (index != 0) rig.descriptor(index, 0, -1, access, true);
        assertEquals(trap, loadFs(selector));
    }

    @Test
    void selectorBeyondTheTableOrOfTheLocalOneFaultsWithItself() {
        assertEquals("13:100", loadFs(0x101));
        assertEquals("13:fffc", loadFs(0xFFFF));
        assertEquals("13:c", loadFs(0xF));
        assertEquals("13:80", loadFs(0x81)); // one of the host's
        assertEquals(0, rig.cpu.seg[SegmentState.FS].selector);
    }

    @ParameterizedTest
    @CsvSource({
        "147, 9, 3:0",
        "147, 8, 13:8", // RPL is not CPL
        "147, 11, 13:8",
        "243, 9, 13:8", // DPL is not CPL
        "145, 9, 13:8", // not writable
        "155, 9, 13:8", // code
        "19, 9, 12:8", // not present: #SS
        "147, 0, 13:0"})
    void loadingTheStackSegmentIsStricter(int access, int selector, String trap) {
        rig.descriptor(1, 0, -1, access, true);
        rig.cpu.gpr[EAX] = selector;
        assertEquals(trap, rig.run("8E D0").trap());
    }

    @Test
    void movToCsIsUndefined() { assertEquals("6:0", rig.run("8E C8").trap()); }

    @Test
    void popOfASegmentThatFaultsLeavesEspAlone() {
        rig.push(0x0109);
        int esp = rig.cpu.gpr[ESP];
        assertEquals("13:108", rig.run("0F A1").trap());
        assertEquals(esp, rig.cpu.gpr[ESP]);
    }

    @Test
    void ldsLoadsBothOrNeither() {
        rig.descriptor(1, 0x1000, 0xFFF, DATA_RW, true);
        rig.guest.memory().store32(DATA, 0x1234);
        rig.guest.memory().store32(DATA + 4, 9);
        rig.guest.memory().store32(DATA + 8, 0x5678);
        rig.guest.memory().store32(DATA + 12, 0x101);
        assertEquals("3:0", rig.run("0F B5 1D 00000500").trap()); // lgs ebx
        assertEquals(0x1234, rig.cpu.gpr[EBX]);
        assertEquals(0x1000, rig.cpu.seg[SegmentState.GS].base);
        assertEquals("13:100", rig.run("0F B5 1D 08000500").trap());
        assertEquals(0x1234, rig.cpu.gpr[EBX]);
        assertEquals(9, rig.cpu.seg[SegmentState.GS].selector);
    }

    @Test
    void aSelectorThatIsThereAlreadyBringsItsDescriptorAsItIsNow() {
        rig.descriptor(1, DATA, 0xFFF, DATA_RW, true);
        assertEquals("3:0", loadFs(9));
        assertEquals("3:0", loadFs(9));
        assertEquals(DATA, rig.cpu.seg[SegmentState.FS].base);
        rig.descriptor(1, DATA + 0x1000, 0xFFF, DATA_RW, true);
        assertEquals("3:0", loadFs(9));
        assertEquals(DATA + 0x1000, rig.cpu.seg[SegmentState.FS].base);
        rig.descriptor(1, DATA + 0x2000, 0xFFF, DATA_RW, true);
        for (int again = 0; again < 2; again++) {
            int esp = rig.cpu.gpr[ESP];
            rig.push(9);
            assertEquals("3:0", rig.run("0F A1").trap()); // pop fs
            assertEquals(esp, rig.cpu.gpr[ESP]);
            assertEquals(DATA + 0x2000, rig.cpu.seg[SegmentState.FS].base);
        }
        rig.descriptor(1, DATA + 0x2000, 0xFFF, DATA_RW & 0x7F, true);
        assertEquals("11:8", loadFs(9));
    }

    @Test
    void loadedSegmentStaysWhenItsDescriptorChanges() {
        rig.descriptor(1, DATA, 0xFFF, DATA_RW, true);
        assertEquals("3:0", loadFs(9));
        rig.descriptor(1, 0, 0, DATA_RO, true);
        assertEquals("3:0", rig.run("64 C7 05 10000000 78563412").trap());
        assertEquals(0x12345678, rig.word(DATA + 0x10));
    }

    // --- accesses ---------------------------------------------------------------------------------------------------

    private void fs(int base, int limit, int access, boolean big) {
        rig.descriptor(1, base, limit, access, big);
        rig.load(SegmentState.FS, 9);
    }

    /** Runs {@code mov eax, fs:[ebx]}. */
    private String read(int offset) {
        rig.cpu.gpr[EBX] = offset;
        return rig.run("64 8B 03").trap();
    }

    /** Runs {@code mov fs:[ebx], eax}. */
    private String write(int offset) {
        rig.cpu.gpr[EBX] = offset;
        return rig.run("64 89 03").trap();
    }

    @Test
    void limitInBytesCountsTheLastByteOfAnAccess() {
        fs(DATA, 0xFF, DATA_RW, true);
        assertEquals("3:0", read(0xFC));
        assertEquals("13:0", read(0xFD));
        assertEquals("13:0", write(0x100));
        assertEquals("13:0", read(-4));
        rig.cpu.gpr[EBX] = 0xFF;
        assertEquals("3:0", rig.run("64 8A 03").trap());
    }

    @Test
    void limitInPagesCoversThemWhole() {
        fs(0, 0x1FFFFF, DATA_RW, true);
        assertEquals("3:0", read(0x1FFFFC));
        assertEquals("13:0", read(0x1FFFFD));
    }

    @Test
    void expandDownSegmentsBeginBehindTheirLimit() {
        fs(DATA - 0x1000, 0xFFF, DOWN, true);
        assertEquals("13:0", read(0xFFC));
        assertEquals("13:0", read(0xFFF));
        assertEquals("3:0", read(0x1000));
        fs(DATA - 0x1000, 0xFFF, DOWN, false);
        assertEquals("3:0", read(0xFFFC));
        assertEquals("13:0", read(0xFFFD));
        assertEquals("13:0", read(0x10000));
    }

    @Test
    void readOnlySegmentsAndCodeRefuseWrites() {
        fs(DATA, 0xFFF, DATA_RO, true);
        assertEquals("3:0", read(0));
        assertEquals("13:0", write(0));
        fs(DATA, 0xFFF, CODE_R, true);
        assertEquals("3:0", read(0));
        assertEquals("13:0", write(0));
    }

    @Test
    void codeThatCannotBeReadIsStillExecuted() {
        rig.descriptor(1, 0, -1, CODE_X, true);
        rig.load(SegmentState.CS, 9);
        assertEquals("13:0", rig.run("2E A1 00000500").trap());
        assertEquals("3:0", rig.run("40").trap());
    }

    @Test
    void stackFaultsAreVector12() {
        rig.descriptor(1, STACK - 0x1000, 0xFFF, DATA_RW, true);
        rig.load(SegmentState.SS, 9);
        rig.cpu.gpr[ESP] = 0x1000;
        assertEquals("3:0", rig.run("50").trap());
        rig.cpu.gpr[ESP] = 0x1001;
        assertEquals("12:0", rig.run("50").trap());
        assertEquals(0x1001, rig.cpu.gpr[ESP]);
        rig.cpu.gpr[ESP] = 0;
        assertEquals("12:0", rig.run("50").trap());
        rig.cpu.gpr[EBP] = 0xFFD;
        assertEquals("12:0", rig.run("8B 45 00").trap());
    }

    @Test
    void stackOf16BitsWrapsAround() {
        rig.descriptor(1, DATA, 0xFFFF, DATA_RW, false);
        rig.load(SegmentState.SS, 9);
        rig.cpu.gpr[ESP] = 0x12340000;
        rig.cpu.gpr[EAX] = 0xCAFE;
        assertEquals("3:0", rig.run("66 50").trap()); // push ax
        assertEquals(0x1234FFFE, rig.cpu.gpr[ESP]);
        assertEquals(0xCAFE, rig.guest.memory().load16(DATA + 0xFFFE));
    }

    @Test
    void descriptorsWithBaseMoveEveryKindOfAccess() {
        rig.descriptor(1, DATA, 0xFFF, DATA_RW, true);
        rig.load(SegmentState.DS, 9);
        rig.load(SegmentState.ES, 9);
        rig.guest.memory().store32(DATA + 0x20, 0x11223344);
        assertEquals("3:0", rig.run("BE 20000000 BF 80000000 A5 FF 05 80000000 0F BA 2D 80000000 0F").trap()); // movsd; inc; bts 15
        assertEquals(0x1122B345, rig.word(DATA + 0x80));
    }

    // --- questions --------------------------------------------------------------------------------------------------

    private boolean ask(String code, int selector) {
        rig.cpu.gpr[ECX] = selector;
        rig.cpu.gpr[EAX] = 0x55;
        assertEquals("3:0", rig.run(code).trap());
        return (rig.cpu.eflags & ZF) != 0;
    }

    @Test
    void larAndLslAnswerForWhatIsVisible() {
        rig.descriptor(1, 0, 0x1FFFFF, DATA_RW | RING3, true);
        assertEquals(true, ask("0F 02 C1", 11));
        assertEquals(0xC0F300, rig.cpu.gpr[EAX]); // limit bits are zero here, AVL clear
        assertEquals(true, ask("0F 03 C1", 11));
        assertEquals(0x1FFFFF, rig.cpu.gpr[EAX]);
        rig.descriptor(2, 0, -1, DATA_RW, true);
        assertFalse(ask("0F 02 C1", 0x13)); // RPL 3 of a ring-1 segment
        assertEquals(0x55, rig.cpu.gpr[EAX]);
        assertFalse(ask("0F 03 C1", 0));
        assertFalse(ask("0F 03 C1", 0x1000));
        rig.descriptor(3, 0, -1, 0x8E, true); // an interrupt gate
        assertFalse(ask("0F 02 C1", 0x19));
    }

    @Test
    void verrAndVerwKnowWhatCanBeReadAndWritten() {
        rig.descriptor(1, 0, -1, DATA_RO, true);
        rig.descriptor(2, 0, -1, CODE_X, true);
        rig.descriptor(3, 0, -1, CONFORMING, true);
        assertEquals(true, ask("0F 00 E1", 9));
        assertFalse(ask("0F 00 E9", 9));
        assertFalse(ask("0F 00 E1", 0x11));
        assertEquals(true, ask("0F 00 E1", 0x1B)); // conforming: RPL does not count
        assertEquals(true, ask("0F 00 E9", 0x69));
        assertFalse(ask("0F 00 E9", 0x6B));
    }

    @ParameterizedTest
    @CsvSource({"F4", "FA", "FB", "E4 60", "EF", "6C", "0F 20 C0", "0F 22 D8", "0F 21 F8", "0F 30", "0F 32", "0F 06", "0F 09", "0F 01 15 00000500",
        "0F 01 3D 00000500", "0F 00 D1"})
    void privilegedInstructionsAreRefusedInRing1(String code) {
        assertEquals("13:0", rig.run(code).trap());
        assertEquals(CODE, rig.cpu.eip);
    }
}
