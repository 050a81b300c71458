/**
 * S:010 The way in, and the way out.
 *
 * <p>When a hypervisor and its Guest share one processor, the hardest page of the whole program is the one that hands it over. The Guest
 * needs it complete, with its own page tables, descriptor tables and stack; so for a moment the ground under the running code has to be
 * exchanged, and the code must go on at the same address in both worlds. In lguest that page, in assembly, was called the Switcher, and it
 * lay at the top of every address space.
 *
 * <p>Here the Guest's processor is a program. It has registers of its own, to run it takes nothing away from the Host, and so the hardest page
 * is a method call that returns when there is something to be done, {@link org.lguest.api.part.CpuEngine#run}. What stays is what the
 * Switcher was the middle of: to decide, between two stretches of the Guest's code, what is to happen. A hypercall? An interrupt? A fault
 * that is the Guest's own affair? This package decides, and everything that a Guest experiences of its Host passes through it.
 */
package org.lguest.switcher;
