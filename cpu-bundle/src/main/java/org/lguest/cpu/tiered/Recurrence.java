package org.lguest.cpu.tiered;

import static org.lguest.cpu.tiered.Code.*;

import java.util.List;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.decode.Insn.Kind;

/**
 * M:243 A register that each round of a loop multiplies by a constant and adds something to, as hashes and random numbers are made. A product waits for
 * the sum before it, that sum for the product of the round before, and the rest of such a loop mostly for both: a processor has nothing else to do, however fast it is.
 * But a product of a sum is a sum of products. Where {@code v = u * C + y}, {@code v * C} is {@code u * C * C + y * C}, and the former of these can be had
 * as soon as {@code u} is there: so two rounds do not wait for two products one after the other. Everything is modulo 2^32, where this is exact. The register has
 * at each instruction what it should, so a loop of this kind can be left anywhere.
 *
 * <p>Where a constant is added, HotSpot's second compiler multiplies out itself, for more rounds at once.
 *
 * @param product of the register and the constant
 * @param sum     of the register and something else
 */
record Recurrence(Step product, Step sum) {
    /**
     * What a block does to a register if it leads back to its own beginning and nothing else in it changes the register; or null.
     *
     * @param unseen see {@link UnseenFlags}: a product that is had otherwise has no flags
     */
    static Recurrence in(Block b, boolean[] unseen) {
        if (!b.leadsTo.contains(b.spot)) return null;
        for (int i = 0; i < b.steps.size(); i++) {
            Step product = b.steps.get(i);
            if (!unseen[i] || !multiplies(product.insn())) continue;
            int register = product.insn().dst;
            List<Step> others = b.steps.stream().filter(s -> s != product && !Origins.keeps(s, register)).toList();
            if (others.size() == 1 && adds(others.getFirst().insn(), register)) return new Recurrence(product, others.getFirst());
        }
        return null;
    }

    private static boolean multiplies(Insn i) { return i.row.family().equals("imul3") && i.size == 32 && i.srcKind == Kind.REGISTER && i.src == i.dst; }

    private static boolean adds(Insn i, int register) {
        return i.row.family().equals("alu") && i.row.variant().equals("add") && i.size == 32 && i.dstKind == Kind.REGISTER && i.dst == register && i.srcKind != Kind.IMMEDIATE;
    }

    /** The loop is entered from elsewhere: its first product is as usual. */
    void enter(Code g) {
        g.read(register());
        g.constant(factor());
        g.c.imul().istore(SOON).iconst_0().istore(ADDED);
    }

    /** In place of the product. */
    void multiply(Code g) {
        g.c.iload(SOON).iload(ADDED);
        g.constant(factor());
        g.c.imul().iadd();
        g.read(register());
        g.constant(factor() * factor());
        g.c.imul().istore(SOON);
        g.write(register());
    }

    /** Behind the sum, whose second operand is where {@link Emitters} has put it. */
    void added(Code g) { g.c.iload(B).istore(ADDED); }

    private int register() { return product.insn().dst; }

    private int factor() { return product.insn().imm; }
}
