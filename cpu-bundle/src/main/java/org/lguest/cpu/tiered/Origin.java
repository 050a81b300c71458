package org.lguest.cpu.tiered;

/**
 * Where an address comes from: the value that a register had at the entry of a region, and what has been added since.
 *
 * @param root   a register, or {@code CpuState.ZERO}: the address is known
 * @param offset modulo 2^32
 */
record Origin(int root, int offset) {
    Origin plus(int n) { return new Origin(root, offset + n); }
}
