/**
 * The processor between rings: cases of all kinds of descriptors, transfers, pages and limits; a {@link org.lguest.cpu.rings.Monitor}
 * that runs them in ring 1 and ring 3 of a bare machine; and what such a machine answered, kept as files.
 *
 * <p>No process of an ordinary system can enter ring 1. A virtual machine on silicon could, where the host has one to give that
 * lets 32-bit code page; until somebody records there, the answers are those of Bochs, which follows the manual closely, without
 * the {@link org.lguest.cpu.rings.Doubts} that there are. Rules of ring 3 are compared with silicon by the package {@code proof}.
 */
package org.lguest.cpu.rings;
