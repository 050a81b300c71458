package org.lguest.shell;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;

/**
 * What classes with commands have in common: a sentence for those who give a command words that none of its methods takes, and
 * what TAB offers.
 */
public abstract class Commands {
    /** For those in this package. */
    Commands() { }

    /**
     * Gogo calls a method of this name when no other fits, with the command's name first: always an error.
     *
     * @throws UsageException says what the command takes
     */
    public final void _main(String... words) throws UsageException {
        List<String> forms = Arrays.stream(getClass().getMethods()).filter(m -> m.getName().equals(words[0]) && m.isAnnotationPresent(Descriptor.class))
            .sorted(Comparator.comparingInt(Method::getParameterCount)).map(Commands::form).distinct().toList();
        throw new UsageException("lguest:" + words[0] + " cannot do with "
            + (words.length == 1 ? "nothing" : "\"" + String.join(" ", words).substring(words[0].length() + 1) + "\"")
            + "; it takes " + String.join(", or ", forms) + " (help lguest:" + words[0] + " tells more)");
    }

    /**
     * What the next word of a command may be; words that begin otherwise than what is typed already do no harm.
     *
     * @param words the command's words so far, its name without scope first
     * @param index of the word that is being typed, 1 or more
     */
    public abstract List<String> completions(List<String> words, int index);

    private static String form(Method m) {
        List<String> words = new ArrayList<>();
        for (Parameter p : m.getParameters())
            if (p.getType() != CommandSession.class) words.add(p.getType().isArray() ? "[" + name(p) + "]..." : "<" + name(p) + ">");
        return words.isEmpty() ? "nothing" : String.join(" ", words);
    }

    private static String name(Parameter p) {
        for (Annotation a : p.getAnnotations()) if (a instanceof Descriptor d) return d.value().split("[:;(]")[0].strip();
        return p.getType().getSimpleName();
    }
}
