package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.lguest.api.state.CpuState.EAX;
import static org.lguest.api.state.CpuState.EBP;
import static org.lguest.api.state.CpuState.EBX;
import static org.lguest.api.state.CpuState.ECX;
import static org.lguest.api.state.CpuState.EDI;
import static org.lguest.api.state.CpuState.EDX;
import static org.lguest.api.state.CpuState.ESI;
import static org.lguest.api.state.CpuState.ESP;
import static org.lguest.testkit.EngineRig.CODE;
import static org.lguest.testkit.EngineRig.DATA;
import static org.lguest.testkit.EngineRig.STACK;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.state.CpuState;

/**
 * Code whose accesses are near each other, beside ESI, EDI, ESP and at a fixed address, with memory that lies well or unluckily: an engine that
 * looks such memory up together must not be told from one that does not.
 */
public abstract class NearbyMemoryContract {
    /**
     * again: mov eax, [esi]; add eax, [esi+4]; add [edi+4], eax; mov edx, [esi+8]; mov [edi], edx; mov [edi+8], al; push eax; push edx; pop ebx;
     * add ebx, [esp]; add esp, 4; inc dword [50F00h]; mov ebp, [50F04h]; mov [50F08h], ebp; dec ecx; jnz again
     */
    private static final String LOOP = "8B06 034604 014704 8B5608 8917 884708 50 52 5B 031C24 83C404 FF05000F0500 8B2D040F0500 892D080F0500 49 75D2";
    private static final int FIXED = DATA + 0xF00, FROM = DATA + 0x10000, TO = DATA + 0x20000, TIMES = 3000, PAGE = 4096;

    /** What the number of a frame differs in that is elsewhere. */
    private static final int AWAY = 0x80000;

    private EngineRig rig;
    private boolean elsewhere;

    /** A new engine of the kind under test. */
    protected abstract CpuEngine engine();

    @BeforeEach
    void start() { rig = new EngineRig(engine(), 3); }

    @AfterEach
    void close() { rig.close(); }

    private void loop(int from, int to, int stack, int times) {
        rig.cpu.gpr[ESI] = from;
        rig.cpu.gpr[EDI] = to;
        rig.cpu.gpr[ESP] = stack;
        rig.cpu.gpr[ECX] = times;
        rig.run(LOOP);
    }

    private void fill(int from) {
        store(from, 0x1234_5678);
        store(from + 4, 0x0BAD_CAFE);
        store(from + 8, 0x7654_3210);
        store(FIXED + 4, 0x5EED);
    }

    /** Where a linear address is: every second page of the tests' memory is in another frame than beside the one before it. */
    private int place(int at) { return elsewhere && (at & PAGE) != 0 ? at ^ AWAY : at; }

    private void store(int at, int v) {
        for (int i = 0; i < 4; i++) rig.guest.memory().store8(place(at + i), v >>> 8 * i);
    }

    private int word(int at) {
        int v = 0;
        for (int i = 0; i < 4; i++) v |= rig.guest.memory().load8(place(at + i)) << 8 * i;
        return v;
    }

    private void mapElsewhere() {
        elsewhere = true;
        for (int page = STACK - 2 * PAGE; page < TO + 8 * PAGE; page += PAGE) rig.tables.map(page, place(page), PageTables.P | PageTables.RW | PageTables.US);
        rig.mmu.flushAll(rig.guest);
    }

    private void assertLooped(int to, int stack, int times) {
        int sum = 0x1234_5678 + 0x0BAD_CAFE;
        assertEquals("3:0", rig.trap());
        assertEquals(sum, rig.cpu.gpr[EAX]);
        assertEquals(0x7654_3210, rig.cpu.gpr[EDX]);
        assertEquals(sum + 0x7654_3210, rig.cpu.gpr[EBX]);
        assertEquals(stack, rig.cpu.gpr[ESP]);
        assertEquals(0x7654_3210, word(to));
        assertEquals(sum * times, word(to + 4));
        assertEquals(sum & 0xFF, word(to + 8));
        assertEquals(0x5EED, word(FIXED + 8));
    }

    /** The distance of everything from the end of its page, in bytes. */
    @ParameterizedTest
    @ValueSource(ints = {2048, 16, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0})
    void memoryInTwoPagesIsWhatMemoryInOneIs(int left) {
        mapElsewhere();
        fill(FROM + PAGE - left);
        loop(FROM + PAGE - left, TO + PAGE - left, STACK + PAGE + 8 - left, TIMES);
        assertLooped(TO + PAGE - left, STACK + PAGE + 8 - left, TIMES);
        assertEquals(TIMES, word(FIXED));
    }

    @Test
    void memoryMayLieWellAndUnluckilyByTurns() {
        mapElsewhere();
        for (int turn = 0; turn < 200; turn++) {
            int left = turn % 3 == 0 ? 6 : 100 + turn;
            int to = TO + PAGE - left + (turn & 3) * PAGE;
            fill(FROM + PAGE - left);
            for (int at = to; at < to + 12; at += 4) store(at, 0);
            loop(FROM + PAGE - left, to, STACK + PAGE + 8 - left, 50);
            assertLooped(to, STACK + PAGE + 8 - left, 50);
        }
        assertEquals(200 * 50, word(FIXED));
    }

