package org.lguest.api;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;

/** The last events in a guest's life, for {@code lguest:log}. Bounded; any thread. */
public final class EventLog {
    private static final int KEPT = 500;

    /** One line. */
    public record Event(Instant at, String text) { }

    private final ArrayDeque<Event> events = new ArrayDeque<>();

    /** Adds a line; the oldest goes when there are too many. */
    public synchronized void add(String text) {
        if (events.size() == KEPT) events.removeFirst();
        events.addLast(new Event(Instant.now(), text));
    }

    /** The lines, oldest first. */
    public synchronized List<Event> events() { return List.copyOf(events); }
}
