package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.Trace;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;

/** What every switcher owes its guests (ABI sections 3.1, 3.2, 4 and 5): one turn after the other, on a scripted engine. */
public abstract class SwitcherContract {
    private static final int DATA = 0x2400, STACK = 0x9000, STACK1 = 0xB000, CODE = 0x20000, HANDLER = 0xC0123456;
    private static final int CF = CpuState.CF;

    /** The switcher under test. */
    protected abstract Switcher switcher();

    private final Switcher switcher = switcher();
    private final PlainMmu mmu = new PlainMmu();
    private final ManualClock clock = new ManualClock(5_000_000_007L);
    private final ScriptedCpu engine = new ScriptedCpu();
    private final List<String> calls = new ArrayList<>();
    private RecordingFamily.Effect effect = (g, c, a) -> { };
    private final Parts parts = TestGuests.parts(engine, mmu, switcher, clock,
        RecordingFamily.all(calls, (g, c, a) -> effect.of(g, c, a)), new RecordingHost());
    private Guest guest;
    private CpuState cpu;

    @BeforeEach
    void start() { use(Generation.LINUX_3_1); }

    private void use(Generation g) {
        close();
        guest = TestGuests.of(4, false);
        cpu = guest.cpu();
        cpu.gpr[CpuState.ESP] = STACK;
        cpu.eip = CODE;
        cpu.ss1 = 0x69;
        cpu.esp1 = STACK1;
        mmu.adopt(guest);
        clock.adopt(guest);
        switcher.adopt(guest);
        if (g != null) TestGuests.introduce(guest, g, DATA);
    }

    @AfterEach
    void close() {
        if (guest == null) return;
        switcher.release(guest);
        clock.release(guest);
        guest.memory().close();
        guest = null;
    }

    private Switcher.Next turn() { return switcher.turn(guest, parts); }

    private int word(int address) { return guest.memory().load32(address); }

    private int field(int offset) { return guest.memory().load32(DATA + offset); }

    private void field(int offset, int value) { guest.memory().store32(DATA + offset, value); }

    private void code(int at, int... bytes) { for (int i = 0; i < bytes.length; i++) guest.memory().store8(at + i, bytes[i]); }

    private void gate(int vector, int type, int dpl) { TestGuests.gate(guest, vector, HANDLER, type, dpl); }

    private void killed(String reason) {
        assertNotNull(guest.endingNow(), "alive, and should have died of: " + reason);
        assertEquals(reason, guest.endingNow().reason());
    }

    private void alive() { assertNull(guest.endingNow()); }

    private void inHandler() {
        alive();
        assertEquals(HANDLER, cpu.eip);
        assertEquals(1, cpu.cpl);
        assertEquals(0x61, cpu.seg[SegmentState.CS].selector);
        assertTrue(cpu.seg[SegmentState.CS].code());
        assertEquals(0x69, cpu.seg[SegmentState.SS].selector);
        assertTrue(cpu.seg[SegmentState.SS].flatData());
        assertNull(cpu.check());
    }

    // Reflection

    @Test
    void faultOfTheKernelGoesToItsHandlerOnTheSameStack() {
        gate(13, 0xE, 0);
        cpu.eflags = 0x202 | CF | CpuState.TF | CpuState.NT | CpuState.AC;
        int flags = cpu.eflags;
        engine.fault(13, 0x38, CODE);
        turn();
        inHandler();
        assertEquals(STACK - 16, cpu.gpr[CpuState.ESP]);
        assertEquals(0x38, word(STACK - 16));
        assertEquals(CODE, word(STACK - 12));
        assertEquals(0x61, word(STACK - 8));
        assertEquals(flags, word(STACK - 4));
        assertEquals(0x202 | CF | CpuState.AC, cpu.eflags, "TF, NT, RF and VM are cleared, the rest stays");
        assertEquals(0, field(0), "an interrupt gate disables interrupts");
    }

    @Test
    void faultOfAProgramSwitchesToTheKernelsStack() {
        gate(14, 0xF, 0);
        TestGuests.ring(guest, 3);
        cpu.gpr[CpuState.ESP] = 0xBFFFF000;
        cpu.eflags = 0x246;
        engine.then(c -> {
            c.eip = 0x08048000;
            c.trap(14, 6);
            c.faultAddress = 0x0804A123;
        });
        turn();
        inHandler();
        assertEquals(STACK1 - 24, cpu.gpr[CpuState.ESP]);
        int[] frame = {6, 0x08048000, 0x73, 0x246, 0xBFFFF000, 0x7B};
        for (int i = 0; i < frame.length; i++) assertEquals(frame[i], word(STACK1 - 24 + 4 * i), "word " + i);
        assertEquals(0x0804A123, field(Generation.Layout.CR2));
        assertEquals(0x200, field(0), "a trap gate leaves the guest's flag alone");
    }

