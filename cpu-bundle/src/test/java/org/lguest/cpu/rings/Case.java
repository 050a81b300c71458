package org.lguest.cpu.rings;

import java.util.List;

/**
 * What a processor is given.
 *
 * @param name      for people
 * @param pae       page tables are those of PAE
 * @param gpr       EAX to EDI in the order of their encoding
 * @param selectors ES, CS, SS, DS, FS, GS; the RPL of CS is the ring
 * @param patches   what differs from {@link World#pristine}
 */
record Case(String name, boolean pae, int[] gpr, int eip, int eflags, int[] selectors, List<Patch> patches) {
    /** Bytes at a physical address of the region. */
    record Patch(int address, byte[] bytes) { }

    @Override
    public String toString() { return Fixtures.given(this); }
}
