package org.lguest.api.part;

import java.util.List;

/** Whoever starts guests that nobody sits before, and starts them anew when they end: a service. It knows them also while they do not live. Any thread. */
public interface GuestKeeper {
    /**
     * A guest that is kept.
     *
     * @param origin where it is described: a file, or a PID; {@link org.lguest.api.Origin#by} of the guest
     * @param name   of the guest; empty when the description does not tell
     * @param well   false when somebody should look after it
     * @param state  a sentence: {@code runs}, {@code starts again in 4 s: CRASH: ...}
     */
    record Kept(String origin, String name, boolean well, String state) { }

    /** All that are kept, in the order of their origins. */
    List<Kept> kept();

    /**
     * Has a guest end in good order, if it lives, and start as it is described now. Returns at once.
     *
     * @param nameOrOrigin of the guest
     * @return false when no such guest is kept here
     */
    boolean restart(String nameOrOrigin);
}
