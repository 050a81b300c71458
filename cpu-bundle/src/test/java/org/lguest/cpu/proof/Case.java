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
 */
record Case(String name, int[] gpr, int eip, int eflags, int[] selectors, List<Patch> patches, int undefined) {
    /** Bytes at a linear address. Code is replaced by INT3 when the case is over. */
    record Patch(int address, byte[] bytes, boolean code) { }

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
        return s.toString();
    }
}
