package org.lguest.cpu.tiered;

import static org.lguest.cpu.tiered.Code.HIGH;
import static org.lguest.cpu.tiered.Code.LOW;

import java.util.ArrayList;
import java.util.List;
import org.lguest.cpu.decode.Insn;

/**
 * Stores of 16 bytes, one after the other and near each other, as memset has them: they are looked up in the SoftTlb together. If they
 * do not lie in one page, the interpreter does them all.
 *
 * @param steps  in the order of the program
 * @param lowest the smallest displacement of them
 * @param span   bytes from there to the end of the last store
 */
record StoreRun(List<Step> steps, int lowest, int span) {
    private static final int BYTES = 16, WIDEST = 512;

    /** The run that begins at a step of a block; a single instruction, or none, is no run, and the answer null. */
    static StoreRun at(List<Step> block, int from) {
        List<Step> run = new ArrayList<>();
        int lowest = Integer.MAX_VALUE;
        int highest = Integer.MIN_VALUE;
        Insn first = block.get(from).insn();
        for (Step s : block.subList(from, block.size())) {
            Insn i = s.insn();
            if (!fits(i) || !besides(first, i)) break;
            int low = Math.min(lowest, i.disp);
            int high = Math.max(highest, i.disp);
            if ((long) high + BYTES - low > WIDEST) break;
            lowest = low;
            highest = high;
            run.add(s);
        }
        return run.size() < 2 ? null : new StoreRun(run, lowest, highest + BYTES - lowest);
    }

    private static boolean fits(Insn i) {
        return i.row.family().equals("vstore") && i.memory() && i.addressSize == 32 && i.srcKind == Insn.Kind.XMM && VectorEmitters.of(i) != null;
    }

    /** The same address but for the displacement, and aligned alike. */
    private static boolean besides(Insn a, Insn b) {
        return a.row.variant().equals(b.row.variant()) && a.segment == b.segment && a.base == b.base && a.index == b.index && a.scale == b.scale
            && (a.disp - b.disp) % BYTES == 0;
    }

    void emit(Code g) {
        Insn first = steps.getFirst().insn();
        g.vectors();
        g.place(first, lowest - first.disp, span, first.row.variant().equals("aligned"), true);
        for (Step s : steps) {
            Insn i = s.insn();
            int register = VectorEmitters.reg(i);
            g.into(i.disp - lowest, 64, () -> g.half(LOW, register));
            g.into(i.disp - lowest + 8, 64, () -> g.half(HIGH, register));
        }
    }
}
