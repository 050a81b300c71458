package org.lguest.cpu.proof;

import java.util.List;

/**
 * What is given to a processor: registers and memory before.
 *
 * @param name      of the instruction, for people
 * @param gpr       EAX to EDI in the order of their encoding
 * @param selectors ES, CS, SS, DS, FS, GS
 * @param patches   memory that is changed first; it keeps that content for the cases that follow, except code
 * @param undefined EFLAGS bits that are not compared
 * @param fpu       x87, MMX and SSE state, or null: then it is as after FNINIT, and nobody looks at it afterwards
 */
record Case(String name, int[] gpr, int eip, int eflags, int[] selectors, List<Patch> patches, int undefined, FpuImage fpu) {
    /** Bytes at a linear address. Code is replaced by INT3 when the case is over. */
    record Patch(int address, byte[] bytes, boolean code) { }

    /** The same with other memory. */
    Case with(List<Patch> other) { return new Case(name, gpr, eip, eflags, selectors, other, undefined, fpu); }

    /** The same with another floating-point state. */
    Case with(FpuImage other) { return new Case(name, gpr, eip, eflags, selectors, patches, undefined, other); }

    /** The bytes of the code patch. */
    byte[] code() {
        for (Patch p : patches) if (p.code()) return p.bytes();
        return new byte[0];
    }

    @Override
    public String toString() {
        var s = new StringBuilder(name).append(" [").append(Outcome.hex(code())).append("] at ").append(Integer.toHexString(eip)).append('\n');
        s.append("  in:  ").append(Outcome.registers(gpr, eip, eflags, selectors));
        for (Patch p : patches) if (!p.code()) s.append(String.format("%n       %08x: %s", p.address(), Outcome.hex(p.bytes())));
        if (fpu != null) s.append("\n       ").append(fpu);
        return s.toString();
    }
}
