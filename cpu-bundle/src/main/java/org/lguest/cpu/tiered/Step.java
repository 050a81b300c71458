package org.lguest.cpu.tiered;

import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Op;

/**
 * One instruction of a plan.
 *
 * @param k        its ordinal in the plan
 * @param at       where it is: bytes from the beginning of the entry's page
 * @param sequence its ordinal in its block
 * @param insn     decoded
 * @param op       what the interpreter makes of it
 */
record Step(int k, int at, int sequence, Insn insn, Op op) {
    /** Where the next instruction is. */
    int after() { return at + insn.length; }

    /** Target of a direct jump. */
    int target() { return after() + insn.imm; }
}
