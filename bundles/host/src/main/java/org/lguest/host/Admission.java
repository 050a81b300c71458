package org.lguest.host;

import java.util.List;
import java.util.regex.Pattern;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;

/** Who may come in beside those who live here already. */
final class Admission {
    /** Framework property: MiB of memory that all guests together may have; without it they share what the machine has. */
    static final String MEMORY = "lguest.memory.mib";

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");

    private final long memoryMiB;

    /** By what the property says, or null. */
    Admission(String memory) { memoryMiB = memory == null ? Long.MAX_VALUE : Long.parseLong(memory); }

    /** The guest's name: the one it wants, or {@code guest} and its number. */
    String name(GuestSpec spec, int id, List<Guest> living) throws LaunchException {
        String wanted = spec.name();
        if (wanted != null && !NAME.matcher(wanted).matches())
            throw new LaunchException("'" + wanted + "' is no name for a guest: want a letter, then letters, digits, '.', '_' and '-'");
        String name = wanted == null ? "guest" + id : wanted;
        if (living.stream().anyMatch(g -> g.name().equals(name))) throw new LaunchException("there is a guest named '" + name + "' already");
        long used = living.stream().mapToLong(g -> g.spec().memoryMiB()).sum();
        if (used + spec.memoryMiB() > memoryMiB)
            throw new LaunchException(spec.memoryMiB() + " MB are too much: all guests together may have " + memoryMiB + " MB (" + MEMORY + "), and "
                + used + " MB are in use");
        return name;
    }
}
