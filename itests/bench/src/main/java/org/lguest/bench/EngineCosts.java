package org.lguest.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the engine pays for alone: nanoseconds an instruction, in loops that do one thing. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EngineCosts {
    private static final int INSTRUCTIONS = 10_000;
    private static final int ECX = 1, EDX = 2, ESI = 6;

    /** An engine with code on it. */
    @State(Scope.Thread)
    public abstract static class Loop {
        /** By name. */
        @Param({"interpreter", "tiered"}) public String engine;
        Machine machine;

        abstract void load(Machine m);

        /** Called by JMH. */
        @Setup(Level.Trial)
        public void begin() {
            machine = new Machine(engine);
            load(machine);
        }

        /** Called by JMH. */
        @TearDown(Level.Trial)
        public void end() { machine.close(); }

        int run() { return machine.instructions(INSTRUCTIONS); }
    }

    /** {@code inc ecx; and ecx, 3; call [table + 4 * ecx]; jmp}, to four functions {@code inc eax; ret} in other pages. */
    @State(Scope.Thread)
    public static class Calls extends Loop {
        @Override
        void load(Machine m) {
            m.code(Machine.CODE, "41 83E103 FF148D 00000500 EBF3");
            for (int i = 0; i < 4; i++) m.word(Machine.DATA + 4 * i, Machine.CODE + 0x1000 * (i + 1)).code(Machine.CODE + 0x1000 * (i + 1), "40 C3");
        }
    }

    /** Why: a kernel jumps through tables, and a program returns, every ten instructions; each such jump leaves what was compiled as one piece. */
    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int dispatch(Calls loop) { return loop.run(); }

    /** {@code mov eax, [esi + 4 * ecx]; inc ecx; and ecx, 3FF; jmp}. */
    @State(Scope.Thread)
    public static class Loads extends Loop {
        @Override
        void load(Machine m) { m.code(Machine.CODE, "8B048E 41 81E1FF030000 EBF4").register(ESI, Machine.DATA); }
    }

    /** Why: every third instruction reaches memory, and nearly all of them find their page in the SoftTlb. */
    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int tlbHit(Loads loop) { return loop.run(); }

    /** {@code mov eax, [esi]; xor esi, what the SoftTlb spans; jmp}: two pages that share an entry of it. */
    @State(Scope.Thread)
    public static class Collisions extends Loop {
        @Override
        void load(Machine m) {
            m.code(Machine.CODE, "8B06 81F6").word(Machine.CODE + 4, Machine.TLB_SPAN).code(Machine.CODE + 8, "EBF6").register(ESI, Machine.DATA);
        }

        @Override
        int run() {
            long before = machine.guest.tlb().fills;
            int eip = super.run();
            long misses = machine.guest.tlb().fills - before;
            if (misses < INSTRUCTIONS / 4) throw new IllegalStateException("these are no misses: " + misses + " fills in " + INSTRUCTIONS + " instructions");
            return eip;
        }
    }

    /**
     * Why: each switch of address spaces empties the SoftTlb, and what follows is misses that the MMU answers from its shadows. A third of
     * these instructions is one.
     */
    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int tlbMiss(Collisions loop) { return loop.run(); }

    /** {@code aaa; inc eax; jmp}: nobody generates code for decimal arithmetic of 1978. */
    @State(Scope.Thread)
    public static class Rarities extends Loop {
        @Override
        void load(Machine m) { m.code(Machine.CODE, "37 40 EBFC"); }
    }

    /**
     * Why: what an engine does not compile it leaves to its slow half, with all of its state put down and taken up again. A third of these
     * instructions is such a one.
     */
    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int sideExit(Rarities loop) { return loop.run(); }

    /** {@code add eax, ecx; adc edx, 0; cmp eax, edx; setb bl; dec ecx; jnz; jmp}: each needs the flags of the one before. */
    @State(Scope.Thread)
    public static class Chains extends Loop {
        @Override
        void load(Machine m) { m.code(Machine.CODE, "01C8 83D200 39D0 0F92C3 49 75F3 EBF1").register(ECX, 1000).register(EDX, 1); }
    }

    /** Why: most instructions of an i686 set six flags, and few look at one; an engine lives on not computing them, and this is the code that wants them all. */
    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int flags(Chains loop) { return loop.run(); }
}
