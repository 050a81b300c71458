/**
 * P:020 Who has to know?
 *
 * <p>There are two ways to put a kernel into a machine that is not there. One is to imitate a real machine, chip by chip, so well that no
 * kernel can tell. Then any kernel will do, and the Host spends its days pretending to be an interrupt controller of 1976. The other is to
 * tell the kernel, and to change it a little: wherever it would reach for the hardware, it asks its Host. That is called
 * paravirtualisation, and it saves work on both sides, because a kernel that says what it wants need not be watched while it gets it done.
 *
 * <p>Asking is a hypercall: the instruction {@code int 0x1F}, with a number in one register and arguments in others. That looks like a system
 * call, and it is meant to. A Guest's kernel is to its Host what a program is to its kernel. The processor has four levels of privilege,
 * called rings: programs run in ring 3, where little is allowed, a kernel in ring 0, where everything is. A Guest's kernel runs in ring 1.
 * It is still safe from its programs, but it is no longer the one who may do anything. Where it tries all the same, or where a program
 * does, the processor stops and says why; that is a trap, and each trap ends up with the Host (S:140).
 *
 * <p>The agreement was never written down as a standard. It is whatever Linux had at the time, and it changed from release to release. Its
 * numbers are in this package, the generations as rows of a table, {@link org.lguest.api.abi.Generation}, so that no other code has to
 * ask for a version.
 */
@Export
@Version("0.1.0")
package org.lguest.api.abi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
