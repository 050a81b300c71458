package org.lguest.cpu.interpreter;

import static org.lguest.api.state.GuestMemory.I8;

import java.lang.foreign.MemorySegment;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Decoder.Result;
import org.lguest.cpu.decode.Insn;

/**
 * Makes operations of bytes: a run of instructions at a time, until one that never falls through, the end of the page, or
 * code that is decoded already.
 */
final class Translator {
    /** Instructions decoded ahead; what follows is decoded when it is reached. */
    private static final int RUN = 32;

    /** Operations kept at most: some 100 MiB of them. A guest whose code is larger than that decodes parts of it again. */
    static final int MOST = 1_000_000;

    /** Operations made since everything was forgotten. */
    int made;
    private final Machine machine;
    private final Decoder decoder = new Decoder();
    private final Insn insn = new Insn();
    private final byte[] window = new byte[2 * Machine.LONGEST];

    Translator(Machine machine) { this.machine = machine; }

    /** The operation at an offset, decoding the run that begins there when it is new. */
    Op operation(CodePage page, int offset) {
        Op op = page.at(offset);
        return op != null ? op : run(page, offset);
    }

    private Op run(CodePage page, int start) {
        Op first = null;
        Op last = null;
        int at = start;
        for (int n = 0;; n++) {
            Op op = n == RUN || at > 0xFFF || page.at(at) != null ? new Links.Onward(page, at) : decode(page, at);
            if (op.length != 0) page.put(op); // a mark of the run's end is nobody's target
            op.offset = at;
            op.sequence = n;
            if (first == null) first = op;
            if (last != null) last.next = op;
            last = op;
            if (op.length == 0 || op instanceof Links.Final) return first;
            at += op.length;
        }
    }

    /** Decodes the instruction at an offset; false when it is undefined or runs out of the page. */
    boolean decode(CodePage page, int at, Insn into) {
        int have = Math.min(Machine.LONGEST, 0x1000 - at);
        MemorySegment.copy(machine.ram, I8, (long) page.frame << 12 | at, window, 0, have);
        return decoder.decode(window, 0, have, (page.mode & Machine.CODE32) != 0, into) == Result.OK;
    }

    /** The same for an instruction that runs into a second page. */
    boolean decode(CodePage page, CodePage second, int at, Insn into) {
        fetch(page, at, (long) second.frame << 12);
        if (decoder.decode(window, 0, Machine.LONGEST, (page.mode & Machine.CODE32) != 0, into) != Result.OK) return false;
        second.cover(0, Math.max(0, at + into.length - 0x1000));
        return true;
    }

    /** Bytes from the end of a page, and from the beginning of what follows at {@code rest}. */
    private void fetch(CodePage page, int at, long rest) {
        int have = 0x1000 - at;
        MemorySegment.copy(machine.ram, I8, (long) page.frame << 12 | at, window, 0, have);
        MemorySegment.copy(machine.ram, I8, rest, window, have, Machine.LONGEST - have);
    }

    /** Decodes one instruction; never null: what cannot be executed raises its fault when it is reached. */
    private Op decode(CodePage page, int at) {
        made++;
        MemorySegment ram = machine.ram;
        long pa = (long) page.frame << 12 | at;
        int have = Math.min(Machine.LONGEST, 0x1000 - at);
        MemorySegment.copy(ram, I8, pa, window, 0, have);
        Result r = decoder.decode(window, 0, have, (page.mode & Machine.CODE32) != 0, insn);
        Op op = switch (r) {
            case OK -> Handlers.create(insn, page);
            case INCOMPLETE -> new Links.Straddling(page);
            case UNDEFINED -> new Links.Fault(6, 0);
            case TOO_LONG -> new Links.Fault(13, 0);
        };
        op.offset = at;
        op.length = r == Result.OK || r == Result.UNDEFINED ? insn.length : Math.min(have, Machine.LONGEST);
        return op;
    }

    /**
     * Decodes an instruction whose bytes run into the next page, from where that page is mapped now.
     *
     * @param rest guest-physical address of the next page
     */
    Op straddling(CodePage page, int at, long rest) {
        made++;
        fetch(page, at, rest);
        Result r = decoder.decode(window, 0, Machine.LONGEST, (page.mode & Machine.CODE32) != 0, insn);
        Op op = switch (r) {
            case OK -> Handlers.create(insn, page);
            case UNDEFINED -> new Links.Fault(6, 0);
            default -> new Links.Fault(13, 0);
        };
        op.offset = at;
        op.length = insn.length;
        return op;
    }
}
