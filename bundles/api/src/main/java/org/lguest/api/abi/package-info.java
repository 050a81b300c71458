/** The numbers of the guest ABI in one place, every generation as data. */
@Export
@Version("0.1.0")
package org.lguest.api.abi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
