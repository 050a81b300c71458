/** The run loop: into the guest, out of it, and what to do with what came out. */
package org.lguest.switcher;
