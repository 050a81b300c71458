package org.lguest.config;

import static org.lguest.config.GuestConfiguration.AUTOSTART;
import static org.lguest.config.GuestConfiguration.COMMAND_LINE;
import static org.lguest.config.GuestConfiguration.KERNEL;
import static org.lguest.config.GuestConfiguration.MEMORY;
import static org.lguest.config.GuestConfiguration.NAME;
import static org.lguest.config.GuestConfiguration.PREFER;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.part.SpecReader;

/**
 * What a configuration means.
 *
 * <p>All that describes the guest is turned into words of the command line, and whoever understands those does the rest: {@code block.1 = FILE}
 * is {@code --block=FILE}, and a key that is new here is an option of that name.
 *
 * @param spec      the guest
 * @param policy    when it is started anew
 * @param autostart whether it is started because the configuration is there
 * @param said      the configuration
 */
record Plan(GuestSpec spec, RestartPolicy policy, boolean autostart, Map<String, List<String>> said) {
    private static final String USUAL_MEMORY = "32", USUAL_KERNEL = "puppy", NO_MORE_OPTIONS = "--";
    private static final Set<String> OWN = Set.of(MEMORY, KERNEL, COMMAND_LINE, AUTOSTART, GuestConfiguration.RESTART, GuestConfiguration.RESTART_DELAY,
        GuestConfiguration.RESTART_FACTOR, GuestConfiguration.RESTART_MOST, GuestConfiguration.RESTART_RESET);

    /**
     * Understands a configuration.
     *
     * @throws RefusedException names the first key whose value makes no sense
     */
    static Plan of(Settings s, SpecReader reader) throws RefusedException {
        return new Plan(spec(s, reader), RestartPolicy.takenFrom(s), autostart(s), Map.copyOf(s.values()));
    }

    /** Whether it means the same, in whatever words. */
    boolean means(Plan other) { return spec.equals(other.spec) && policy.equals(other.policy) && autostart == other.autostart; }

    private static boolean autostart(Settings s) throws RefusedException {
        String word = s.value(AUTOSTART);
        if (word == null || word.equals("true")) return true;
        if (word.equals("false")) return false;
        throw s.wrong(AUTOSTART, word, "want true or false");
    }

    private static GuestSpec spec(Settings s, SpecReader reader) throws RefusedException {
        List<String> words = new ArrayList<>();
        if (s.name() != null && s.value(NAME) == null) words.add("--name=" + s.name());
        for (Map.Entry<String, List<String>> e : s.values().entrySet())
            if (!OWN.contains(e.getKey()))
                for (String value : e.getValue()) {
                    List<String> option = option(e.getKey(), value);
                    read(s, reader, option, e.getKey(), value);
                    words.addAll(option);
                }
        List<String> positional = new ArrayList<>();
        for (String key : List.of(MEMORY, KERNEL, COMMAND_LINE)) {
            String value = s.value(key);
            if (key.equals(COMMAND_LINE) && value == null) break;
            positional.add(value != null ? value : key.equals(MEMORY) ? USUAL_MEMORY : USUAL_KERNEL);
            read(s, reader, behind(List.of(NO_MORE_OPTIONS), positional), key, value);
        }
        return read(s, reader, behind(words, behind(List.of(NO_MORE_OPTIONS), positional)), "all", "together");
    }

    private static List<String> option(String key, String value) {
        if (key.startsWith(PREFER + ".")) return List.of("--" + PREFER + "=" + key.substring(PREFER.length() + 1) + "=" + value);
        String option = "--" + key.replaceFirst("\\..*", "");
        return switch (value) {
            case "true" -> List.of(option);
            case "false" -> List.of();
            default -> List.of(option + "=" + value);
        };
    }

    private static List<String> behind(List<String> first, List<String> then) {
        List<String> all = new ArrayList<>(first);
        all.addAll(then);
        return all;
    }

    private static GuestSpec read(Settings s, SpecReader reader, List<String> words, String key, String value) throws RefusedException {
        try {
            return reader.read(words, s.folder());
        } catch (LaunchException e) {
            throw s.wrong(key, value, e.getMessage());
        }
    }
}
