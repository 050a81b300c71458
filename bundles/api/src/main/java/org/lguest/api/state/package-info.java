/** All state of a guest. Parts keep only what can be thrown away; everything that must survive the replacement of a part is here, as plain data behind a {@code check()} that trusts nothing. */
@Export
@Version("0.1.0")
package org.lguest.api.state;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
