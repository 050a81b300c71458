package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.RecordingHost;
import org.lguest.testkit.TestGuests;

/** Which code is in which region. */
class RegionsTest {
    private static final int CALLER = 0x20000, FUNCTION = 0x20100, STACK = 0x8000, BUSY = 10, NONE_IS_SLIGHT = 0;

    private final Guest guest = TestGuests.of(4, false);
    private TieredEngine engine;
    private Parts parts;

    private void start(int threshold, int often, ExecutorService generator) { start(threshold, 150, often, generator); }

    private void start(int threshold, int most, int often, ExecutorService generator) { start(threshold, most, BUSY, often, generator); }

    private void start(int threshold, int most, int busy, int often, ExecutorService generator) { start(threshold, most, NONE_IS_SLIGHT, busy, often, generator); }

    private void start(int threshold, int most, int slight, int busy, int often, ExecutorService generator) {
        engine = new TieredEngine(new Tuning(threshold, threshold, most, 200, 300, slight, busy, often, 4000, 0, 0, Reach.DIRECT, false), generator);
        parts = TestGuests.parts(engine, new PlainMmu(), null, new ManualClock(0), List.of(), new RecordingHost());
        TestGuests.ring(guest, 1);
        engine.adopt(guest);
        code(FUNCTION, "40 40 40 C3"); // inc eax three times, ret
        code(CALLER, "43 E8 FA000000 43 CC"); // inc ebx, call FUNCTION, inc ebx, int3
    }

    @AfterEach
    void close() {
        engine.release(guest);
        guest.memory().close();
    }

    private void code(int at, String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        guest.memory().write(at, b, 0, b.length);
    }

    private void run(int eip) { run(eip, STACK); }

    private void run(int eip, int esp) {
        CpuState cpu = guest.cpu();
        cpu.gpr[CpuState.ESP] = esp;
        cpu.eip = eip;
        do engine.run(guest, parts, 1000);
        while (cpu.trapnum == CpuState.NO_TRAP);
        assertEquals(3, cpu.trapnum);
    }

    private void function() {
        guest.memory().store32(STACK, CALLER + 7); // returns to the int3
        run(FUNCTION);
    }

    private Map<Long, Integer> sizes() {
        return engine.generated(guest).stream().collect(Collectors.toMap(GeneratedCode::address, GeneratedCode::size));
    }

    @BeforeEach
    void start() { start(1, 0, Eager.executor()); }

    @Test
    void callsAreFollowedIntoFunctionsThatHaveNoRegion() {
        run(CALLER);
        assertEquals(Map.of((long) CALLER, 8), sizes()); // INT3 is among them: the interpreter executes it
    }

    @Test
    void regionEndsWhereAnotherBegins() {
        function();
        run(CALLER);
        assertEquals(4, sizes().get((long) FUNCTION));
        assertEquals(2, sizes().get((long) CALLER));
    }

    @Test
    void functionOfAFewInstructionsIsRepeatedWhereItIsCalled() {
        assertEquals(8, sizeOfCallerWhere("40 40 40 C3", 4));
        assertEquals(2, sizeOfCallerWhere("40 40 40 C3", 3));
    }

    @Test
    void whatItCallsCountsAsItsOwn() {
        code(FUNCTION + 0x20, "40 C3");
        assertEquals(8, sizeOfCallerWhere("E8 1B000000 C3", 4)); // call, which is inc eax, ret; ret
        assertEquals(2, sizeOfCallerWhere("E8 1B000000 C3", 3));
    }

    /** What follows a branch that is never taken is the function; half of the time one way, half the other is none that is over soon. */
    @Test
    void branchThatMayGoEitherWayMakesAFunctionLong() {
        String function = "85D2 75 02 40 C3 48 C3"; // test edx, edx, jnz on, inc eax, ret; on: dec eax, ret
        assertEquals(8, sizeOfCallerWhere(function, 8, 0, 0));
        assertEquals(2, sizeOfCallerWhere(function, 8, 0, 1));
    }

    private int sizeOfCallerWhere(String function, int slight, int... edx) {
        engine.release(guest);
        start(20, 150, slight, 1000, 0, Eager.executor());
        code(FUNCTION, function);
        for (int n = 0; n < 40; n++) {
            if (edx.length > 0) guest.cpu().gpr[CpuState.EDX] = edx[n % edx.length];
            function();
        }
        for (int n = 0; n < 30; n++) run(CALLER);
        return sizes().get((long) CALLER);
    }

    @Test
    void regionThatIsBusyRepeatsOthers() {
        function();
        for (int n = 0; n < BUSY; n++) run(CALLER);
        assertEquals(2, sizes().get((long) CALLER));
        run(CALLER);
        assertEquals(8, sizes().get((long) CALLER));
        run(CALLER);
        assertEquals(3 * (BUSY + 3), guest.cpu().gpr[CpuState.EAX]);
    }

