package org.lguest.api;

/**
 * What becomes of guests, as EventAdmin tells it: topics, in each of which an event has the properties of {@link GuestProperties}, and
 * {@link #DETAIL}. Events of one guest come in order, a moment after it happened.
 */
public final class Topics {
    /** All topics about guests' lives. */
    public static final String GUESTS = "org/lguest/guest/*";
    /** A guest has its name, memory and devices; it does not run yet. */
    public static final String ADMITTED = "org/lguest/guest/ADMITTED";
    /** It runs. */
    public static final String STARTED = "org/lguest/guest/STARTED";
    /** The user has stopped its processor. */
    public static final String PAUSED = "org/lguest/guest/PAUSED";
    /** It waits for somebody; the detail is the name of the empty seat. */
    public static final String PARKED = "org/lguest/guest/PARKED";
    /** It runs again. */
    public static final String RESUMED = "org/lguest/guest/RESUMED";
    /** It is dead; the detail is the reason. */
    public static final String ENDED = "org/lguest/guest/ENDED";
    /** Nothing of it is left. */
    public static final String FORGOTTEN = "org/lguest/guest/FORGOTTEN";
    /** Somebody else works for it; the detail says who in which seat. */
    public static final String SEAT_CHANGED = "org/lguest/seat/CHANGED";
    /** It got another device; the detail says which. */
    public static final String DEVICE_PLUGGED = "org/lguest/device/PLUGGED";

    /** Event property: a few words, or empty. A String. */
    public static final String DETAIL = "lguest.detail";

    private Topics() { }
}
