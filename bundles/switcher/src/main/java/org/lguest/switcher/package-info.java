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

/*
 * S:200 Four ways through.
 *
 * The pieces are on the table; follow some moments of a Guest through them.
 *
 * A program makes a system call. It executes int 0x80, in ring 3. All that the engine knows of this is that it leads to somebody else; it
 * leaves the number in trapnum and returns. The Guest has named a handler for 0x80, and allowed ring 3 to call it. So the program's stack,
 * flags and place are pushed onto the kernel's stack, as a processor would have done it (S:130), and the turn is over. The next one finds
 * neither hypercall nor interrupt, and calls the engine, which goes on in the kernel's handler. The Host never looked at what was called.
 *
 * The program touches a page that is not there. The SoftTlb has no entry for it (H:350), the shadow has none (H:330), and the walk through the
 * Guest's own tables finds "not present" (H:320). The engine takes back what the instruction has begun, and leaves trap 14, an error code, and
 * the address, which we put where the kernel expects it. Its handler is entered as before. It finds a page, writes an entry into its table, and
 * returns to the very same instruction. Again SoftTlb and shadow know nothing, but now the walk succeeds, and what it has found is
 * remembered in both: the next access to that page costs an addition and a comparison.
 *
 * The kernel prints a line. It puts the text into the console's ring (D:050) and makes the hypercall NOTIFY. Trap 0x1F is one that we
 * keep for ourselves (S:140): the next turn begins with it, sees that the address is that of a ring (H:460), and wakes the thread which serves
 * that ring (D:110). The Guest goes on; meanwhile, on the other thread, the device takes the text out, hands it to its backend, and raises an
 * interrupt line (H:470). That raises attention, too. The engine looks at this word at each jump of the Guest's code, sees that somebody
 * wants something, and returns without a trap. The turn that follows finds the line, finds that the Guest takes interrupts (S:120), and pushes a
 * frame once more, this time for the kernel's interrupt handler.
 *
 * There is nothing to do. The kernel sets its alarm and makes the hypercall HALT (H:450). The turn ends with the word that the Guest
 * sleeps, and its thread sleeps as well, until a line is raised. A Guest that sleeps costs the memory that it has touched, and no time at all.
 */
