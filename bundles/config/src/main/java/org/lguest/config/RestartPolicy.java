package org.lguest.config;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lguest.api.Ending;

/**
 * When a guest that has ended is started anew, and how soon. One that asks for a restart itself gets it at once, and one that the user has
 * stopped stays as it is, whatever the policy.
 *
 * @param when   after which endings
 * @param delay  before the first restart
 * @param factor by which the delay grows from one restart to the next, 1 to 100
 * @param most   the delay does not grow above that
 * @param reset  a guest that has run for so long begins with the first delay again
 */
record RestartPolicy(When when, Duration delay, double factor, Duration most, Duration reset) {
    /** Endings after which a guest is started anew. */
    enum When {
        NEVER, ON_CRASH, ALWAYS;

        /** As in a configuration: {@code on-crash}. */
        String word() { return name().toLowerCase(Locale.ROOT).replace('_', '-'); }
    }

    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h|)");

    /** Understands a configuration's keys, and takes them out of it. */
    static RestartPolicy takenFrom(Settings s) throws RefusedException {
        return new RestartPolicy(when(s, s.value(GuestConfiguration.RESTART)), time(s, GuestConfiguration.RESTART_DELAY, Duration.ofSeconds(1)),
            factor(s, s.value(GuestConfiguration.RESTART_FACTOR)), time(s, GuestConfiguration.RESTART_MOST, Duration.ofMinutes(5)),
            time(s, GuestConfiguration.RESTART_RESET, Duration.ofMinutes(10)));
    }

    private static When when(Settings s, String word) throws RefusedException {
        if (word == null) return When.ON_CRASH;
        for (When w : When.values()) if (w.word().equals(word)) return w;
        throw s.wrong(GuestConfiguration.RESTART, word, "want never, on-crash or always");
    }

    private static Duration time(Settings s, String key, Duration usual) throws RefusedException {
        String word = s.value(key);
        if (word == null) return usual;
        Matcher m = TIME.matcher(word);
        if (!m.matches()) throw s.wrong(key, word, "want a time such as 500ms, 2s, 5m or 1h");
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofSeconds(n);
        };
    }

    private static double factor(Settings s, String word) throws RefusedException {
        if (word == null) return 2;
        try {
            double f = Double.parseDouble(word);
            if (f >= 1 && f <= 100) return f;
        } catch (NumberFormatException e) { // told below
        }
        throw s.wrong(GuestConfiguration.RESTART_FACTOR, word, "want a number from 1 to 100");
    }

    /** Whether a guest that has ended like this is started anew. */
    boolean applies(Ending.Kind kind) {
        return when == When.ALWAYS || when == When.ON_CRASH && (kind == Ending.Kind.CRASH || kind == Ending.Kind.KILLED);
    }

    /** How long to wait after {@code failures} restarts in a row, 0 or more. */
    Duration delay(int failures) {
        double millis = Math.min(delay.toMillis() * Math.pow(factor, failures), Math.max(most.toMillis(), delay.toMillis()));
        return Duration.ofMillis((long) millis);
    }
}
