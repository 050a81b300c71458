package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** What TAB offers at the prompt: the prompt's profile asks here, and here the command itself is asked. */
@Component(service = Completions.class)
public final class Completions {
    private static final String SCOPE = "osgi.command.scope", FUNCTION = "osgi.command.function";

    private final BundleContext context;

    /** Called by Declarative Services. */
    @Activate
    public Completions(BundleContext context) { this.context = context; }

    /** The commands that take words, {@code lguest:info} and so on. */
    public List<String> commands() {
        List<String> names = new ArrayList<>();
        for (ServiceReference<?> r : commands("*")) names.addAll(functions(r));
        return names.stream().sorted().map(f -> "lguest:" + f).toList();
    }

    private static List<String> functions(ServiceReference<?> r) {
        return r.getProperty(FUNCTION) instanceof String[] many ? List.of(many) : List.of(String.valueOf(r.getProperty(FUNCTION)));
    }

    private List<ServiceReference<?>> commands(String function) {
        try {
            ServiceReference<?>[] found = context.getServiceReferences((String) null, "(&(" + SCOPE + "=lguest)(" + FUNCTION + "=" + function + "))");
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) { // a word that no command has
            return List.of();
        }
    }

    /**
     * What the word at {@code index} may be.
     *
     * @param words those of the line so far, the command first, with its scope or without
     */
    public List<String> words(List<String> words, int index) {
        if (words.isEmpty()) return List.of();
        String function = words.getFirst().replaceFirst("^lguest:", "");
        List<String> all = new ArrayList<>();
        for (ServiceReference<?> r : commands(function)) {
            List<String> named = new ArrayList<>(words);
            named.set(0, function);
            if (context.getService(r) instanceof Commands c) all.addAll(c.completions(named, index));
            context.ungetService(r);
        }
        return all;
    }
}
