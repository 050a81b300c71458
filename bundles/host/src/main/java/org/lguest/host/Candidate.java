package org.lguest.host;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.lguest.api.part.Seat;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Somebody who could sit in a seat, and the words that he goes by. */
record Candidate<T>(ServiceReference<T> reference, T service) {
    /** {@code org.lguest.cpu 0.1.0 (interpreter)}. */
    String about() { return (bundle() + " " + version()).strip() + " (" + name() + ")"; }

    private String bundle() {
        Bundle b = reference.getBundle();
        return b == null ? "leaving" : b.getSymbolicName();
    }

    private String version() {
        Bundle b = reference.getBundle();
        return b == null ? "" : b.getVersion().toString();
    }

    private String name() { return reference.getProperty(Seat.NAME) instanceof String s ? s : service.getClass().getSimpleName(); }

    /** Whether {@code word} means this one, and perhaps others; an empty one means nobody. */
    boolean is(String word) {
        if (word.isEmpty()) return false;
        Iterator<String> said = Stream.of(word.split("/", -1)).iterator();
        String next = said.next();
        for (String own : new String[] {bundle(), version(), name()}) {
            if (!own.equalsIgnoreCase(next)) continue;
            if (!said.hasNext()) return true;
            next = said.next();
        }
        return false;
    }

    /** The shortest word that means this one and nobody else, as far as there is one. */
    String shortest(List<Candidate<T>> among) {
        String longest = bundle() + "/" + version() + "/" + name();
        return Stream.of(name(), bundle(), bundle() + "/" + name(), bundle() + "/" + version()).filter(this::is)
            .filter(w -> among.stream().filter(c -> c.is(w)).count() == 1).findFirst().orElse(longest);
    }
}
