package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.api.Guest;
import org.lguest.api.LaunchException;
import org.lguest.api.part.GuestKeeper;
import org.lguest.api.part.GuestKeeper.Kept;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** P:320 Guests that nobody started by hand: who they are, also while they do not live, and how one has them start anew. */
@Component(service = KeepingCommands.class, immediate = true)
@GogoCommand(scope = "lguest", function = {"configs", "restart"})
public final class KeepingCommands extends Commands {
    private static final String ROW = "%-28s %-14s %s";

    private final Guests guests;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<GuestKeeper> keepers;

    /** Called by Declarative Services. */
    @Activate
    public KeepingCommands(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("lists the configured guests, those too that do not run, and tells why")
    public String configs() {
        List<String> lines = new ArrayList<>();
        for (GuestKeeper k : keepers) for (Kept g : k.kept()) lines.add(String.format(ROW, g.origin(), g.name(), (g.well() ? "" : "! ") + g.state()));
        if (lines.isEmpty()) return "no guests are configured; a file org.lguest.guest-NAME.cfg in load/ is one";
        lines.addFirst(String.format(ROW, "CONFIGURATION", "GUEST", "STATE"));
        return String.join("\n", lines);
    }

    @Descriptor("stops a guest in good order, as \"stop\" does, and starts it again; a configured one by its configuration of now, also when it does not run")
    public String restart(@Descriptor("name or number of the guest, or name of its configuration") String guest) throws UsageException, InterruptedException {
        String name = guests.host().find(guest).map(Guest::name).orElse(guest);
        for (GuestKeeper k : keepers) if (k.restart(name)) return name + " is started again";
        Guest g = guests.find(guest);
        try {
            guests.host().stop(g, g.spec().farewell());
            return guests.start(g.again()) + " started again";
        } catch (LaunchException e) {
            throw new UsageException(g + " was stopped, and cannot be started again: " + e.getMessage(), e);
        }
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index != 1 || !words.getFirst().equals("restart")) return List.of();
        TreeSet<String> names = new TreeSet<>(guests.names());
        for (GuestKeeper k : keepers) for (Kept g : k.kept()) names.add(g.name().isEmpty() ? g.origin() : g.name());
        return List.copyOf(names);
    }
}
