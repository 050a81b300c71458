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

    @Override
    final Op plain() { return plain; }

    @Override
    final boolean shadow() { return plain.shadow(); }
}
