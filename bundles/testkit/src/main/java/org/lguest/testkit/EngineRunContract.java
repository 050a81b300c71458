package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lguest.api.state.CpuState.CF;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.EBX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.EDI;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.api.state.CpuState.INTERRUPT;
import static org.lguest.api.state.CpuState.NO_TRAP;
import static org.lguest.api.state.CpuState.PF;
import static org.lguest.api.state.CpuState.TF;
import static org.lguest.api.state.CpuState.ZF;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;
import static org.lguest.testkit.EngineRig.END;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.CpuEngine;

/** How an engine runs and stops: budgets, attention, traps, counting, and leaving a guest to another engine. */
public abstract class EngineRunContract {
    /** mov ecx, 10000; again: imul eax, eax, 69069; add eax, ecx; ror ebx, 3; xor ebx, eax; dec ecx; jnz again */
    private static final String WORK = "B9 10270000 69 C0 CD0D0100 01 C8 C1 CB 03 31 C3 49 75 F0";
    private static final int INSTRUCTIONS = 1 + 6 * 10000;

    /** A new engine of the kind under test. */
    protected abstract CpuEngine engine();

    private EngineRig rig;

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 3); }

    @AfterEach
    void close() { rig.close(); }

    private static int[] expected() {
        int eax = 0, ebx = 0;
        for (int ecx = 10000; ecx > 0; ecx--) {
            eax = eax * 69069 + ecx;
            ebx = Integer.rotateRight(ebx, 3) ^ eax;
        }
        return new int[] {eax, ebx};
    }

    private void assertWorkDone() {
        assertEquals("3:0", rig.trap());
        assertEquals(expected()[0], rig.cpu.gpr[EAX]);
        assertEquals(expected()[1], rig.cpu.gpr[EBX]);
        assertEquals(0, rig.cpu.gpr[ECX]);
    }

    @Test
    void worksInOneRun() {
        rig.code(CODE, WORK);
        rig.cpu.eip = CODE;
        rig.engine.run(rig.guest, rig.parts, 10 * INSTRUCTIONS);
        assertWorkDone();
        assertEquals(INSTRUCTIONS + 1, rig.cpu.retired); // INT3 is complete, too
    }

    @Test
    void budgetEndsARunAndTheNextGoesOn() {
        rig.code(CODE, WORK);
        rig.cpu.eip = CODE;
        long before = 0;
        int runs = 0;
        while (rig.cpu.trapnum == NO_TRAP) {
            rig.engine.run(rig.guest, rig.parts, 100);
            long done = rig.cpu.retired - before;
            assertTrue(done > 0 && done < 100 + 64, () -> done + " instructions for a budget of 100");
            assertNull(rig.cpu.check());
            before = rig.cpu.retired;
            runs++;
        }
        assertTrue(runs > INSTRUCTIONS / 200, "only " + runs + " runs");
        assertWorkDone();
        assertEquals(INSTRUCTIONS + 1, rig.cpu.retired);
    }

    @Test
    void aBudgetOfOneIsOneInstructionHoweverOftenItRan() {
        rig.code(CODE, WORK);
        rig.cpu.eip = CODE;
        rig.engine.run(rig.guest, rig.parts, 40_000); // what is hot may be compiled by now
        for (int i = 0; i < 1000; i++) {
            long before = rig.cpu.retired;
            rig.engine.run(rig.guest, rig.parts, 1);
            assertEquals(before + 1, rig.cpu.retired);
        }
        while (rig.cpu.trapnum == NO_TRAP) rig.engine.run(rig.guest, rig.parts, 1_000_000);
        assertWorkDone();
    }

    @Test
    void runWithAttentionStillMakesProgress() {
        rig.code(CODE, WORK);
        rig.cpu.eip = CODE;
        rig.cpu.raise(INTERRUPT);
        for (int n = 0; rig.cpu.trapnum == NO_TRAP; n++) {
            long before = rig.cpu.retired;
            rig.engine.run(rig.guest, rig.parts, 1000);
            assertTrue(rig.cpu.retired > before, "no progress");
            assertTrue(rig.cpu.retired - before < 100, "attention was ignored");
        }
        assertWorkDone();
    }

    @Test
    void attentionFromAnotherThreadEndsARun() {
        rig.code(CODE, "EB FE");
        rig.cpu.eip = CODE;
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> {
            Thread.ofPlatform().start(() -> rig.cpu.raise(INTERRUPT));
            while ((rig.cpu.attention & INTERRUPT) == 0) rig.engine.run(rig.guest, rig.parts, Integer.MAX_VALUE);
        });
        assertEquals(NO_TRAP, rig.cpu.trapnum);
        assertEquals(CODE, rig.cpu.eip);
    }

    @Test
    void attentionEndsALongStringInstructionInTheMiddle() {
        rig.cpu.gpr[EDI] = DATA;
        rig.cpu.gpr[ECX] = 0x100000;
        rig.code(CODE, "F3 AB");
        rig.cpu.eip = CODE;
        rig.cpu.raise(INTERRUPT);
        rig.engine.run(rig.guest, rig.parts, 1000);
        int left = rig.cpu.gpr[ECX];
        assertTrue(left > 0 && left < 0x100000, "ECX is " + left);
        assertEquals(DATA + 4 * (0x100000 - left), rig.cpu.gpr[EDI]);
        assertEquals(CODE, rig.cpu.eip);
        assertEquals(0, rig.cpu.retired);
    }

    @Test
    void twoEnginesTakeTurns() {
        CpuEngine other = engine();
        rig.code(CODE, WORK);
        rig.cpu.eip = CODE;
        CpuEngine now = rig.engine;
        for (int n = 1; rig.cpu.trapnum == NO_TRAP; n++) {
            now.run(rig.guest, rig.parts, 7 + n % 50);
            now.release(rig.guest);
            now = now == other ? rig.engine : other;
            now.adopt(rig.guest);
        }
        assertWorkDone();
        now.release(rig.guest);
        rig.engine.adopt(rig.guest);
    }

    @Test
    void codeThatWasDecodedByAnEngineThatLeftIsForgotten() {
        rig.run("40 CC");
        rig.engine.release(rig.guest);
        for (int frame = 0; frame < rig.guest.memory().limit() >>> 12; frame++) assertTrue(!rig.guest.memory().code().has(frame), "frame " + frame + " is marked");
        rig.code(CODE, "48 CC");
        rig.engine.adopt(rig.guest);
        rig.run(CODE);
        assertEquals(0, rig.cpu.gpr[EAX]);
    }

    @Test
    void flagsAreInStateAfterEachRun() {
        rig.run("31 C0 CC");
        assertEquals(ZF | PF, rig.cpu.eflags & (ZF | PF | CF));
        rig.run("83 E8 01 CC");
        assertEquals(CF | PF, rig.cpu.eflags & (ZF | PF | CF));
    }

    @Test
    void faultLeavesStateAsBeforeItsInstruction() {
        rig.cpu.gpr[ESP] = END + 0x1004; // pushes run into what is not mapped
        rig.run("40 60");
        assertEquals("14:6", rig.trap());
        assertEquals(CODE + 1, rig.cpu.eip);
        assertEquals(END + 0x1004, rig.cpu.gpr[ESP]);
        assertEquals(1, rig.cpu.gpr[EAX]);
        assertEquals(1, rig.cpu.retired);
        assertTrue(!rig.cpu.software);
    }

    @Test
    void softwareInterruptIsBehindItsInstructionAndSaysWhereItBegan() {
        rig.run("40 CD 80");
        assertEquals("128:0", rig.trap());
        assertTrue(rig.cpu.software);
        assertEquals(CODE + 3, rig.cpu.eip);
        assertEquals(CODE + 1, rig.cpu.softwareEip);
        assertEquals(2, rig.cpu.retired);
    }

    @Test
    void trapFlagStopsAfterEachInstruction() {
        rig.code(CODE, "40 40 EB 00 F3 AA 40");
        rig.cpu.eip = CODE;
        rig.cpu.gpr[ECX] = 2;
        rig.cpu.gpr[EDI] = DATA;
        rig.cpu.eflags |= TF;
        for (int at : new int[] {1, 2, 4, 4, 6, 7}) { // each element of the string instruction is a step
            rig.engine.run(rig.guest, rig.parts, 1000);
            assertEquals("1:0", rig.trap());
            assertEquals(CODE + at, rig.cpu.eip);
        }
        assertEquals(3, rig.cpu.gpr[EAX]);
    }

    @Test
    void popfWithTrapFlagStopsAfterTheInstructionBehindIt() {
        rig.run("9C 81 0C 24 00010000 9D 40 40");
        assertEquals("1:0", rig.trap());
        assertEquals(CODE + 10, rig.cpu.eip);
        assertEquals(1, rig.cpu.gpr[EAX]);
    }

    @Test
    void fetchFromAMissingPageFaultsWithItsAddress() {
        rig.run("E9" + String.format("%08x", Integer.reverseBytes(END - CODE - 5)));
        assertEquals("14:4", rig.trap());
        assertEquals(END, rig.cpu.faultAddress);
        assertEquals(END, rig.cpu.eip);
    }

    @Test
    void instructionThatRunsIntoAMissingPageFaultsThere() {
        rig.tables.map(CODE + 0x1000, 0, 0);
        rig.code(CODE + 0xFFE, "B8 01020304");
        rig.run(CODE + 0xFFE);
        assertEquals("14:4", rig.trap());
        assertEquals(CODE + 0x1000, rig.cpu.faultAddress);
        assertEquals(CODE + 0xFFE, rig.cpu.eip);
        rig.tables.map(CODE + 0x1000, CODE + 0x1000, PageTables.P | PageTables.US);
        rig.run(CODE + 0xFFE);
        assertEquals(0x04030201, rig.cpu.gpr[EAX]);
        rig.tables.map(CODE + 0x1000, CODE + 0x3000, PageTables.P | PageTables.US); // another frame, another instruction
        rig.mmu.flushAll(rig.guest);
        rig.run(CODE + 0xFFE);
        assertEquals(0xCCCCCC01, rig.cpu.gpr[EAX]);
    }

    /** movaps [edi], xmm1; movaps [edi+32], xmm1; movaps [edi+16], xmm1, as memset has them. */
    @Test
    void storesSideBySideThatRunIntoAMissingPageStopAtTheOneThatDoes() {
        String stores = "0F290F 0F294F20 0F294F10";
        rig.cpu.xmm.low[1] = 0x1122334455667788L;
        rig.cpu.xmm.high[1] = 0x99AABBCCDDEEFF00L;
        rig.cpu.gpr[EDI] = DATA;
        assertEquals("3:0", rig.run(stores).trap());
        for (int at = DATA; at < DATA + 48; at += 16) {
            assertEquals(0x1122334455667788L, rig.guest.memory().load64(at));
            assertEquals(0x99AABBCCDDEEFF00L, rig.guest.memory().load64(at + 8));
        }
        rig.cpu.gpr[EDI] = END - 32;
        assertEquals("14:6", rig.run(stores).trap());
        assertEquals(CODE + 3, rig.cpu.eip);
        assertEquals(END, rig.cpu.faultAddress);
        assertEquals(0x1122334455667788L, rig.guest.memory().load64(END - 32));
        assertEquals(0, rig.guest.memory().load64(END - 16));
        rig.cpu.gpr[EDI] = DATA + 8;
        assertEquals("13:0", rig.run(stores).trap());
        assertEquals(CODE, rig.cpu.eip);
    }
}
