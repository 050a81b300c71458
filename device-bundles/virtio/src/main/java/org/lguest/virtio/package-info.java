/** The device side of a virtqueue: walking descriptor chains that a guest wrote, with distrust. */
@Export
@Version("0.1.0")
package org.lguest.virtio;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
