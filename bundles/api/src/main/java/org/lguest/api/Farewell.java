package org.lguest.api;

/**
 * How a guest is asked to end itself. The guest ABI has no power button, but whoever sits at the console can say what he wants: so the
 * Host types words that this guest understands, and waits.
 *
 * @param words   typed on the guest's last console as they are, control characters too, with Enter behind them; a line feed is Enter as well.
 *                Empty: the guest cannot be asked
 * @param seconds how long the guest has for it, 0 to 3600; afterwards its processor is stopped
 */
public record Farewell(String words, int seconds) {
    /** Seconds that a guest has when nobody says otherwise. */
    public static final int USUAL_SECONDS = 10;
    /** A guest that nobody knows how to ask. */
    public static final Farewell NONE = new Farewell("", USUAL_SECONDS);
    /** What puppy understands, whatever it does: ^C ends a program in the foreground, and a line that was begun. */
    public static final Farewell PUPPY = new Farewell("\003poweroff", USUAL_SECONDS);

    private static final int MOST_SECONDS = 3600;

    /** Checks the range. */
    public Farewell {
        if (seconds < 0 || seconds > MOST_SECONDS) throw new IllegalArgumentException("a grace of " + seconds + " seconds: want 0 to " + MOST_SECONDS);
    }

    /** Whether there is something to say, and time to hear it. */
    public boolean asks() { return !words.isEmpty() && seconds > 0; }

    /** The same with other words. */
    public Farewell saying(String others) { return new Farewell(others, seconds); }

    /** The same with another time. */
    public Farewell within(int others) { return new Farewell(words, others); }
}
