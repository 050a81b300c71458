package org.lguest.cpu.interpreter;

/**
 * Where a jump that is not direct has led.
 *
 * @param distance bytes from the beginning of the jump's page, so that it means the same wherever the code is mapped
 * @param chance   how often, 0 to 1
 */
public record Target(int distance, double chance) { }