    @Test
    void aPageThatMayNotBeWrittenFaultsAtTheFirstStoreToIt() {
        fill(FROM);
        loop(FROM, TO, STACK, TIMES);
        rig.tables.map(TO, TO, PageTables.P | PageTables.US);
        rig.mmu.flushAll(rig.guest);
        long before = rig.cpu.retired;
        loop(FROM, TO, STACK, TIMES);
        assertEquals("14:7", rig.trap());
        assertEquals(CODE + 5, rig.cpu.eip);
        assertEquals(TO + 4, rig.cpu.faultAddress);
        assertEquals(before + 2, rig.cpu.retired);
        assertEquals(0x1234_5678 + 0x0BAD_CAFE, rig.cpu.gpr[EAX]);
    }

    @Test
    void aPageThatIsGoneFaultsAtTheFirstAccessToIt() {
        fill(FROM + PAGE - 8);
        loop(FROM + PAGE - 8, TO, STACK, TIMES);
        rig.tables.map(FROM + PAGE, 0, 0);
        rig.mmu.flushAll(rig.guest);
        loop(FROM + PAGE - 8, TO, STACK, TIMES);
        assertEquals("14:4", rig.trap());
        assertEquals(CODE + 8, rig.cpu.eip);
        assertEquals(FROM + PAGE, rig.cpu.faultAddress);
        assertEquals((0x1234_5678 + 0x0BAD_CAFE) * (TIMES + 1), rig.word(TO + 4));
    }

    /**
     * again: mov edx, ecx; inc eax; inc ebx; an instruction with memory at EBP; lea ecx, [edx-1]; test ecx, ecx; jnz again. Once it is known well, the
     * memory goes: the instructions in front of the one that faults are done, once, and nothing of what is behind them.
     *
     * @param instruction LEAVE; MOV from and to memory; INC; CMPXCHG; MOVZX; MOVDQA from and to memory; FLD with FSTP ST(0)
     */
    @ParameterizedTest
    @CsvSource({"C9,4", "8B4500,4", "894500,6", "FF4500,6", "0FB14D00,6", "0FB67500,4", "660F6F4500,4", "660F7F4500,6", "D94500DDD8,4"})
    void whatFaultsIsLeftWithAllBeforeItDone(String instruction, int error) {
        String again = "89CA 40 43" + instruction + "8D4AFF 85C9 75" + String.format("%02X", -(11 + instruction.length() / 2) & 0xFF);
        store(DATA, DATA);
        rig.cpu.gpr[EBP] = DATA;
        rig.cpu.gpr[ECX] = TIMES;
        assertEquals("3:0", rig.run(again).trap());
        rig.tables.map(DATA, 0, 0);
        rig.mmu.flushAll(rig.guest);
        rig.cpu.gpr[EAX] = 100;
        rig.cpu.gpr[EBX] = -1;
        rig.cpu.gpr[ECX] = 7;
        rig.cpu.gpr[EBP] = DATA;
        rig.cpu.gpr[ESP] = STACK;
        long before = rig.cpu.retired;
        assertEquals("14:" + error, rig.run(CODE).trap());
        assertEquals(CODE + 4, rig.cpu.eip);
        assertEquals(before + 3, rig.cpu.retired);
        assertEquals(101, rig.cpu.gpr[EAX]);
        assertEquals(0, rig.cpu.gpr[EBX]);
        assertEquals(CpuState.ZF, rig.cpu.eflags & (CpuState.ZF | CpuState.SF));
        assertEquals(7, rig.cpu.gpr[EDX]);
        assertEquals(STACK, rig.cpu.gpr[ESP]);
    }

    @Test
    void aPageThatIsElsewhereNowIsFoundThere() {
        fill(FROM);
        loop(FROM, TO, STACK, TIMES);
        rig.tables.map(TO, TO + PAGE, PageTables.P | PageTables.RW | PageTables.US);
        rig.mmu.flushAll(rig.guest);
        loop(FROM, TO, STACK, 70);
        assertLooped(TO + PAGE, STACK, 70);
        assertEquals((0x1234_5678 + 0x0BAD_CAFE) * TIMES, rig.word(TO + 4));
    }

    /** again: inc dword [edi]; inc dword [edi+40h]; inc dword [edi+80h]; add eax, 0; dec ecx; jnz again */
    @Test
    void storesBesideARegisterThatHitTheCodeItselfCount() {
        String again = "FF07 FF4740 FF8780000000 05 00000000 49 75ED";
        rig.cpu.gpr[EDI] = DATA;
        rig.cpu.gpr[ECX] = TIMES;
        assertEquals("3:0", rig.run(again).trap());
        assertEquals(0, rig.cpu.gpr[EAX]);
        rig.cpu.gpr[EDI] = CODE + 12; // what is added
        rig.cpu.gpr[ECX] = 100;
        assertEquals("3:0", rig.run(CODE).trap());
        assertEquals(100 * 101 / 2, rig.cpu.gpr[EAX]);
    }
}
