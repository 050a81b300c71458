package org.lguest.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.jline.terminal.Terminal;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * P:170 A guest watched step by step. What it does is put into words by those who do it, the run loop and the rings, and only while
 * somebody wants to know: a field that is null is all that the rest of the time costs. Each instruction is watched by making turns of
 * one instruction, so that no engine has to know of it.
 */
@Component(service = TraceCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "trace")
public final class TraceCommand extends Commands {
    private static final long LOOK_MILLIS = 50, GLANCE_MILLIS = 1000;
    private static final int SHOWN = 5000;

    /** Somebody watches in the background. */
    private record Background(Watch watch, Lines kept, TraceFile file, CompletableFuture<Ending> ending) { }

    private final Guests guests;
    private final Map<Guest, Background> running = new ConcurrentHashMap<>();

    /** Called by Declarative Services. */
    @Activate
    public TraceCommand(@Reference Guests guests) { this.guests = guests; }

    /** Nobody calls a bundle that has gone. */
    @Deactivate
    void stop() { running.keySet().forEach(this::end); }

    @Descriptor("shows what a guest does, step by step, until a key is pressed; in a session without terminal, for a second. A line tells milliseconds, "
        + "instructions since the guest's start, and the step")
    public String trace(CommandSession session, @Descriptor("name or number of the guest") String guest,
            @Descriptor("what to watch: hypercalls, traps, interrupts, requests (of devices), instructions, all; without, all but "
                + "instructions. --count=N ends after N lines; --file=FILE writes to a file in the background, --keep=N keeps the last N lines "
                + "there, up to 400, which are shown by off, or are in the log of a "
                + "guest that dies; off ends what goes on in the background") String... what)
            throws UsageException, IOException {
        TraceWords words = TraceWords.parse(what, session.currentDir());
        Guest g = words.off() ? guests.find(guest) : guests.living(guest);
        if (words.off()) return off(g);
        if (words.keep() > 0) return background(g, words, new Lines(words.keep()), null);
        if (words.file() != null) return background(g, words, null, new TraceFile(g, words.file()));
        show(session, g, words);
        return null;
    }

    private static void begin(Guest g, Watch watch) throws UsageException {
        if (!g.trace(null, watch)) throw new UsageException(g + " is watched already; \"lguest:trace " + g + " off\" ends what goes on in the background");
    }

    private String background(Guest g, TraceWords words, Lines kept, TraceFile file) throws UsageException {
        Background b = new Background(new Watch(words.categories(), kept != null ? kept : file), kept, file, g.ending());
        try {
            begin(g, b.watch());
        } catch (UsageException e) {
            if (file != null) file.close();
            throw e;
        }
        running.put(g, b);
        b.ending().thenRun(() -> end(g).forEach(g.log()::add));
        return file == null ? "the last " + words.keep() + " steps of " + g + " are kept" : "the steps of " + g + " are written to " + words.file();
    }

    private String off(Guest g) throws UsageException {
        if (!running.containsKey(g)) throw new UsageException("nobody watches " + g + " in the background");
        List<String> lines = end(g);
        return lines.isEmpty() ? g + " is not watched any more" : String.join("\n", lines);
    }

    /** What was kept. */
    private List<String> end(Guest g) {
        Background b = running.remove(g);
        if (b == null) return List.of();
        g.trace(b.watch(), null);
        b.ending().cancel(false); // or the guest would keep us
        if (b.file() != null) b.file().close();
        return b.kept() == null ? List.of() : b.kept().drain();
    }

    private void show(CommandSession session, Guest g, TraceWords words) throws UsageException, IOException {
        boolean terminal = session.get(".terminal") instanceof Terminal;
        PrintStream out = session.getConsole();
        Lines lines = new Lines(words.count() > 0 ? words.count() : SHOWN);
        Watch watch = new Watch(words.categories(), l -> {
            if (words.count() == 0 || lines.count() < words.count()) lines.accept(l);
        });
        long end = System.nanoTime() + GLANCE_MILLIS * 1_000_000;
        begin(g, watch);
        try (Guests.Visit _ = guests.visit(); Keys keys = terminal ? Keys.of((Terminal) session.get(".terminal")) : Keys.of(session.getKeyboard())) {
            for (boolean more = true; more;) {
                more = keys.read(LOOK_MILLIS).length == 0 && !g.dead() && !guests.closing()
                    && (words.count() > 0 ? lines.count() < words.count() : terminal || System.nanoTime() < end);
                if (!more) g.trace(watch, null);
                for (String l : lines.drain()) out.print(l + "\r\n");
                out.flush();
            }
        } finally {
            g.trace(watch, null);
        }
        if (g.dead()) out.print(g + " has ended: " + g.endingNow() + "\r\n");
    }

    @Override
    public List<String> completions(List<String> words, int index) { return index == 1 ? guests.names() : TraceWords.words(); }
}
