package org.lguest.cpu.interpreter;

import java.lang.invoke.VarHandle;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/**
 * An instruction behind which no load runs ahead of a store before it (Intel SDM volume 3, 8.2.3.9 and 8.2.5): MFENCE, whatever has a
 * LOCK prefix, and XCHG with memory, which needs none. There is one processor, but there are devices: a driver publishes a buffer and
 * then looks whether the device wants to be kicked, while the device says that it does and then looks for buffers. Each must see what
 * the other did, or both wait for ever.
 */
final class Barrier extends Op {
    private final Op inner;

    private Barrier(Op inner) { this.inner = inner; }

    /** The operation, with a barrier where the instruction is one. */
    static Op around(Insn i, Op op) {
        String name = i.row.mnemonic();
        boolean needed = i.lock || name.equals("MFENCE") || name.equals("XCHG") && i.dstKind == Kind.MEMORY;
        return needed ? new Barrier(op) : op;
    }

    @Override
    Op exec(Machine m) {
        inner.next = next; // the place was not known when this was made, and what follows may change
        inner.offset = offset;
        inner.length = length;
        inner.sequence = sequence;
        Op then = inner.exec(m);
        VarHandle.fullFence();
        return then;
    }
}