    /** Each register is changed, then memory in many pages compared with EAX, once where it lies in two. */
    @Test
    void waysOutOfARegionThatWouldBeTooLargeSaveTogether() {
        engine.release(guest);
        start(20, 0, Eager.executor()); // until then it is seen that no branch is taken
        int at = 0x21000, comparisons = 70;
        StringBuilder code = new StringBuilder("40 41 42 43 45 46 47"); // inc eax, ecx, edx, ebx, ebp, esi, edi
        for (int i = 0; i < comparisons; i++) {
            int far = 0x1000 * i + (i == 50 ? 0xFFE : 0);
            code.append(String.format("3987%08X", Integer.reverseBytes(far))); // cmp [edi+far], eax
            code.append(String.format("0F85%08X", Integer.reverseBytes((comparisons - 1 - i) * 12))); // jne to the end
        }
        code(at, code + "CC");
        for (int n = 0; n < 30; n++) {
            int[] r = guest.cpu().gpr;
            for (int i = 0; i < 8; i++) r[i] = 100 + i;
            r[CpuState.EAX] = -1;
            r[CpuState.EDI] = 0x100000 - 1;
            run(at);
            for (int i = CpuState.ECX; i <= CpuState.ESI; i++) if (i != CpuState.ESP) assertEquals(101 + i, r[i]);
            assertEquals(0x100000, r[CpuState.EDI]);
            assertEquals(CpuState.ZF, guest.cpu().eflags & (CpuState.ZF | CpuState.CF | CpuState.SF));
        }
        GeneratedCode region = engine.generated(guest).stream().filter(g -> g.address() == at).findFirst().orElseThrow();
        assertEquals(7 + 2 * comparisons + 1, region.size());
        assertTrue(region.stops() > 0);
    }

    @Test
    void regionThatWorksWhereMemoryLiesUnluckilyIsReviewedLikeAnyOther() {
        engine.release(guest);
        start(1, 150, 1000, 0, Eager.executor());
        int at = 0x22000, refused = 100, twoPages = STACK + 4;
        code(at, "53 51 59 5B 85D2 75 04 48 75 F5 CC 42 CC"); // push ebx, push ecx, pop ecx, pop ebx, test edx, jne on, dec eax, jne at, int3; on: inc edx, int3
        run(at + 0xC);
        for (int n = 0; n < refused; n++) loop(at, twoPages, 1, 1);
        assertEquals(9, sizes().get((long) at));
        loop(at, twoPages, 0, 100_000);
        loop(at, twoPages, 0, 1);
        assertTrue(sizes().get((long) at) > 9, "what it was left for is in it now");
    }

    private void loop(int at, int esp, int edx, int times) {
        guest.cpu().gpr[CpuState.EDX] = edx;
        guest.cpu().gpr[CpuState.EAX] = times;
        run(at, esp);
    }

    @Test
    void regionThatIsCutShortAndSoonLeftBecomesWide() {
        engine.release(guest);
        start(1, 4, 1000, Eager.executor());
        run(CALLER);
        assertEquals(4, sizes().get((long) CALLER));
        for (int n = 0; n <= BUSY; n++) run(CALLER);
        assertEquals(8, sizes().get((long) CALLER));
        run(CALLER);
        assertEquals(3 * (BUSY + 3), guest.cpu().gpr[CpuState.EAX]);
    }

    @Test
    void wideRegionHasTheFunctionThatItBeginsInOnceWithReturnsToEachCall() {
        engine.release(guest);
        start(1, 4, 1000, Eager.executor());
        code(FUNCTION, "40 40 40 C3 43 E8 F6FFFFFF E8 F1FFFFFF CC"); // the function; behind it inc ebx, call FUNCTION twice, int3
        for (int n = 0; n <= 2 * BUSY; n++) {
            guest.memory().store32(STACK, FUNCTION + 4);
            run(FUNCTION);
        }
        assertEquals(8, sizes().get((long) FUNCTION));
        assertEquals(9 * (2 * BUSY + 1), guest.cpu().gpr[CpuState.EAX]);
    }

    @Test
    void whatIsRunOftenRepeatsOthersAtOnce() { assertEquals(8, sizeOfCaller(1000)); }

    @Test
    void whatIsRunSeldomDoesNot() { assertEquals(2, sizeOfCaller(4)); }

    private int sizeOfCaller(int often) {
        engine.release(guest);
        start(8, often, Eager.executor());
        for (int n = 0; n < 8; n++) function();
        for (int n = 0; n < 8; n++) run(CALLER);
        return sizes().get((long) CALLER);
    }

    @Test
    void codeThatChangedWhileItWasGeneratedIsGeneratedOnceMore() {
        engine.release(guest);
        Held generator = new Held();
        start(8, 1000, generator);
        code(CALLER, "43 E8 FA0F0000 43 CC"); // the function is in the next page
        code(CALLER + 0x1000, "40 C3");
        for (int n = 0; n < 8; n++) run(CALLER);
        code(CALLER + 0x1000, "48 C3");
        run(CALLER); // the change is seen
        for (int n = 0; n < 10; n++) {
            generator.go();
            run(CALLER);
        }
        generator.go();
        assertTrue(sizes().containsKey((long) CALLER));
        assertEquals(8 - 11, guest.cpu().gpr[CpuState.EAX]);
    }

    @Test
    void stackThatLiesInTwoPagesAfterLongLuckIsSoonNotLeftToTheInterpreter() {
        code(FUNCTION, "50 50 50 58 58 58 C3"); // push eax three times, pop eax three times, ret
        int inOnePage = STACK + 0x800, inTwo = STACK;
        guest.memory().store32(inOnePage, CALLER + 7);
        guest.memory().store32(inTwo, CALLER + 7);
        for (int n = 0; n < 2000; n++) run(FUNCTION, inOnePage);
        long before = instructions();
        for (int n = 0; n < 1000; n++) run(FUNCTION, inTwo);
        long generated = instructions() - before;
        assertTrue(generated > 7 * 900, generated + " of 7000 instructions");
    }

    private long instructions() { return engine.generated(guest).stream().mapToLong(GeneratedCode::instructions).sum(); }

    /** Generates when it is told to. */
    private static final class Held extends Eager {
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable r) { tasks.add(r); }

        void go() { for (Runnable r; (r = tasks.poll()) != null;) r.run(); }
    }
}
