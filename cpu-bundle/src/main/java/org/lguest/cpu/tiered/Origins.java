package org.lguest.cpu.tiered;

import static org.lguest.api.state.CpuState.*;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.lguest.cpu.decode.Insn;

/** The origins of the eight registers at some point of a region, as far as they are the same on all ways that lead there. */
final class Origins {
    private final Origin[] of;

    private Origins(Origin[] of) { this.of = of; }

    /** For each block of a plan that can be reached, those in front of it. */
    static Map<Spot, Origins> in(Plan plan) {
        Spot entry = plan.entry();
        Map<Spot, Origins> in = new HashMap<>(Map.of(entry, entry()));
        Deque<Spot> open = new ArrayDeque<>(in.keySet());
        while (!open.isEmpty()) {
            Block b = plan.blocks().get(open.remove());
            Origins o = in.get(b.spot).copy();
            b.steps.forEach(o::after);
            for (Spot to : b.leadsTo) {
                if (!plan.blocks().containsKey(to)) continue;
                Origins there = in.get(to);
                if (there == null) in.put(to, o.copy());
                if (there == null || there.meet(o)) open.add(to);
            }
        }
        return in;
    }

    private static Origins entry() {
        Origin[] of = new Origin[EDI + 1];
        for (int r = EAX; r <= EDI; r++) of[r] = new Origin(r, 0);
        return new Origins(of);
    }

    Origins copy() { return new Origins(of.clone()); }

    /** Of a register, or of {@code ZERO}; null when it is not known. */
    Origin of(int register) { return register == ZERO ? new Origin(ZERO, 0) : of[register]; }

    /** Forgets where another way brings something else; answers whether there was anything to forget. */
    private boolean meet(Origins other) {
        boolean forgot = false;
        for (int r = EAX; r <= EDI; r++) {
            if (of[r] == null || Objects.equals(of[r], other.of[r])) continue;
            of[r] = null;
            forgot = true;
        }
        return forgot;
    }

    /** Whether a register is after an instruction what it was before, as far as is known. */
    static boolean keeps(Step s, int register) {
        Origins o = entry();
        o.after(s);
        return new Origin(register, 0).equals(o.of(register));
    }

    /** An instruction was executed, and did not leave the region. */
    void after(Step s) {
        Insn i = s.insn();
        switch (s.kind()) {
            case PLAIN -> plain(i);
            case BRANCH -> {
                if (i.row.family().equals("loop")) of[ECX] = null;
            }
            case RETURN -> add(ESP, 4 + s.releases());
            case CALL, INDIRECT -> {
                if (s.calls()) add(ESP, -4);
            }
            case JUMP, STOP -> { }
        }
    }

    private void plain(Insn i) {
        if (Emitters.of(i) != null) emitted(i);
        else if (!Kind.loadsSegment(i)) {
            for (int r = EAX; r <= EDI; r++) if ((Changes.registers(i) >>> r & 1) != 0) of[r] = null;
        } else if (i.row.family().equals("pop")) add(ESP, i.operandSize >>> 3);
    }

    private void emitted(Insn i) {
        switch (i.row.family()) {
            case "push" -> add(ESP, -4);
            case "pop" -> {
                add(ESP, 4);
                of[i.dst] = null;
            }
            case "leave" -> {
                of[ESP] = of[EBP];
                add(ESP, 4);
                of[EBP] = null;
            }
            case "lea" -> lea(i);
            case "alu" -> alu(i);
            case "unary" -> unary(i);
            case "xchg", "xadd" -> {
                written(i);
                written(i.src, i.size);
            }
            case "cmpxchg" -> {
                written(i);
                of[EAX] = null;
            }
            case "mul", "imul1", "div", "idiv", "cmpxchg8b" -> of[EAX] = of[EDX] = null;
            case "cbw" -> of[EAX] = null;
            case "cwd" -> of[EDX] = null;
            case "nop", "cld", "std", "clc", "stc" -> { }
            case "fpu" -> {
                if (FpuEmitters.writesAx(i)) of[EAX] = null;
            }
            default -> written(i);
        }
    }

    private void lea(Insn i) {
        Origin base = i.index == ZERO && i.size == 32 && i.addressSize == 32 ? of(i.base) : null;
        of[i.dst] = base == null ? null : base.plus(i.disp);
    }

    private void alu(Insn i) {
        String name = i.row.variant();
        boolean whole = i.dstKind == Insn.Kind.REGISTER && i.size == 32;
        boolean immediate = i.srcKind == Insn.Kind.IMMEDIATE;
        if (name.equals("cmp") || name.equals("test")) return;
        if (whole && name.equals("mov") && i.srcKind == Insn.Kind.REGISTER) of[i.dst] = of[i.src];
        else if (whole && name.equals("mov") && immediate) of[i.dst] = new Origin(ZERO, i.imm);
        else if (whole && name.equals("add") && immediate) add(i.dst, i.imm);
        else if (whole && name.equals("sub") && immediate) add(i.dst, -i.imm);
        else written(i);
    }

    private void unary(Insn i) {
        boolean whole = i.dstKind == Insn.Kind.REGISTER && i.size == 32;
        switch (i.row.variant()) {
            case "inc" -> step(i, whole, 1);
            case "dec" -> step(i, whole, -1);
            default -> written(i);
        }
    }

    private void step(Insn i, boolean whole, int by) {
        if (whole) add(i.dst, by);
        else written(i);
    }

    private void add(int register, int n) {
        if (of[register] != null) of[register] = of[register].plus(n);
    }

    private void written(Insn i) {
        if (i.dstKind == Insn.Kind.REGISTER) written(i.dst, i.size);
    }

    private void written(int register, int size) { of[size == 8 ? register & 3 : register] = null; }
}
