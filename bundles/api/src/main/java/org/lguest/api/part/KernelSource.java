package org.lguest.api.part;

import java.io.IOException;
import java.io.InputStream;

/**
 * A kernel image that comes with the platform instead of from a file: the bundled guest, or one that a bundle of yours
 * brings along. A service; the launcher looks for one when {@link org.lguest.api.GuestSpec#kernel} is null, or names no file but a source. Any thread.
 */
public interface KernelSource {
    /** Name of the bundled guest whose page tables have two levels. */
    String PUPPY = "puppy";
    /** Name of the bundled guest whose page tables are PAE. */
    String PUPPY_PAE = "puppy-pae";
    /** Name of the bundled guest that is one of the first lguest, as Linux 2.6.23 was. */
    String PUPPY_CLASSIC = "puppy-classic";

    /** Unique among kernel sources: {@link #PUPPY}, {@link #PUPPY_PAE}, {@link #PUPPY_CLASSIC} or another. */
    String name();

    /** Opens the image, ELF or bzImage, from its first byte; the caller closes it. */
    InputStream open() throws IOException;
}
