package org.lguest.api;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The last events in a guest's life, for {@code lguest:log}. Bounded; any thread. */
public final class EventLog {
    private static final int KEPT = 500;

    /** One line. */
    public record Event(Instant at, String text) { }

    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final List<Consumer<Event>> followers = new CopyOnWriteArrayList<>();

    /** Adds a line; the oldest goes when there are too many. */
    public synchronized void add(String text) {
        if (events.size() == KEPT) events.removeFirst();
        Event e = new Event(Instant.now(), text);
        events.addLast(e);
        for (Consumer<Event> f : followers) f.accept(e);
    }

    /**
     * Tells somebody the lines so far, and every later one as it is added: in order, on the thread that adds it, which may be
     * the guest's own. So a follower neither waits nor throws.
     */
    public synchronized void follow(Consumer<Event> follower) {
        events.forEach(follower);
        followers.add(follower);
    }

    /** The lines, oldest first. */
    public synchronized List<Event> events() { return List.copyOf(events); }
}
