package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.EBX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.EDI;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.state.GuestMemory;

/** Code that changes: whoever writes it, and wherever it lies, the next instruction is what memory says. */
public abstract class CodeChangesContract {
    /** The engine under test. */
    protected abstract CpuEngine engine();

    private EngineRig rig;

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 1); }

    @AfterEach
    void close() { rig.close(); }

    private int eax() { return rig.cpu.gpr[EAX]; }

    /** {@code mov byte [at], v}. */
    private static String store(int at, int v) { return String.format("C6 05 %08x %02x", Integer.reverseBytes(at), v); }

    @Test
    void storeIntoTheNextInstructionIsSeenByIt() {
        rig.run(store(CODE + 7, 0x40) + "48"); // dec eax becomes inc eax
        assertEquals("3:0", rig.trap());
        assertEquals(1, eax());
    }

    @Test
    void storeFurtherAheadIsSeen() {
        rig.run(store(CODE + 7 + 40, 0x40) + "43".repeat(40) + "48");
        assertEquals(1, eax());
        assertEquals(40, rig.cpu.gpr[EBX]);
    }

    @Test
    void storeBehindIsSeenWhenALoopComesBack() {
        // mov ecx, 3; again: add eax, 1; inc byte [again + 2]; loop again
        int again = CODE + 5;
        rig.run("B9 03000000 83 C0 01 FE 05" + String.format("%08x", Integer.reverseBytes(again + 2)) + "E2 F5");
        assertEquals("3:0", rig.trap());
        assertEquals(1 + 2 + 3, eax());
    }

    @Test
    void dataBesideCodeIsJustData() {
        // mov ecx, 1000; again: inc dword [CODE + 100]; loop again
        rig.guest.memory().store32(CODE + 100, 0);
        rig.run("B9 E8030000 FF 05" + String.format("%08x", Integer.reverseBytes(CODE + 100)) + "E2 F8");
        assertEquals(1000, rig.word(CODE + 100));
    }

    @Test
    void storeIntoTheSecondPageOfAnInstructionIsSeen() {
        int at = CODE + 0x1000 - 2; // mov eax, imm32 with three bytes of it in the next page
        rig.code(at, "B8 11 22 33 44");
        for (int n = 0; n < 3; n++) {
            rig.code(CODE, store(at + 4, 0x50 + n) + "E9" + String.format("%08x", Integer.reverseBytes(at - CODE - 12)));
            rig.run(CODE);
            assertEquals(0x00332211 | 0x50 + n << 24, eax());
        }
    }

    @Test
    void wordAcrossTwoCodePagesChangesBoth() {
        // both pages have code that has run; then one store changes an instruction in each
        int border = CODE + 0x1000;
        rig.code(border - 2, "43 43"); // inc ebx twice, running into ...
        rig.code(border, "48 CC"); // ... dec eax
        rig.run(border - 2);
        rig.run("C7 05" + String.format("%08x", Integer.reverseBytes(border - 1)) + "4B 40 CC CC" + "E9"
            + String.format("%08x", Integer.reverseBytes(border - 2 - CODE - 15)));
        assertEquals(2 + 1 - 1, rig.cpu.gpr[EBX]);
        assertEquals(-1 + 1, eax());
    }

    @Test
    void pushOverwritesCodeToo() {
        rig.cpu.gpr[ESP] = CODE + 0x10;
        rig.cpu.gpr[ECX] = 0xCC404040; // three times inc eax, int3
        rig.code(CODE + 0xC, "48 48 48 CC");
        rig.run(CODE + 0xC);
        assertEquals(-3, eax());
        rig.run("51 EB 09"); // push ecx; jmp to it
        assertEquals(0, eax());
    }

    @Test
    void callReturnsToCodeThatTheCalleeChanged() {
        rig.code(CODE + 0x100, store(CODE + 5, 0x40) + "C3");
        rig.run("E8 FB000000 48");
        assertEquals(1, eax());
    }

    @Test
    void stringInstructionOverwritesCode() {
        // decs that have been decoded are replaced by incs with REP STOSB
        rig.code(CODE + 0x200, "48".repeat(64) + "CC");
        rig.run(CODE + 0x200);
        assertEquals(-64, eax());
        rig.cpu.gpr[EDI] = CODE + 0x200;
        rig.run("B0 40 B9 40000000 F3 AA B8 00000000 E9" + String.format("%08x", Integer.reverseBytes(0x200 - 19)));
        assertEquals(64, eax());
    }

    @Test
    void repMovsCopiesNewCodeOverOld() {
        rig.code(DATA, "40".repeat(100));
        rig.code(CODE + 0x200, "48".repeat(100) + "CC");
        rig.run(CODE + 0x200);
        rig.run("BE 00000500 BF 00020200 B9 64000000 F3 A4 B8 00000000 E9" + String.format("%08x", Integer.reverseBytes(0x200 - 27)));
        assertEquals(100, eax());
    }

    @Test
    void writeThroughAnotherMappingIsSeen() {
        rig.tables.map(0x80000000, CODE, PageTables.P | PageTables.RW);
        rig.run(store(0x80000000 + 7, 0x40) + "48");
        assertEquals("3:0", rig.trap());
        assertEquals(1, eax());
    }

    @Test
    void sameFrameRunsAtTwoAddressesWithItsOwnTargets() {
        rig.tables.map(0x80000000, CODE, PageTables.P | PageTables.RW);
        rig.code(CODE, "EB 02 CC CC E8 00000000 58 CC"); // jmp; call next; pop eax
        rig.run(CODE);
        assertEquals(CODE + 9, eax());
        rig.run(0x80000000);
        assertEquals(0x80000009, eax());
        assertEquals(0x8000000B, rig.cpu.eip);
    }

    @Test
    void deviceWriteBetweenTurnsIsSeen() {
        rig.run("40 CC");
        rig.run("48 CC"); // code() writes as a device does
        assertEquals(0, eax());
        rig.guest.memory().store32(CODE, 0xCC404040);
        rig.run(CODE);
        assertEquals(3, eax());
    }

    @Test
    void deviceWriteEndsALoopThatRuns() {
        rig.code(CODE, "EB FE"); // jmp to itself
        rig.cpu.eip = CODE;
        var running = new CountDownLatch(1);
        Thread device = Thread.ofPlatform().start(() -> {
            try {
                running.await();
                rig.guest.memory().store16(CODE, 0xCC40);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        running.countDown();
        assertTimeoutPreemptively(Duration.ofSeconds(120), () -> {
            while (rig.cpu.trapnum != 3) rig.engine.run(rig.guest, rig.parts, 1_000_000);
            device.join();
        });
        assertEquals(1, eax());
    }

    @Test
    void sameBytesMeanOtherThingsIn16BitCode() {
        rig.descriptor(1, 0, 0xFFFFF, 0xBB, false);
        rig.guest.memory().store32(0x1000, 0xCC909090);
        rig.code(0x1000, "B8 40 40 CC CC CC");
        rig.run(0x1000);
        assertEquals(0xCCCC4040, eax());
        rig.load(org.lguest.api.state.SegmentState.CS, 9);
        rig.cpu.gpr[EAX] = 0;
        rig.run(0x1000);
        assertEquals(0x4040, eax());
        assertEquals(0x1004, rig.cpu.eip);
    }

    @Test
    void frameThatWasCodeCanBecomeDataAndCodeAgain() {
        GuestMemory m = rig.guest.memory();
        for (int round = 0; round < 50; round++) {
            rig.run("05" + String.format("%08x", Integer.reverseBytes(round)) + store(CODE + 0x800, round) + "CC");
            assertEquals(round, m.load8(CODE + 0x800));
        }
        assertEquals(49 * 50 / 2, eax());
    }

    private static final int BORDER = CODE + 0x1000, ELSEWHERE = CODE + 0x5000;

    private void map(int va, int pa, int flags) {
        rig.tables.map(va, pa, flags);
        rig.mmu.setPte(rig.guest, rig.tables.root(), va, pa | flags, 0);
    }

    @Test
    void codeRunsOnIntoWhateverPageIsMappedBehindIt() {
        rig.code(BORDER - 2, "43 43"); // inc ebx twice, running into ...
        rig.code(BORDER, "40 CC"); // ... inc eax, or ...
        rig.code(ELSEWHERE, "48 CC"); // ... dec eax
        for (int n = 0; n < 5; n++) rig.run(BORDER - 2);
        assertEquals(5, eax());
        map(BORDER, ELSEWHERE, PageTables.P | PageTables.RW | PageTables.US);
        for (int n = 0; n < 5; n++) rig.run(BORDER - 2);
        assertEquals(0, eax());
        assertEquals(20, rig.cpu.gpr[EBX]);
    }

    @Test
    void instructionInTwoPagesIsWhatBothAreNow() {
        rig.code(BORDER - 3, "43 B8 11"); // inc ebx; mov eax, imm32 with three bytes of it in the next page
        rig.code(BORDER, "22 33 44 CC");
        rig.code(ELSEWHERE, "55 66 77 CC");
        for (int n = 0; n < 5; n++) rig.run(BORDER - 3);
        assertEquals(0x44332211, eax());
        map(BORDER, ELSEWHERE, PageTables.P | PageTables.RW | PageTables.US);
        for (int n = 0; n < 5; n++) rig.run(BORDER - 3);
        assertEquals(0x77665511, eax());
        rig.code(ELSEWHERE, "88"); // as a device does
        rig.run(BORDER - 3);
        assertEquals(0x77668811, eax());
        map(BORDER, ELSEWHERE, 0);
        rig.run(BORDER - 3);
        assertEquals("14:0", rig.trap());
        assertEquals(BORDER - 2, rig.cpu.eip);
        assertEquals(BORDER, rig.cpu.faultAddress);
        assertEquals(12, rig.cpu.gpr[EBX]);
    }

    @Test
    void loopOverAnInstructionInTwoPagesGoesRound() {
        rig.cpu.gpr[ECX] = 1000;
        rig.code(BORDER - 2, "81 C3 05 00 00 00 E2 F8 CC"); // add ebx, 5; loop; int3
        rig.run(BORDER - 2);
        assertEquals(5000, rig.cpu.gpr[EBX]);
    }
}
