package org.lguest.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.jline.terminal.Terminal;
import org.lguest.api.Guest;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * P:140 What the guests are busy with, second by second: on a terminal until a key is pressed, elsewhere once. Nothing is
 * measured for it that is not counted anyway.
 */
@Component(service = TopCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "top")
public final class TopCommand extends Commands {
    private static final long SECOND = 1000;
    private static final String HOME_AND_CLEAR = "\033[H\033[2J";

    private final Guests guests;

    /** Called by Declarative Services. */
    @Activate
    public TopCommand(@Reference Guests guests) { this.guests = guests; }

    @Descriptor("shows what all guests are busy with; any key ends it")
    public void top(CommandSession session) throws IOException {
        watch(session, () -> guests.host().guests().stream().filter(g -> !g.dead()).toList(), false);
    }

    @Descriptor("shows what one guest is busy with, by cause; any key ends it")
    public void top(CommandSession session, @Descriptor("name or number of the guest") String guest) throws IOException, UsageException {
        Guest g = guests.living(guest);
        watch(session, () -> g.dead() ? List.of() : List.of(g), true);
    }

    private void watch(CommandSession session, Supplier<List<Guest>> whom, boolean causes) throws IOException {
        boolean terminal = session.get(".terminal") instanceof Terminal;
        PrintStream out = session.getConsole();
        Map<Integer, Activity> before = new HashMap<>();
        for (Guest g : whom.get()) before.put(g.id(), Activity.of(g));
        try (Guests.Visit _ = guests.visit(); Keys keys = terminal ? Keys.of((Terminal) session.get(".terminal")) : Keys.of(session.getKeyboard())) {
            do {
                boolean pressed = keys.read(SECOND).length > 0;
                if (pressed && terminal) return;
                if (terminal) out.print(HOME_AND_CLEAR);
                page(whom.get(), before, causes, rows(session)).forEach(l -> out.print(l + "\r\n"));
                out.flush();
            } while (terminal && !before.isEmpty() && !guests.closing());
        }
    }

    private static int rows(CommandSession session) {
        return session.get(".terminal") instanceof Terminal t && t.getHeight() > 2 ? t.getHeight() - 1 : Integer.MAX_VALUE;
    }

    /** A guest's activity at two moments. */
    private record Look(Guest guest, Activity then, Activity now) {
        long done() { return now.since(then); }
    }

    /** The lines of one moment, the busiest guests first, as many as there is room for; the moment becomes the next one's {@code before}. */
    private static List<String> page(List<Guest> present, Map<Integer, Activity> before, boolean causes, int rows) {
        if (present.isEmpty()) {
            before.clear();
            return List.of("no guests; lguest:start starts one");
        }
        List<Look> looks = new ArrayList<>();
        for (Guest g : present) {
            Activity now = Activity.of(g);
            Activity then = before.put(g.id(), now);
            if (then != null) looks.add(new Look(g, then, now));
        }
        looks.sort(Comparator.comparingLong(Look::done).reversed());
        List<String> lines = new ArrayList<>();
        lines.add(Activity.heading());
        for (Look l : looks) {
            lines.add(l.now.line(l.guest, l.then));
            if (causes) lines.addAll(l.now.causes(l.then));
        }
        if (lines.size() <= rows) return lines;
        List<String> shown = new ArrayList<>(lines.subList(0, rows - 1));
        shown.add("and " + (lines.size() - shown.size()) + " more, that do less");
        return shown;
    }

    @Override
    public List<String> completions(List<String> words, int index) { return index == 1 ? guests.names() : List.of(); }
}
