package org.lguest.cpu.interpreter;

import java.util.List;
import org.lguest.cpu.decode.Insn;

/**
 * M:110 A decoded instruction, ready to run: an object that knows its operands and what comes next.
 *
 * <p>{@link #exec} does the work and answers with the operation to run then: nearly always {@link #next}, the target for a
 * jump inside the page, or null to return to the loop in {@link Machine}, which looks at {@code eip} and the trap.
 * Operations are independent of where the code is mapped: they know their offset in the page, and {@link Machine#codeBase}
 * says where the page is. They hold no guest state, so they can be thrown away at any time.
 */
public abstract class Op {
    /** The operation behind this one in memory. */
    Op next;
    /** Offset of the instruction in its page, and its bytes. */
    public int offset, length;
    /** Ordinal in its run, for counting instructions: retired = {@link Machine#count} + sequence. */
    int sequence;
    /** What runs when a jump leads here; null for the operation itself. The vCPU thread's, as everything here. */
    Entry entry;
    /** Jumps that have led here, if somebody wants to know. */
    int heat;
    /** Low bits of the instructions retired when {@link #heat} was half of what is hot, or 0. */
    int since;
    /** Register numbers and the immediate, as in {@link Insn}. */
    final int dst, src, imm;

    Op(Insn i) {
        dst = i.dst;
        src = i.src;
        imm = i.imm;
    }

    Op() { dst = src = imm = 0; }

    /** Runs it. */
    abstract Op exec(Machine m);

    /** It loads SS: no single-step trap comes between it and the instruction behind it, which loads ESP. */
    boolean shadow() { return false; }

    /** Whether generated code begins here, or will soon. */
    public final boolean begins() { return entry != null && entry.begun(); }

    /** The operation itself, where a jump finds something else in front of it. */
    Op plain() { return this; }

    /** Of a conditional jump: how often it was taken when it was met, 0 to 1. */
    public double chance() { return 0.5; }

    /** Where it has led, if it is a jump that is not direct. */
    public List<Target> targets() { return List.of(); }

    /** Offset in the page of what follows; may be 4096. */
    final int after() { return offset + length; }
}
