package org.lguest.cpu.rings;

import java.util.List;

/** All cases, by subject. */
final class Cases {
    private Cases() { }

    static List<Case> all(String subject) {
        return switch (subject) {
            case "segments" -> Segments.all();
            case "transfers" -> Transfers.all();
            case "paging" -> Paging.all();
            case "edges" -> Edges.all();
            default -> throw new IllegalArgumentException(subject);
        };
    }
}
