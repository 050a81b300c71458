package org.lguest.cpu.tiered;

import java.util.List;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Op;
import org.lguest.cpu.interpreter.Target;

/**
 * One instruction of a plan.
 *
 * @param k        its ordinal in the plan
 * @param at       where it is: bytes from the beginning of the entry's page
 * @param sequence its ordinal in its block
 * @param insn     decoded
 * @param op       what the interpreter makes of it
 * @param targets  where it usually leads, if it is a jump that is not direct
 */
record Step(int k, int at, int sequence, Insn insn, Op op, List<Target> targets) {
    /** The same with another ordinal in its block. */
    Step in(int sequence) { return new Step(k, at, sequence, insn, op, targets); }

    Kind kind() { return Kind.of(insn); }

    /** A call, direct or not. */
    boolean calls() { return insn.row.family().equals("call"); }

    /** Bytes of arguments that a RET takes off the stack. */
    int releases() { return insn.dstKind == Insn.Kind.IMMEDIATE ? insn.imm & 0xFFFF : 0; }

    /** Whether its bytes are in two pages. */
    boolean straddles() { return (at & 0xFFF) + insn.length > 0x1000; }

    /** Where the next instruction is. */
    int after() { return at + insn.length; }

    /** Target of a direct jump. */
    int target() { return after() + insn.imm; }
}
