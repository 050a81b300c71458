package org.lguest.cpu.interpreter;

/** What jumps find in front of an operation that they lead to. */
abstract class Entry extends Op {
    /** The operation itself. */
    final Op plain;

    Entry(Op plain) {
        this.plain = plain;
        offset = plain.offset;
        length = plain.length;
        sequence = plain.sequence;
    }

    /** Whether there is generated code, or will be. */
    abstract boolean begun();

    @Override
    final Op plain() { return plain; }

    @Override
    final boolean shadow() { return plain.shadow(); }
}
