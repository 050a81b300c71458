/**
 * D:010 A device, when there is no hardware.
 *
 * <p>A driver talks to a real device by registers: it stores here to say where a buffer is and there to say "go", and loads from a third
 * place to see how it went. Whoever imitates such a device has to catch each of these accesses, and each costs a trap. A packet of a real
 * network card takes a dozen.
 *
 * <p>But between a Guest and its Host there is no wire, only memory which both can read. So a virtio device is an agreement about memory, and
 * two ways to say "look there": the Guest kicks, by the hypercall NOTIFY, and the Host raises an interrupt. Neither says what has
 * happened. What has happened is in the ring.
 *
 * <p>This part is told from both ends. The notes from C files are puppy's, which is the Guest; those from Java are the Host's. On the Host's
 * side three share the work. A <em>model</em> knows what requests of a kind of device mean; it opens no file and no socket. A
 * <em>backend</em> stands behind one device and moves the bytes; backends are the only rooms of this house with windows. And this package,
 * a library, walks along the rings, with the distrust due to what a Guest wrote.
 */
@Export
@Version("0.1.0")
package org.lguest.virtio;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
