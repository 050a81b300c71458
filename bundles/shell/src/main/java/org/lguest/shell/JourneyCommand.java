package org.lguest.shell;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.shell.Station.Part;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P:130 How this is told. Every bundle carries its sources, and the comments in them that open with a label are the stations of the journey.
 * They are collected from what is installed at this moment, so a part that was replaced tells its own story, not that of the one before.
 */
@Component(service = JourneyCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "journey")
public final class JourneyCommand extends Commands {
    private static final Logger LOG = LoggerFactory.getLogger(JourneyCommand.class);

    private final BundleContext context;

    /** Called by Declarative Services. */
    @Activate
    public JourneyCommand(BundleContext context) { this.context = context; }

    @Descriptor("the journey through this platform's sources: its parts and stations")
    public String journey() throws IOException {
        List<Station> all = Sources.stations(context);
        StringBuilder s = new StringBuilder();
        for (Part part : Part.values()) {
            s.append(part.title()).append(": ").append(part.about).append('\n');
            for (Station station : all) if (station.part() == part) s.append("  ").append(station.label()).append("  ").append(station.opening()).append('\n');
        }
        return s.append("lguest:journey PART tells a whole part in order, lguest:journey LABEL one station").toString();
    }

    @Descriptor("tells a part of the journey in order, or one station")
    public String journey(@Descriptor("Preparation, Guest, Drivers, Launcher, Host, Switcher, Mastery or how such a word begins; or a "
        + "label, such as H:050") String which)
            throws IOException, UsageException {
        String wanted = which.toUpperCase(Locale.ROOT);
        List<Station> chosen = Sources.stations(context).stream().filter(s -> s.label().equals(wanted)).toList();
        if (chosen.isEmpty()) {
            Part part = part(wanted, which);
            chosen = Sources.stations(context).stream().filter(s -> s.part() == part).toList();
        }
        StringBuilder s = new StringBuilder();
        for (Station station : chosen)
            s.append(station.label()).append("  ").append(station.where()).append("\n\n").append(station.text().indent(4)).append('\n');
        return s.append(next(chosen)).toString().stripTrailing();
    }

    /** Where the journey goes on behind these. */
    private static String next(List<Station> told) {
        int part = told.isEmpty() ? 0 : told.getLast().part().ordinal() + 1;
        if (told.size() < 2) return "";
        if (part == Part.values().length) return "This is the end of the journey.";
        return "lguest:journey " + Part.values()[part].title() + " goes on: " + Part.values()[part].about;
    }

    private static Part part(String wanted, String typed) throws UsageException {
        for (Part p : Part.values()) if (!wanted.isEmpty() && p.name().startsWith(wanted)) return p;
        throw new UsageException("the journey has no part or station '" + typed + "'; lguest:journey lists them");
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index != 1) return List.of();
        List<String> all = new ArrayList<>();
        for (Part p : Part.values()) all.add(p.title());
        try {
            Sources.stations(context).forEach(s -> all.add(s.label()));
        } catch (IOException e) { // the labels are a convenience
            LOG.debug("sources cannot be read", e);
        }
        return all;
    }
}
