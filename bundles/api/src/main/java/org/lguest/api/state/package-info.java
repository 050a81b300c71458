/**
 * P:030 What a Guest is.
 *
 * <p>Registers, memory, the root of the page tables, interrupts that wait, how far each queue has been read: everything that makes up a
 * Guest is plain data, and is in this package. Nothing of it is in the code that works on it. A processor may keep decoded instructions, an
 * MMU its shadow tables, a disk an open file; but all of these could be thrown away at any time and made again from what is here.
 *
 * <p>Much follows from that one rule. Code can be replaced while a Guest runs, since nothing of the Guest is lost with it. What a Guest is
 * could be written down, and go on elsewhere. And there is one place to look when somebody asks what a hypervisor has to remember: it is
 * less than one would think.
 *
 * <p>Data that a Guest can write, or that was loaded from somewhere, is believed only behind a {@code check()} that trusts nothing.
 */
@Export
@Version("0.1.0")
package org.lguest.api.state;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
