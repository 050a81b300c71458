package org.lguest.cpu.tiered;

import java.util.ArrayDeque;
import java.util.Deque;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.CodePage;
import org.lguest.cpu.interpreter.Machine;

/**
 * Functions that are over after a few instructions, those that they call included. Kernels have many, and call them from everywhere: to change from one region to another
 * and back costs more than they do, so each caller has them in its own.
 *
 * <p>On the vCPU thread, as {@link Planner}.
 */
final class Slight {
    /** A branch that goes one way so often is expected to. */
    private static final double USUAL = 0.9;

    private final Machine machine;
    private final int base, most;

    /**
     * @param base EIP of what distances are from, the first byte of a page
     * @param most instructions that such a function has, its return included, on the way that is usually taken
     */
    Slight(Machine machine, int base, int most) {
        this.machine = machine;
        this.base = base;
        this.most = most;
    }

    /** Whether the function at so many bytes from the base is one. */
    boolean at(int function) {
        Deque<Integer> calls = new ArrayDeque<>();
        Insn i = new Insn();
        for (int n = 0, at = function; n < most; n++) {
            CodePage page = machine.mapped(base + (at & ~0xFFF));
            if (page == null || !machine.decode(page, at & 0xFFF, i)) return false;
            int after = at + i.length, target = after + i.imm;
            switch (Kind.of(i)) {
                case PLAIN -> at = after;
                case JUMP -> at = target;
                case BRANCH -> {
                    double taken = machine.operation(page, at & 0xFFF).chance();
                    if (Math.max(taken, 1 - taken) < USUAL) return false;
                    at = taken < USUAL ? after : target;
                }
                case CALL -> {
                    calls.push(after);
                    at = target;
                }
                case RETURN -> {
                    if (calls.isEmpty()) return true;
                    at = calls.pop();
                }
                case INDIRECT, STOP -> { return false; }
            }
        }
        return false;
    }
}
