package org.lguest.shell;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.api.Guest;
import org.lguest.api.Limits;
import org.lguest.api.state.DeviceState;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** P:150 How much of the Host a guest may use, looked at and changed while it runs. */
@Component(service = LimitCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "limit")
public final class LimitCommand extends Commands {
    private static final String CPU = "cpu";
    private static final String WHICH = "name or number of the guest";

    private final Guests guests;

    /** Called by Declarative Services. */
    @Activate
    public LimitCommand(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("tells what limits a guest has")
    public String limit(@Descriptor(WHICH) String guest) throws UsageException { return words(guests.find(guest)); }

    @Descriptor("limits how much of the host a guest may use, from now on, through its restarts too")
    public String limit(@Descriptor(WHICH) String guest, @Descriptor("cpu, or a device as info names it: block0, \"net 1\"") String what,
            @Descriptor("limit: for cpu 25, which is a quarter of a core, for devices rate=10M,ops=200, or one of the two: bytes and "
                + "requests a second, with K, M, G; off for none")
            String limit) throws UsageException {
        Guest g = guests.living(guest);
        Limits now = g.limits();
        g.limit(what.equals(CPU) ? now.cpu(Rates.share(limit)) : now.device(device(g, what).place, Rates.parse(limit)));
        return words(g);
    }

    private static DeviceState device(Guest g, String name) throws UsageException {
        String wanted = name.replace(" ", "");
        for (DeviceState d : g.devicePage().devices()) if (key(d).equals(wanted)) return d;
        throw new UsageException(g + " has no " + name + "; what can be limited: " + String.join(", ", keys(g)));
    }

    /** What the second word may be. */
    static List<String> keys(Guest g) {
        List<String> keys = new ArrayList<>(List.of(CPU));
        g.devicePage().devices().forEach(d -> keys.add(key(d)));
        return keys;
    }

    private static String key(DeviceState d) { return d.toString().replace(" ", ""); }

    private static String words(Guest g) {
        List<String> lines = new ArrayList<>();
        lines.add(line(CPU, Rates.words(g.limits().cpuPercent())));
        for (DeviceState d : g.devicePage().devices()) lines.add(line(key(d), Rates.words(g.limits().device(d.place))));
        return String.join("\n", lines);
    }

    private static String line(String key, String limit) { return String.format("%-10s %s", key, limit); }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index == 1) return guests.names();
        if (index == 2) return guests.host().find(words.get(1)).map(LimitCommand::keys).orElse(List.of());
        if (index > 3) return List.of();
        return words.get(2).equals(CPU) ? List.of("10", "25", "50", "75", Rates.OFF) : List.of("rate=", "ops=", Rates.OFF);
    }
}
