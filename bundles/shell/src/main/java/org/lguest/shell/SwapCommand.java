package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.api.Guest;
import org.lguest.api.part.Seat;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** P:160 Another processor for a Guest that is busy with the one it has: who could sit in a seat, and who shall. */
@Component(service = SwapCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "swap")
public final class SwapCommand extends Commands {
    /** Takes a wish back. */
    static final String AUTO = "auto";
    private static final String WHICH = "name or number of the guest";
    private static final String SEAT = "seat: cpu, mmu, switcher, clock, hypercalls.io and so on, block0 for a device, block0.backend for what is behind it; "
        + "launcher for who starts it the next time";

    private final Guests guests;

    /** Called by Declarative Services. */
    @Activate
    public SwapCommand(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("tells who could sit in the seats of a guest's machine; * marks those who do")
    public String swap(@Descriptor(WHICH) String guest) throws UsageException {
        List<String> lines = new ArrayList<>();
        for (Seat s : seats(guests.living(guest))) lines.add(words(s));
        return String.join("\n", lines);
    }

    @Descriptor("tells who could sit in a seat; * marks who does")
    public String swap(@Descriptor(WHICH) String guest, @Descriptor(SEAT) String seat) throws UsageException { return words(seat(guests.living(guest), seat)); }

    @Descriptor("has a guest use another provider from now on, whatever the rankings say, through its restarts too; while that one is away, the best of the "
        + "others sits there")
    public String swap(@Descriptor(WHICH) String guest, @Descriptor(SEAT) String seat,
            @Descriptor("provider: its own name, its bundle's, or both with a / in between, as \"swap GUEST SEAT\" tells; auto for whoever is best") String provider)
            throws UsageException {
        Guest g = guests.living(guest);
        seat(g, seat);
        try {
            guests.host().prefer(g, seat, provider.equals(AUTO) ? "" : provider);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        return words(seat(g, seat));
    }

    private List<Seat> seats(Guest g) {
        List<Seat> all = new ArrayList<>(guests.host().machine(g));
        all.add(guests.host().launcher(g));
        return all;
    }

    private Seat seat(Guest g, String name) throws UsageException {
        if (name.equals("shell")) throw new UsageException("the shell is nobody's seat; update or replace its bundle, guests go on");
        List<Seat> all = seats(g);
        Optional<Seat> found = all.stream().filter(s -> s.name().equals(name)).findFirst();
        List<String> names = all.stream().map(Seat::name).toList();
        return found.orElseThrow(() -> new UsageException(
            g + " has no seat '" + name + "'" + Nearest.hint(name, names) + "; there are: " + String.join(", ", names)));
    }

    /** {@code cpu: *interpreter, tiered; wanted is tiered}. */
    private static String words(Seat s) {
        List<String> all = s.providers().stream().map(p -> (p.sits() ? "*" : "") + p.name() + ", " + p.about()).toList();
        return s.name() + ": " + (all.isEmpty() ? "nobody is here" : String.join("; ", all)) + (s.wanted().isEmpty() ? "" : "; wanted is " + s.wanted());
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index == 1) return guests.names();
        Optional<Guest> guest = words.size() > 1 ? guests.host().find(words.get(1)) : Optional.empty();
        List<Seat> machine = guest.map(this::seats).orElse(List.of());
        if (index == 2) return machine.stream().map(Seat::name).toList();
        if (index > 3) return List.of();
        List<String> names = new ArrayList<>();
        machine.stream().filter(s -> s.name().equals(words.get(2))).flatMap(s -> s.providers().stream()).forEach(p -> names.add(p.name()));
        if (!names.isEmpty()) names.add(AUTO);
        return names;
    }
}