    @Test
    void frameShowsTheGuestsOwnInterruptFlag() {
        gate(0, 0xF, 0);
        field(0, 0x46); // not zero, but bit 9 is clear: disabled
        engine.fault(0, 0, CODE);
        turn();
        assertEquals(2, word(STACK - 4));
        assertEquals(0x46, field(0));
        assertEquals(STACK - 12, cpu.gpr[CpuState.ESP], "no error code");
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 10, 11, 12, 13, 14, 17})
    void someTrapsHaveAnErrorCode(int vector) {
        if (vector == 8) return; // a gate that no guest can have
        gate(vector, 0xE, 0);
        engine.fault(vector, 0x1234, CODE);
        turn();
        assertEquals(STACK - 16, cpu.gpr[CpuState.ESP]);
        assertEquals(0x1234, word(STACK - 16));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 6, 7, 9, 16, 18, 19})
    void otherTrapsHaveNone(int vector) {
        gate(vector, 0xE, 0);
        engine.fault(vector, 0, CODE);
        turn();
        inHandler();
        assertEquals(STACK - 12, cpu.gpr[CpuState.ESP]);
        assertEquals(CODE, word(STACK - 12));
    }

    @Test
    void frameMayStraddlePagesThatAreApart() {
        var tables = new PageTables(guest.memory(), false, new PageTables.Pool(0x100000));
        tables.map(0xC0008000, 0x40000, 3).map(0xC0009000, 0x7000, 3);
        mmu.newPageTable(guest, tables.root());
        cpu.gpr[CpuState.ESP] = 0xC0009006;
        gate(13, 0xE, 0);
        engine.fault(13, 0x11223344, 0xC0000000);
        turn();
        inHandler();
        assertEquals(0x11223344, word(0x40FF6));
        assertEquals(0xC0000000, word(0x40FFA));
        assertEquals(0x61, word(0x40FFE) & 0xFFFF, "low half of CS ends the lower page");
        assertEquals(0, guest.memory().load16(0x7000));
        assertEquals(0x202, word(0x7002));
    }

    @Test
    void stackWithoutMemoryKills() {
        cpu.gpr[CpuState.ESP] = 0x40000000;
        gate(13, 0xE, 0);
        engine.fault(13, 8, CODE);
        turn();
        killed("Bad address 0x3ffffff0");
    }

    @Test
    void trapWithoutHandlerKills() {
        engine.fault(13, 0x28, 0xC0100000);
        turn();
        killed("unhandled trap 13 at 0xc0100000 (0x28)");
        use(Generation.LINUX_3_1);
        engine.then(c -> {
            c.eip = 0xC0100000;
            c.trap(14, 2);
            c.faultAddress = 0xDEAD0000;
        });
        turn();
        killed("unhandled trap 14 at 0xc0100000 (0xdead0000)");
        use(null);
        engine.fault(6, 0, 0x1000);
        turn();
        killed("unhandled trap 6 at 0x1000 (0)");
    }

    @Test
    void segmentsThatCannotBeLoadedKill() {
        gate(0, 0xE, 0);
        guest.descriptors().set(12, 0, 0);
        engine.fault(0, 0, CODE);
        turn();
        killed("unhandled trap 256 at 0x20000 (0)");
        for (int bad : new int[] {0, 0x61, 0x7B, 0x6D, 0x8069}) {
            use(Generation.LINUX_3_1);
            gate(0, 0xE, 0);
            TestGuests.ring(guest, 3);
            cpu.ss1 = bad;
            engine.fault(0, 0, CODE);
            turn();
            killed("unhandled trap 256 at 0x20000 (0)");
        }
    }

    @Test
    void reflectAnswersWhetherThereWasAHandler() {
        assertFalse(switcher.reflect(guest, parts, 13, 0));
        alive();
        gate(13, 0xE, 0);
        assertTrue(switcher.reflect(guest, parts, 13, 7));
        assertEquals(7, word(STACK - 16));
    }

    // Software interrupts and hypercalls

    @Test
    void systemCallOfAProgramIsReflected() {
        gate(0x80, 0xF, 3);
        TestGuests.ring(guest, 3);
        engine.interrupt(0x80, 0x08048000, 2);
        turn();
        inHandler();
        assertEquals(STACK1 - 20, cpu.gpr[CpuState.ESP]);
        assertEquals(0x08048002, word(STACK1 - 20));
        assertEquals(1, guest.counters().traps[0x80]);
    }

    @ParameterizedTest(name = "type {0}, DPL {1}, watched: {2}")
    @CsvSource({"0xE,3,false", "0xF,1,false", "0xF,3,true", "0xE,0,true"})
    void systemCallsThatWeHaveAPartInAreNotLeftToTheProcessor(String type, int dpl, boolean watched) {
        gate(0x80, Integer.decode(type), dpl);
        if (watched) guest.trace(null, new Watcher(EnumSet.of(Trace.Category.TRAPS), new ArrayList<>()));
        engine.then(c -> assertEquals(CpuState.NO_GATE, c.directGate));
        turn();
        assertEquals(1, engine.runs());
    }

    /** Whether the switcher leaves the gate of system calls to the processor where it may: none has to. */
    protected boolean leavesGates() { return false; }

    @Test
    void systemCallsThatOnlyConcernTheGuestMayBeLeftToTheProcessor() {
        gate(0x80, 0xF, 3);
        engine.then(c -> assertEquals(leavesGates() ? 0x80 : CpuState.NO_GATE, c.directGate));
        turn();
        assertEquals(1, engine.runs());
    }

    @Test
    void gateThatIsNotThereIsNotLeftToTheProcessor() {
        engine.then(c -> assertEquals(CpuState.NO_GATE, c.directGate));
        turn();
        assertEquals(1, engine.runs());
    }

    @ParameterizedTest(name = "INT {0} from ring {1} through a gate of DPL {2}: error {3}")
    @CsvSource({"3,3,3,-1", "3,3,0,26", "3,1,0,26", "4,3,3,-1", "5,3,3,-1", "14,3,3,114", "13,3,3,106", "7,3,3,58", "0x30,3,3,386", "0x20,1,0,258",
        "0x80,3,0,1026", "0x80,1,3,-1"})
    void privilegeOfTheGateCounts(String number, int ring, int dpl, int error) {
        int vector = Integer.decode(number);
        gate(vector, 0xE, dpl);
        TestGuests.gate(guest, 13, 0xC0500000, 0xE, 0);
        TestGuests.ring(guest, ring);
        cpu.gpr[CpuState.ESP] = STACK;
        engine.interrupt(vector, CODE, 2);
        turn();
        alive();
        int top = ring == 3 ? STACK1 - 20 : STACK - 12;
        if (error < 0) {
            assertEquals(HANDLER, cpu.eip);
            assertEquals(CODE + 2, word(top));
        } else {
            assertEquals(0xC0500000, cpu.eip);
            assertEquals(error, word(top - 4));
            assertEquals(CODE, word(top), "a fault: the instruction itself");
        }
    }

    @Test
    void softwareInterruptWithoutGateIsAGeneralProtectionFault() {
        gate(13, 0xE, 0);
        TestGuests.ring(guest, 3);
        engine.interrupt(0x80, CODE, 2);
        turn();
        inHandler();
        assertEquals(0x80 * 8 + 2, word(STACK1 - 24));
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void hypercallArgumentsComeFromTheGenerationsRegisters(Generation g) {
        use(g);
        for (int i = 0; i < 8; i++) cpu.gpr[i] = 0x100 + i;
        cpu.gpr[CpuState.EAX] = Hypercall.SET_PTE.number();
        engine.interrupt(0x1F, CODE, 2);
        turn();
        assertTrue(calls.isEmpty(), "performed in the next turn, before anything else");
        turn();
        String arguments = switch (g) {
            case LINUX_2_6_23_RC1, LINUX_2_6_23, LINUX_2_6_24, LINUX_2_6_25, LINUX_2_6_26, LINUX_2_6_27 -> "102 103 101 0";
            case LINUX_2_6_30 -> "103 101 102 0";
            case LINUX_2_6_31, LINUX_3_1 -> "103 101 102 106";
        };
        assertEquals(List.of("SET_PTE " + arguments), calls);
        assertEquals(14, cpu.gpr[CpuState.EAX], "registers stay");
        assertEquals(CODE + 2, cpu.eip);
        assertEquals(1, guest.counters().hypercalls[14]);
        turn();
        assertEquals(1, calls.size(), "once");
    }

    /** Writes down what it is told. */
    private record Watcher(Set<Trace.Category> wanted, List<String> steps) implements Trace {
        @Override public boolean wants(Category c) { return wanted.contains(c); }

        @Override public void step(Guest g, Category c, String what) { steps.add(c + " " + what); }
    }

    @Test
    void whoWatchesIsToldOfTrapsCallsAndInterrupts() {
        Watcher w = new Watcher(EnumSet.of(Trace.Category.HYPERCALLS, Trace.Category.TRAPS, Trace.Category.INTERRUPTS), new ArrayList<>());
        guest.trace(null, w);
        gate(14, 0xE, 0);
        gate(0x20, 0xE, 0);
        cpu.gpr[CpuState.EAX] = Hypercall.SET_PTE.number();
        cpu.gpr[CpuState.EBX] = 0xABC;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        guest.cpu().faultAddress = 0x123;
        engine.fault(14, 4, CODE + 7);
        turn();
        field(0, CpuState.IF);
        guest.lines().raise(0);
        turn();
        assertEquals(List.of("HYPERCALLS SET_PTE(abc, 0, 0, 0)", "TRAPS trap 14, error 4, address 123 at 20007, ring 1",
            "INTERRUPTS irq 0 before c0123456, ring 1"), w.steps());
        assertTrue(guest.trace(w, null));
        engine.fault(14, 4, CODE);
        turn();
        assertEquals(3, w.steps().size());
    }

    @Test
    void whoWatchesInstructionsSeesEachBeforeItRuns() {
        Watcher w = new Watcher(EnumSet.of(Trace.Category.INSTRUCTIONS), new ArrayList<>());
        guest.trace(null, w);
        code(CODE, 0x90, 0xF4);
        engine.then(c -> c.eip++);
        turn();
        turn();
        assertEquals(List.of(1, 1), engine.budgets);
        assertTrue(w.steps().get(0).startsWith("INSTRUCTIONS 00020000  90 f4 "), w.steps().get(0));
        assertTrue(w.steps().get(1).startsWith("INSTRUCTIONS 00020001  f4 "), w.steps().get(1));
        cpu.eip = 0x7FFF_FFF0;
        turn();
        assertEquals("INSTRUCTIONS 7ffffff0  (no page)", w.steps().get(2));
        guest.trace(w, null);
        turn();
        assertTrue(engine.budgets.getLast() > 1);
    }

    @Test
    void programMakesNoHypercalls() {
        gate(13, 0xE, 0);
        TestGuests.ring(guest, 3);
        engine.interrupt(0x1F, CODE, 2);
        turn();
        inHandler();
        assertEquals(0xFA, word(STACK1 - 24));
        assertEquals(CODE, word(STACK1 - 20));
        turn();
        assertTrue(calls.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 13})
    void vmcallOfTheKernelIsAHypercallOfThreeBytes(int trap) {
        code(CODE, 0x0F, 0x01, 0xC1);
        engine.fault(trap, 0, CODE);
        turn();
        assertTrue(guest.ring().pending);
        assertTrue(guest.ring().byVmcall);
        assertEquals(CODE + 3, cpu.eip);
        engine.interrupt(0x1F, CODE + 3, 2);
        turn();
        assertFalse(guest.ring().byVmcall);
        assertEquals(1, calls.size());
    }

    @Test
    void vmcallOfAProgramIsAnInvalidOpcode() {
        gate(6, 0xE, 0);
        code(CODE, 0x0F, 0x01, 0xC1);
        TestGuests.ring(guest, 3);
        engine.fault(6, 0, CODE);
        turn();
        inHandler();
    }

    @Test
    void firstHypercallMustBeInit() {
        use(null);
        cpu.gpr[CpuState.EAX] = 5;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
        killed("hypercall 5 before INIT");
        use(null);
        cpu.gpr[CpuState.EAX] = 1;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
        assertEquals(List.of("LGUEST_INIT 0 0 0 0"), calls);
    }

    @ParameterizedTest
    @CsvSource({"LINUX_3_1,20", "LINUX_3_1,3", "LINUX_3_1,-1", "LINUX_3_1,11", "LINUX_2_6_24,18", "LINUX_2_6_30,19", "LINUX_2_6_30,13"})
    void callsThatAGenerationLacksKill(Generation g, int number) {
        use(g);
        cpu.gpr[CpuState.EAX] = number;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
        killed("Bad hypercall " + Integer.toUnsignedString(number));
        assertTrue(calls.isEmpty());
    }

    private static Generation any(Random random) { return Generation.values()[random.nextInt(Generation.values().length)]; }

    // The ring

    private void enqueue(Generation g, int n, int... words) {
        Generation.Layout l = g.layout();
        for (int i = 0; i < words.length; i++) field(l.hcalls() + n * g.ringEntryBytes() + 4 * i, words[i]);
        guest.memory().store8(DATA + l.hcallStatus() + n, 0);
    }

    private void flush() {
        cpu.gpr[CpuState.EAX] = 0;
        for (int i = 1; i < 8; i++) if (i != CpuState.ESP) cpu.gpr[i] = 0;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void ringIsDrainedBeforeTheCall(Generation g) {
        use(g);
        boolean old = g.compareTo(Generation.LINUX_2_6_30) < 0 && !g.bus().classic(); // word order: number, a2, a3, a1
        enqueue(g, 0, old ? new int[] {14, 2, 3, 1} : new int[] {14, 1, 2, 3, 4});
        enqueue(g, 1, old ? new int[] {5, 0, 0, 1} : new int[] {5, 1, 0, 0, 0});
        flush();
        String fourth = g.ringEntryBytes() == 20 ? "4" : "0";
        assertEquals(List.of("SET_PTE 1 2 3 " + fourth, "FLUSH_TLB 1 0 0 0", "FLUSH_ASYNC 0 0 0 0"), calls);
        assertEquals(2, guest.ring().cursor);
        for (int i = 0; i < 64; i++) assertEquals(0xFF, guest.memory().load8(DATA + g.layout().hcallStatus() + i));
    }

    @Test
    void theFirstLguestFindsItsRingDrainedInEveryTurn() {
        use(Generation.LINUX_2_6_23);
        enqueue(Generation.LINUX_2_6_23, 0, 5, 1, 0, 0);
        turn();
        assertEquals(List.of("FLUSH_TLB 1 0 0 0"), calls, "without any hypercall");
        calls.clear();
        use(Generation.LINUX_2_6_24);
        enqueue(Generation.LINUX_2_6_24, 0, 5, 0, 0, 1);
        turn();
        assertEquals(List.of(), calls);
    }

    @Test
    void aMessageInTheRingHoldsTheRestUpUntilItIsTaken() {
        use(Generation.LINUX_2_6_23);
        enqueue(Generation.LINUX_2_6_23, 0, 5, 1, 0, 0);
        enqueue(Generation.LINUX_2_6_23, 1, 13, 0x40, 0x5000, 0);
        enqueue(Generation.LINUX_2_6_23, 2, 5, 2, 0, 0);
        effect = (g, c, a) -> {
            if (c == Hypercall.SEND_DMA) g.dma().post(0x5000, a);
        };
        cpu.gpr[CpuState.EAX] = 0;
        engine.interrupt(0x1F, CODE, 2);
        turn(); // drains at its beginning, and stops at the message
        assertEquals(List.of("FLUSH_TLB 1 0 0 0", "SEND_DMA 40 5000 0 0"), calls);
        int eip = cpu.eip;
        turn();
        assertEquals(2, calls.size(), "it still waits");
        assertEquals(eip, cpu.eip, "and so does the guest");
        guest.dma().taken();
        turn();
        assertEquals("FLUSH_TLB 2 0 0 0", calls.get(2));
        turn();
        assertEquals("FLUSH_ASYNC 0 0 0 0", calls.getLast(), "the call that trapped is the last");
    }

    @Test
    void callsThatAnswerDoSoInEax() {
        use(Generation.LINUX_2_6_23);
        effect = (g, c, a) -> g.ring().answer = 1;
        cpu.gpr[CpuState.EAX] = Hypercall.BIND_DMA.number();
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
        assertEquals(1, cpu.gpr[CpuState.EAX]);
        cpu.gpr[CpuState.EAX] = Hypercall.SEND_DMA.number();
        engine.interrupt(0x1F, CODE, 2);
        turn();
        turn();
        assertEquals(Hypercall.SEND_DMA.number(), cpu.gpr[CpuState.EAX], "others keep their hands off");
    }

    @Test
    void ringGoesRoundAndStopsAtTheFirstFreeEntry() {
        guest.ring().cursor = 62;
        for (int n : new int[] {62, 63, 0, 1, 3}) enqueue(Generation.LINUX_3_1, n, 5, n, 0, 0, 0);
        flush();
        assertEquals(List.of("FLUSH_TLB 3e 0 0 0", "FLUSH_TLB 3f 0 0 0", "FLUSH_TLB 0 0 0 0", "FLUSH_TLB 1 0 0 0", "FLUSH_ASYNC 0 0 0 0"), calls);
        assertEquals(2, guest.ring().cursor);
        assertEquals(0, guest.memory().load8(DATA + Generation.LINUX_3_1.layout().hcallStatus() + 3), "beyond the gap: still waiting");
    }

    @Test
    void fullRingIsDrainedOnceAndFillingItMeanwhileChangesNothing() {
        for (int n = 0; n < 64; n++) enqueue(Generation.LINUX_3_1, n, 5, n, 0, 0, 0);
        effect = (g, c, a) -> {
            for (int n = 0; n < 64; n++) g.memory().store8(DATA + Generation.LINUX_3_1.layout().hcallStatus() + n, 0);
        };
        flush();
        assertEquals(65, calls.size());
        assertEquals(0, guest.ring().cursor);
    }

    @Test
    void entriesQueuedDuringTheDrainWaitForTheNextCall() {
        enqueue(Generation.LINUX_3_1, 0, 5, 0, 0, 0, 0);
        effect = (g, c, a) -> {
            if (calls.size() == 1) enqueue(Generation.LINUX_3_1, 1, 5, 1, 0, 0, 0);
        };
        flush();
        assertEquals(List.of("FLUSH_TLB 0 0 0 0", "FLUSH_ASYNC 0 0 0 0"), calls);
        flush();
        assertEquals("FLUSH_TLB 1 0 0 0", calls.get(2));
    }

    @Test
    void deathInTheRingEndsTheDrain() {
        for (int n = 0; n < 3; n++) enqueue(Generation.LINUX_3_1, n, 5, n, 0, 0, 0);
        effect = (g, c, a) -> {
            if (a == 1) g.kill("enough");
        };
        flush();
        assertEquals(2, calls.size());
    }

    // Instructions that the host does

    @ParameterizedTest(name = "{0}: length {1}, eax {2}")
    @CsvSource({"E460,2,0x120000FF", "E560,2,0xFFFFFFFF", "EC,1,0x120000FF", "ED,1,0xFFFFFFFF", "66E560,3,0x1200FFFF", "66ED,2,0x1200FFFF",
        "E680,2,0x12000000", "E780,2,0x12000000", "EE,1,0x12000000", "EF,1,0x12000000", "66EF,2,0x12000000", "66E780,3,0x12000000", "FA,1,0x12000000"})
    void portsHaveNothingBehindThemAndCliIsSkipped(String bytes, int length, String eax) {
        code(CODE, java.util.HexFormat.of().parseHex(bytes));
        cpu.gpr[CpuState.EAX] = 0x12000000;
        engine.fault(13, 0, CODE);
        turn();
        alive();
        assertEquals(CODE + length, cpu.eip);
        assertEquals((int) Long.decode(eax).longValue(), cpu.gpr[CpuState.EAX]);
        assertEquals(STACK, cpu.gpr[CpuState.ESP]);
        assertEquals(0x200, field(0), "the guest's interrupt flag is its own affair");
    }

    private void code(int at, byte[] bytes) { guest.memory().write(at, bytes, 0, bytes.length); }

    @ParameterizedTest
    @ValueSource(strings = {"FB", "F4", "6C", "6D", "6E", "F36D", "0F22D8", "0F32", "0F30", "0F0110", "66FA", "6666ED", "F3ED", "0F09", "CF"})
    void otherInstructionsAreReflected(String bytes) {
        gate(13, 0xE, 0);
        code(CODE, java.util.HexFormat.of().parseHex(bytes));
        engine.fault(13, 0, CODE);
        turn();
        inHandler();
        assertEquals(CODE, word(STACK - 12));
        assertEquals(0, word(STACK - 16));
    }

    @Test
    void nothingIsDoneForProgramsNorWithAnErrorCode() {
        gate(13, 0xE, 0);
        code(CODE, 0xEE);
        engine.fault(13, 0x10, CODE);
        turn();
        inHandler();
        TestGuests.ring(guest, 3);
        engine.fault(13, 0, CODE);
        turn();
        inHandler();
        assertEquals(CODE, word(STACK1 - 20));
    }

    @Test
    void instructionMayStraddlePages() {
        var tables = new PageTables(guest.memory(), false, new PageTables.Pool(0x100000));
        tables.map(0xC0008000, 0x40000, 1).map(0xC0009000, 0x7000, 1);
        mmu.newPageTable(guest, tables.root());
        code(0x40FFF, 0x66);
        code(0x7000, 0xE5, 0x60);
        engine.fault(13, 0, 0xC0008FFF);
        turn();
        alive();
        assertEquals(0xC0009002, cpu.eip);
    }

    // Interrupts

    private void line(int irq) {
        gate(0x20 + irq, 0xE, 0);
        guest.lines().raise(irq);
    }

    @Test
    void interruptIsDeliveredBeforeTheGuestRuns() {
        line(3);
        engine.then(c -> assertEquals(HANDLER, c.eip));
        turn();
        inHandler();
        assertEquals(1, engine.runs());
        assertEquals(STACK - 12, cpu.gpr[CpuState.ESP]);
        assertEquals(CODE, word(STACK - 12));
        assertEquals(0x202, word(STACK - 4));
        assertEquals(0, field(0), "disabled by the gate");
        assertEquals(0, guest.lines().pending());
        assertEquals(0, cpu.attention & CpuState.INTERRUPT);
        assertEquals(5, field(Generation.Layout.TIME_SEC));
        assertEquals(7, field(Generation.Layout.TIME_NSEC));
        assertEquals(1, guest.counters().interrupts[3]);
    }

    /** One that is raised while the guest runs comes before the instruction that trapped; that one is repeated, and not put off again. */
    @Test
    void interruptPrecedesTheInstructionThatTrappedOnce() {
        gate(0x80, 0xF, 3);
        gate(0x23, 0xE, 0);
        engine.then(c -> {
            guest.lines().raise(3);
            c.trapnum = 0x80;
            c.software = true;
            c.softwareEip = CODE + 8;
            c.eip = CODE + 10;
        });
        turn();
        assertEquals(CODE + 8, cpu.eip, "as if the instruction had not been");
        assertEquals(STACK, cpu.gpr[CpuState.ESP]);
        engine.then(c -> { });
        turn();
        assertEquals(CODE + 8, word(STACK - 12), "the interrupt's frame returns to it");
        assertEquals(1, guest.counters().interrupts[3]);
        guest.data().enableInterrupts(true);
        engine.then(c -> {
            guest.lines().raise(3);
            c.trapnum = 0x80;
            c.software = true;
            c.softwareEip = CODE + 8;
            c.eip = CODE + 10;
        });
        turn();
        assertEquals(CODE + 10, word(cpu.gpr[CpuState.ESP]), "this time the system call is made");
    }

    @Test
    void interruptOfAProgramSwitchesStacks() {
        line(0);
        TestGuests.ring(guest, 3);
        turn();
        inHandler();
        assertEquals(STACK1 - 20, cpu.gpr[CpuState.ESP]);
    }

    @Test
    void lowestLineThatIsNotBlockedGoesFirst() {
        field(Generation.Layout.BLOCKED_INTERRUPTS, 1 << 2);
        line(2);
        TestGuests.gate(guest, 0x25, 0x1000, 0xF, 0);
        guest.lines().raise(5);
        TestGuests.gate(guest, 0x27, 0x2000, 0xF, 0);
        guest.lines().raise(7);
        turn();
        assertEquals(0x1000, cpu.eip);
        assertEquals(0x200, field(20), "irq_pending: line 7 waits");
        turn();
        assertEquals(0x2000, cpu.eip);
        assertEquals(0, field(20));
        assertEquals(1 << 2, guest.lines().pending());
        turn();
        assertEquals(0x2000, cpu.eip);
        field(Generation.Layout.BLOCKED_INTERRUPTS, 0);
        turn();
        assertEquals(HANDLER, cpu.eip);
    }

    @Test
    void disabledInterruptsWaitInShortStretches() {
        field(0, 0x46); // bit 9 decides, not "non-zero"
        turn();
        line(3);
        turn();
        assertEquals(CODE, cpu.eip);
        assertEquals(0x200, field(20), "irq_pending");
        assertTrue(engine.budgets.get(1) < engine.budgets.get(0) / 50, "budgets: " + engine.budgets);
        field(0, 0x200);
        turn();
        inHandler();
        assertEquals(0, field(20));
        turn();
        assertEquals(engine.budgets.get(0), engine.budgets.get(3), "long stretches again");
    }

    /** Two kernel threads that yield to each other: interrupts are enabled in between, but each hypercall is made with interrupts off. */
    @Test
    void aCircleWhoseHypercallsAreAllMadeWithInterruptsOffIsInterrupted() {
        int circle = 1300;
        int[] at = {0};
        CpuEngine yielding = (g, p, budget) -> {
            int end = Math.min(circle, at[0] + budget);
            field(0, end > 900 && end < 1200 ? 0x200 : 0);
            at[0] = end % circle;
            if (end < circle) return;
            cpu.gpr[CpuState.EAX] = 0;
            cpu.eip = CODE + 2;
            cpu.trap(0x1F, 0);
            cpu.software = true;
            cpu.softwareEip = CODE;
        };
        Parts circling = TestGuests.parts(yielding, mmu, switcher, clock, RecordingFamily.all(calls, (g, c, a) -> { }), new RecordingHost());
        for (int i = 0; i < 10; i++) switcher.turn(guest, circling);
        line(3);
        for (int i = 0; i < 500 && guest.counters().interrupts[3] == 0; i++) switcher.turn(guest, circling);
        alive();
        assertEquals(1, guest.counters().interrupts[3], "after " + guest.counters().turns + " turns");
    }

    @Test
    void oldKernelsHaveNoPendingField() {
        use(Generation.LINUX_2_6_24);
        int status = field(20);
        field(0, 0);
        line(3);
        turn();
        assertEquals(status, field(20), "it is the ring's first status word there");
        field(0, 0x200);
        turn();
        inHandler();
        assertEquals(status, field(20));
    }

    @Test
    void nothingIsDeliveredInTheWindowBeforeIret() {
        line(3);
        for (int eip : new int[] {0xC0001000, 0xC000100F}) {
            cpu.eip = eip;
            turn();
            assertEquals(eip, cpu.eip);
            assertTrue(engine.budgets.getLast() < 100, "and we look again soon");
        }
        cpu.eip = 0xC0001010;
        turn();
        inHandler();
    }

    @Test
    void lineWithoutHandlerStaysPending() {
        guest.lines().raise(4);
        turn();
        alive();
        assertEquals(CODE, cpu.eip);
        assertEquals(1 << 4, guest.lines().pending());
        gate(0x24, 0xE, 0);
        turn();
        inHandler();
    }

    @Test
    void nothingIsDeliveredBeforeInit() {
        use(null);
        line(0);
        turn();
        assertEquals(CODE, cpu.eip);
        assertEquals(1, guest.lines().pending());
        assertEquals(0, cpu.attention, "the engine is not stopped by it again and again");
    }

    @Test
    void haltSleepsUntilALineMayInterrupt() {
        guest.halted = true;
        field(0, 0);
        field(Generation.Layout.BLOCKED_INTERRUPTS, 1 << 2);
        assertEquals(Switcher.Next.SLEEP, turn());
        line(2);
        assertEquals(Switcher.Next.SLEEP, turn(), "a blocked line does not wake");
        assertEquals(0, cpu.attention & CpuState.INTERRUPT, "sleeping, not spinning");
        assertEquals(0, engine.runs());
        line(6);
        assertEquals(Switcher.Next.RUN, turn());
        inHandler();
        assertFalse(guest.halted);
        assertEquals(1, engine.runs());
        assertEquals(0x202, word(STACK - 4), "interrupts count as enabled on waking up");
    }

    @Test
    void lineWithoutHandlerWakes() {
        guest.halted = true;
        field(0, 0);
        guest.lines().raise(4);
        assertEquals(Switcher.Next.RUN, turn());
        assertFalse(guest.halted);
        assertEquals(0x200, field(0));
    }

    @Test
    void haltCallSleepsInTheSameTurnAndInterruptsComeBeforeIt() {
        effect = (g, c, a) -> {
            if (c == Hypercall.HALT) g.halted = true;
        };
        cpu.gpr[CpuState.EAX] = Hypercall.HALT.number();
        engine.interrupt(0x1F, CODE, 2);
        turn();
        assertEquals(Switcher.Next.SLEEP, turn());
        assertEquals(1, engine.runs());
        guest.halted = false;
        engine.interrupt(0x1F, CODE, 2);
        turn();
        line(0);
        assertEquals(Switcher.Next.RUN, turn(), "it was raised before the guest slept: it is not lost");
        inHandler();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 64, Integer.MAX_VALUE})
    void damagedCursorKillsTheGuestAndNothingElse(int cursor) {
        guest.ring().cursor = cursor;
        switcher.adopt(guest);
        killed("async ring cursor " + cursor);
    }

    @Test
    void deadGuestDoesNotRun() {
        guest.kill("over");
        turn();
        assertEquals(0, engine.runs());
    }

    /** Engines that report anything, in any state: nothing throws, the guest lives or has a reason. */
    @Test
    void hostileGuestNeverThrowsOutOfThePart() {
        var random = new Random(42);
        var died = new java.util.HashSet<String>();
        for (int round = 0; round < 1500; round++) {
            use(random.nextInt(10) == 0 ? null : any(random));
            for (int i = 0; i < 1400; i += 4) if (random.nextInt(3) == 0) field(i, word(random));
            for (int i = 0; i < 60; i++) TestGuests.gate(guest, random.nextInt(256), word(random), 0xE + random.nextInt(2), random.nextInt(4));
            if (random.nextInt(4) == 0) guest.descriptors().set(random.nextInt(32), random.nextInt(), random.nextInt());
            if (random.nextInt(3) == 0) mmu.newPageTable(guest, random.nextInt(16) << 12);
            for (int i = 0; i < 20 && !guest.dead(); i++) {
                engine.then(c -> wild(c, random));
                if (random.nextInt(3) == 0) guest.lines().raise(random.nextInt(32));
                turn();
            }
            calls.clear();
            if (guest.dead()) died.add(guest.endingNow().reason().replaceAll("(0x)?[0-9a-f]{2,}|\\d", "#"));
        }
        assertTrue(died.size() >= 4, "deaths: " + died);
    }

    private static int word(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(32);
            case 2 -> random.nextInt(0x400000);
            default -> random.nextInt(0x10000);
        };
    }

    private static void wild(CpuState c, Random random) {
        for (int i = 0; i < 8; i++) c.gpr[i] = word(random);
        c.eip = word(random);
        c.eflags = random.nextInt() & ~(CpuState.VM | CpuState.IOPL) | 2;
        c.ss1 = random.nextInt(0x10000);
        c.seg[SegmentState.SS].selector = random.nextInt(0x10000);
        c.cpl = 1 + random.nextInt(3);
        if (random.nextInt(4) == 0) return;
        c.trap(random.nextInt(3) == 0 ? 0x1F : random.nextInt(256), random.nextInt(4) == 0 ? random.nextInt() : 0);
        c.software = random.nextBoolean();
        c.faultAddress = random.nextInt();
    }
}
