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

/** What it costs to leave the guest and to come back: nanoseconds a turn, with the few instructions that are in it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TurnCosts {
    private static final int HANDLER = Machine.CODE + 0x1000;
    private static final int BREAKPOINT = 3, SYSTEM_CALL = 0x80, LINE = 3, VECTOR = 0x20 + LINE;
    /** System calls in one go, and instructions of each: INT, PUSH, POP, IRET, JMP. */
    private static final int CALLS = 1000, OF_A_CALL = 5;
    private static final String IRET = "CF", PUSH_POP_IRET = "50 58 CF", CALL_FOR_NOTHING = "31C0 CD1F EBFA";

    /** An engine between two turns. */
    @State(Scope.Thread)
    public abstract static class Turns {
        /** By name. */
        @Param({"interpreter", "tiered"}) public String engine;
        Machine machine;

        abstract void load(Machine m);

        /** Called by JMH. */
        @Setup(Level.Trial)
        public void begin() {
            machine = new Machine(engine).code(HANDLER, IRET).handler(BREAKPOINT, HANDLER).handler(SYSTEM_CALL, HANDLER).handler(VECTOR, HANDLER);
            load(machine);
        }

        /** Called by JMH. */
        @TearDown(Level.Trial)
        public void end() { machine.close(); }
    }

    /** A program: {@code int3; jmp}. */
    @State(Scope.Thread)
    public static class Program extends Turns {
        @Override
        void load(Machine m) { m.code(Machine.CODE, "CC EBFD").program(); }
    }

    /** A program: {@code int 80; jmp}; and a kernel that has used its stack, so that the second turn is not ended by it. */
    @State(Scope.Thread)
    public static class Caller extends Turns {
        @Override
        void load(Machine m) {
            m.code(Machine.CODE, "CD80 EBFC").code(HANDLER, PUSH_POP_IRET).program();
            m.turn();
            m.turn();
        }
    }

    /** A kernel: {@code xor eax, eax; int 1F; jmp}. */
    @State(Scope.Thread)
    public static class Kernel extends Turns {
        @Override
        void load(Machine m) { m.code(Machine.CODE, CALL_FOR_NOTHING); }
    }

    /** Why: a page fault is a trap, its frame on the kernel's stack, and an iret; programs make a hundred thousand a second. */
    @Benchmark
    public int trap(Program p) { return p.machine.turn(); }

    /** Why: a system call is the same, but for the turn; programs make a million a second. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int systemCall(Caller c) { return c.machine.instructions(OF_A_CALL * CALLS); }

    /** Why: the kernel asks the host for everything that it may not do itself, a thousand times for a fork. */
    @Benchmark
    public int hypercall(Kernel k) { return k.machine.turn(); }

    /** Why: each tick and each packet is one; less {@link #hypercall}, which ends its turns, it is the price of delivery and iret. */
    @Benchmark
    public int interrupt(Kernel k) {
        k.machine.guest.lines().raise(LINE);
        return k.machine.turn();
    }
}
