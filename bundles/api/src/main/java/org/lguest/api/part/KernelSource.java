package org.lguest.api.part;

import java.io.IOException;
import java.io.InputStream;

/**
 * A kernel image that comes with the platform instead of from a file: the bundled guest, or one that a bundle of yours
 * brings along. A service; the launcher looks for one when {@link org.lguest.api.GuestSpec#kernel} is null. Any thread.
 */
public interface KernelSource {
    /** Name of the bundled guest whose page tables have two levels. */
    String PUPPY = "puppy";
    /** Name of the bundled guest whose page tables are PAE. */
    String PUPPY_PAE = "puppy-pae";

    /** Unique among kernel sources: {@link #PUPPY}, {@link #PUPPY_PAE} or another. */
    String name();

    /** Opens the image, ELF or bzImage, from its first byte; the caller closes it. */
    InputStream open() throws IOException;
}
