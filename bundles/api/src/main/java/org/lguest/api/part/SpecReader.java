package org.lguest.api.part;

import java.nio.file.Path;
import java.util.List;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;

/** Understands the words in which people describe guests, those of the command line: a service, so that everybody who takes them takes the same. Any thread. */
public interface SpecReader {
    /**
     * What the words ask for.
     *
     * @param words  options, memory, kernel, words for the kernel, as in {@code lguest --help}
     * @param folder from which on relative file names are meant
     * @throws LaunchException with a sentence for the user, when they make no sense; nothing is looked up but whether files are there
     */
    GuestSpec read(List<String> words, Path folder) throws LaunchException;
}
