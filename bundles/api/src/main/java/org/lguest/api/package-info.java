/** The vocabulary of the machine: a {@link org.lguest.api.Guest}, its life, its threads. */
@Export
@Version("0.1.0")
package org.lguest.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
