/**
 * P:040 Seats.
 *
 * <p>A machine has organs: a processor, a memory management unit, the loop that goes back and forth between Guest and Host, somebody for
 * each kind of hypercall, a clock; and for each of its devices somebody who knows what the device does, and somebody who does it. Each is a
 * seat, described by an interface in this package. Whoever implements the interface may sit in it, and several may be there to choose from.
 *
 * <p>OSGi is how they come and go. A bundle is a jar with a class loader of its own, which may be installed, replaced and removed while the
 * program runs; it offers its parts as services, and the Host (H:050) seats the best of those who are there. Parts never know each other:
 * what they need of one another they find in {@link org.lguest.api.part.Parts}, which says who sits where now, and is replaced whole. A
 * change happens between two turns of a Guest's processor (H:020), when nobody is inside. A Guest one of whose seats is empty waits where
 * it is, and never learns that it has waited.
 */
@Export
@Version("0.1.0")
package org.lguest.api.part;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
