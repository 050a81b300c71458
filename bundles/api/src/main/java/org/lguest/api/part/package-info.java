/** The seats of the machine: contracts of the parts that work on the state, and {@link org.lguest.api.part.Parts}, who sits where. */
@Export
@Version("0.1.0")
package org.lguest.api.part;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
