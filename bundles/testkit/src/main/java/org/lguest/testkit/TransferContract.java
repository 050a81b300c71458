package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.api.state.CpuState.CF;
import static org.lguest.api.state.CpuState.DF;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.api.state.CpuState.IF;
import static org.lguest.api.state.CpuState.IOPL;
import static org.lguest.api.state.CpuState.NT;
import static org.lguest.api.state.CpuState.TF;
import static org.lguest.api.state.CpuState.VM;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;
import static org.lguest.testkit.EngineRig.END;
import static org.lguest.testkit.EngineRig.STACK;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;

/** Control transfers that load CS: far jumps, calls and returns, IRET (Intel SDM volume 3, section 5.8). */
public abstract class TransferContract {
    private static final int RING1_CS = 0x61, RING1_DS = 0x69, RING3_CS = 0x73, RING3_DS = 0x7B;
    private static final int CODE1 = 0x9B;
    private static final int THERE = CODE + 0x2000;
    /** Top of a stack in ring 1. */
    private static final int STACK1 = DATA + 0x3000;

    /** The engine under test. */
    protected abstract CpuEngine engine();

    private EngineRig rig;

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 1); }

    @AfterEach
    void close() { rig.close(); }

    private static String pointer(int selector, int offset) {
        return String.format("%08x%04x", Integer.reverseBytes(offset), Short.reverseBytes((short) selector) & 0xFFFF);
    }

    private String jump(int selector, int offset) { return rig.run("EA" + pointer(selector, offset)).trap(); }

    private String call(int selector, int offset) { return rig.run("9A" + pointer(selector, offset)).trap(); }

    private void assertAt(int selector, int eip) {
        assertEquals(selector, rig.cpu.seg[SegmentState.CS].selector);
        assertEquals(selector & 3, rig.cpu.cpl);
        assertEquals(eip, rig.cpu.eip);
    }

    // --- without a change of privilege ------------------------------------------------------------------------------

    @Test
    void farJumpLoadsCsAndEip() {
        rig.descriptor(1, 0x1000, 0x7FFFF, CODE1, true);
        assertEquals("3:0", jump(9, THERE - 0x1000));
        assertAt(9, THERE - 0x1000 + 1);
        assertEquals(0x1000, rig.cpu.seg[SegmentState.CS].base);
    }

    @Test
    void farJumpTakesItsPrivilegeFromCplNotFromTheSelector() {
        assertEquals("3:0", jump(RING1_CS & ~3, THERE)); // RPL 0
        assertAt(RING1_CS, THERE + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 13:0", // null
        "1, 0, 13:0",
        "9, 147, 13:8", // data
        "11, 155, 13:8", // RPL above CPL
        "9, 251, 13:8", // DPL is not CPL
        "9, 27, 11:8", // not present
        "9, 137, 13:8", // a TSS
        "9, 133, 13:8", // a task gate
        "257, 0, 13:100"})
    void farJumpChecksItsTarget(int selector, int access, String trap) {
        if (access != 0) rig.descriptor(1, 0, -1, access, true);
        assertEquals(trap, jump(selector, THERE));
        assertAt(RING1_CS, CODE);
    }

    @Test
    void farJumpBeyondTheNewLimitFaultsBeforeIt() {
        rig.descriptor(1, 0, THERE - 1, CODE1, true);
        assertEquals("13:0", jump(9, THERE));
        assertAt(RING1_CS, CODE);
    }

    @Test
    void conformingCodeRunsWithTheCallersPrivilege() {
        rig.ring(3);
        rig.descriptor(1, 0, -1, 0x9F | 0x20, true); // DPL 1
        assertEquals("3:0", jump(8, THERE));
        assertAt(11, THERE + 1);
    }

    @Test
    void farCallAndReturnComeBack() {
        rig.code(THERE, "CB");
        assertEquals("3:0", call(RING1_CS, THERE));
        assertAt(RING1_CS, CODE + 8);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
        assertEquals(CODE + 7, rig.word(STACK - 8));
        assertEquals(RING1_CS, rig.word(STACK - 4) & 0xFFFF);
    }

    @Test
    void farCallOf16BitsPushesWords() {
        rig.descriptor(1, CODE, 0xFFFF, CODE1, false);
        rig.load(SegmentState.CS, 9);
        rig.code(CODE, "9A 00 20 09 00");
        rig.run(0);
        assertAt(9, 0x2001);
        assertEquals(STACK - 4, rig.cpu.gpr[ESP]);
        assertEquals(5 | 9 << 16, rig.word(STACK - 4));
    }

    @Test
    void farCallThroughMemoryReadsOffsetAndSelector() {
        rig.guest.memory().store32(DATA, THERE);
        rig.guest.memory().store16(DATA + 4, RING1_CS);
        assertEquals("3:0", rig.run("FF 1D 00000500").trap());
        assertAt(RING1_CS, THERE + 1);
    }

    @Test
    void farReturnReleasesItsOperands() {
        rig.push(42);
        rig.push(RING1_CS);
        rig.push(THERE);
        assertEquals("3:0", rig.run("CA 0400").trap());
        assertAt(RING1_CS, THERE + 1);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
    }

    @Test
    void farCallThatCannotPushChangesNothing() {
        rig.cpu.gpr[ESP] = END + 0x100;
        assertEquals("14:2", call(RING1_CS, THERE));
        assertAt(RING1_CS, CODE);
        assertEquals(END + 0x100, rig.cpu.gpr[ESP]);
    }

    @ParameterizedTest
    @CsvSource({"4", "5", "12", "14", "15"})
    void gatesAreNoTargets(int type) { // call gates get another type when a guest's table is fixed; the others never were targets
        rig.gate(1, RING1_CS, THERE, type, 1, 0);
        assertEquals("13:8", call(9, THERE));
        assertEquals("13:8", jump(9, THERE));
        assertAt(RING1_CS, CODE);
    }

    @Test
    void returnToRing3TakesPrivilegedSegmentsAway() {
        rig.load(SegmentState.ES, RING3_DS);
        for (int word : new int[] {RING3_DS, 0x48000, 0x99, RING3_CS, THERE}) rig.push(word);
        assertEquals("3:0", rig.run("CA 0400").trap());
        assertAt(RING3_CS, THERE + 1);
        assertEquals(RING3_DS, rig.cpu.seg[SegmentState.SS].selector);
        assertEquals(0x48004, rig.cpu.gpr[ESP]);
        assertEquals(0, rig.cpu.seg[SegmentState.DS].selector);
        assertEquals(RING3_DS, rig.cpu.seg[SegmentState.ES].selector);
        assertEquals("13:0", rig.run("A1 00000500").trap());
    }

    @Test
    void returnToRing3WithABadStackSegmentChangesNothing() {
        for (int word : new int[] {RING1_DS, 0x48000, RING3_CS, THERE}) rig.push(word);
        assertEquals("13:68", rig.run("CB").trap());
        assertAt(RING1_CS, CODE);
        assertEquals(STACK - 16, rig.cpu.gpr[ESP]);
    }

    // --- IRET -------------------------------------------------------------------------------------------------------

    /** The program has pushed and popped, so that an engine knows the page of its stack. */
    private void useStack() { assertEquals("3:0", rig.run("50 58").trap()); }

    private String iret(int... frame) {
        for (int n = frame.length - 1; n >= 0; n--) rig.push(frame[n]);
        return rig.run("CF").trap();
    }

    @Test
    void iretInTheSameRingRestoresFlagsButNotThoseOfTheHost() {
        assertEquals("3:0", iret(THERE, RING1_CS, CF | DF | IOPL | VM));
        assertAt(RING1_CS, THERE + 1);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
        assertEquals(CF | DF | IF | 2, rig.cpu.eflags & (CF | DF | IF | IOPL | VM | NT | 2));
    }

    @ParameterizedTest(name = "stack in use: {0}")
    @ValueSource(booleans = {false, true})
    void iretToRing3SwitchesStacksAndTakesSegmentsAway(boolean used) {
        if (used) useStack();
        assertEquals("3:0", iret(THERE, RING3_CS, 0x202, 0x48000, RING3_DS));
        assertAt(RING3_CS, THERE + 1);
        assertEquals(0x48000, rig.cpu.gpr[ESP]);
        assertEquals(RING3_DS, rig.cpu.seg[SegmentState.SS].selector);
        assertEquals(0, rig.cpu.seg[SegmentState.DS].selector);
        assertEquals(0, rig.cpu.seg[SegmentState.ES].selector);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 123, 13:0",
        "115, 105, 13:68", // SS of ring 1 for ring 3
        "115, 0, 13:0", // SS null
        "114, 123, 13:70", // RPL 2 of a ring-3 segment
        "123, 123, 13:78", // data
        "257, 123, 13:100"})
    void iretChecksWhatItReturnsTo(int cs, int ss, String trap) {
        refused(trap, cs, ss);
    }

    /** The same descriptors where an engine may look at the whole frame at once; a code segment with a limit is right, and EIP beyond it is not. */
    @ParameterizedTest
    @CsvSource({
        "0, 123, 13:0",
        "115, 105, 13:68",
        "115, 0, 13:0",
        "114, 123, 13:70",
        "123, 123, 13:78",
        "257, 123, 13:100",
        "67, 123, 13:0"})
    void iretOnAStackInUseChecksWhatItReturnsTo(int cs, int ss, String trap) {
        rig.descriptor(8, 0, 0xFFFF, 0xFB, true);
        useStack();
        refused(trap, cs, ss);
    }

    private void refused(String trap, int cs, int ss) {
        assertEquals(trap, iret(THERE, cs, 0x202, 0x48000, ss));
        assertAt(RING1_CS, CODE);
        assertEquals(STACK - 20, rig.cpu.gpr[ESP]);
        assertEquals(RING1_DS, rig.cpu.seg[SegmentState.SS].selector);
    }

    @Test
    void iretInwardIsRefused() {
        rig.ring(3);
        assertEquals("13:60", iret(THERE, RING1_CS, 0x202, 0x48000, RING1_DS));
        assertAt(RING3_CS, CODE);
    }

    @Test
    void iretWithNestedTaskIsAnInvalidTask() {
        rig.cpu.eflags |= NT;
        assertEquals("10:0", iret(THERE, RING1_CS, 0x202));
    }

    @Test
    void iretOf16BitsPopsWordsAndLeavesHighFlags() {
        rig.push(0x0203);
        rig.push(RING1_CS << 16 | 0x3000);
        rig.code(0x3000, "CC");
        assertEquals("3:0", rig.run("66 CF").trap());
        assertAt(RING1_CS, 0x3001);
        assertEquals(STACK - 2, rig.cpu.gpr[ESP]);
    }

    @Test
    void iretThatSetsTheTrapFlagStopsBehindOneInstruction() {
        rig.code(THERE, "40 40");
        assertEquals("1:0", iret(THERE, RING1_CS, 0x202 | TF));
        assertAt(RING1_CS, THERE + 1);
        assertEquals(1, rig.cpu.gpr[EAX]);
    }

    // --- the gate that the switcher leaves to the processor -----------------------------------------------------------

    /** Whether the engine takes that gate by itself where it may: none has to. */
    protected boolean takesGates() { return false; }

    /** A program whose INT 0x80 may go straight to {@link #THERE}, with a stack in ring 1 that has been used. */
    private void program() {
        rig.cpu.gpr[ESP] = STACK1;
        assertEquals("3:0", rig.run("50").trap());
        rig.ring(3);
        rig.cpu.gpr[ESP] = STACK;
        rig.cpu.ss1 = RING1_DS;
        rig.cpu.esp1 = STACK1;
        TestGuests.gate(rig.guest, 0x80, THERE, 0xF, 3);
        rig.cpu.directGate = 0x80;
        rig.cpu.eflags |= CF | DF;
    }

    private String systemCall() { return rig.run("CD 80").trap(); }

    private void assertLeftToTheSwitcher(String trap) {
        assertEquals("128:0", trap);
        assertAt(RING3_CS, CODE + 2);
        assertTrue(rig.cpu.software);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
        assertEquals(0, rig.guest.counters().traps[0x80]);
    }

    @ParameterizedTest(name = "interrupts enabled: {0}")
    @ValueSource(booleans = {false, true})
    void systemCallEntersTheKernelWithTheFrameOfTheSwitcher(boolean enabled) {
        TestGuests.introduce(rig.guest, Generation.LINUX_3_1, DATA);
        rig.guest.data().enableInterrupts(enabled);
        program();
        String trap = systemCall();
        if (!takesGates()) {
            assertLeftToTheSwitcher(trap);
            return;
        }
        assertAt(RING1_CS, THERE + 1);
        assertEquals(RING1_DS, rig.cpu.seg[SegmentState.SS].selector);
        assertEquals(STACK1 - 20, rig.cpu.gpr[ESP]);
        assertEquals(List.of(CODE + 2, RING3_CS, CF | DF | 2 | (enabled ? IF : 0), STACK, RING3_DS),
            List.of(rig.stack(0), rig.stack(4), rig.stack(8), rig.stack(12), rig.stack(16)));
        assertEquals(1, rig.guest.counters().traps[0x80]);
    }

    @Test
    void systemCallAndItsReturnAreInvisibleToTheProgram() {
        rig.code(THERE, "CF");
        program();
        String trap = systemCall();
        if (!takesGates()) {
            assertLeftToTheSwitcher(trap);
            return;
        }
        assertEquals("3:0", trap);
        assertAt(RING3_CS, CODE + 3);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
        assertEquals(RING3_DS, rig.cpu.seg[SegmentState.SS].selector);
        assertEquals(RING3_DS, rig.cpu.seg[SegmentState.DS].selector);
        assertEquals(CF | DF, rig.cpu.eflags & (CF | DF | TF));
    }

    @Test
    void systemCallIsLeftToTheSwitcherWhenItWantsIt() {
        program();
        rig.cpu.directGate = CpuState.NO_GATE;
        assertLeftToTheSwitcher(systemCall());
    }

    @Test
    void systemCallIsLeftToTheSwitcherWhenTheKernelsStackIsNotThere() {
        program();
        rig.cpu.esp1 = END + 0x1000;
        assertLeftToTheSwitcher(systemCall());
    }

    @ParameterizedTest(name = "SS of ring 1 is {0}, with rights {1}")
    @CsvSource({"0, 0", "0x7B, 0xF3", "0x41, 0xB1", "0x41, 0x33", "0x41, 0xBB", "0x45, 0xB3"})
    void systemCallIsLeftToTheSwitcherWhenTheKernelsStackSegmentIsNoStack(String selector, String rights) {
        program();
        rig.descriptor(8, 0, -1, Integer.decode(rights), true);
        rig.cpu.ss1 = Integer.decode(selector);
        assertLeftToTheSwitcher(systemCall());
    }

    @Test
    void systemCallUnderTheTrapFlagIsLeftToTheSwitcher() {
        program();
        rig.cpu.eflags |= TF;
        assertLeftToTheSwitcher(systemCall());
    }

    @Test
    void systemCallIsLeftToTheSwitcherWhenAttentionIsRaised() {
        program();
        rig.cpu.raise(CpuState.INTERRUPT);
        assertLeftToTheSwitcher(systemCall());
    }

    @Test
    void gateIsNotForTheKernelItself() {
        rig.cpu.esp1 = STACK;
        TestGuests.gate(rig.guest, 0x80, THERE, 0xF, 3);
        rig.cpu.directGate = 0x80;
        assertEquals("128:0", rig.run("50 CD 80").trap());
        assertAt(RING1_CS, CODE + 3);
    }

    @Test
    void popfChangesNeitherInterruptFlagNorIopl() {
        rig.push(IOPL | CF);
        rig.cpu.eflags |= IF;
        assertEquals("3:0", rig.run("9D").trap());
        assertEquals(CF | IF, rig.cpu.eflags & (CF | IF | IOPL));
    }
}
