package org.lguest.shell;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.lguest.shell.Station.Part;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P:130 The journey, told by the bundles that are installed: each carries its sources, and the blocks in them that open
 * with a label are stations. A part that was replaced tells its own story, not that of the one before.
 */
@Component(service = JourneyCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "journey")
public final class JourneyCommand extends Commands {
    private static final Logger LOG = LoggerFactory.getLogger(JourneyCommand.class);
    private static final String SOURCES = "OSGI-OPT/src";

    private final BundleContext context;

    /** Called by Declarative Services. */
    @Activate
    public JourneyCommand(BundleContext context) { this.context = context; }

    @Descriptor("the journey through this platform's sources: its parts and stations")
    public String journey() throws IOException {
        List<Station> all = stations();
        StringBuilder s = new StringBuilder();
        for (Part part : Part.values()) {
            s.append(part.title()).append(": ").append(part.about).append('\n');
            for (Station station : all) if (station.part() == part) s.append("  ").append(station.label()).append("  ").append(station.opening()).append('\n');
        }
        return s.append("lguest:journey PART tells a whole part in order, lguest:journey LABEL one station").toString();
    }

    @Descriptor("tells a part of the journey in order, or one station")
    public String journey(@Descriptor("Preparation, Guest, Drivers, Launcher, Host, Switcher, Mastery or how such a word begins; or a label, such as H:050") String which)
            throws IOException, UsageException {
        String wanted = which.toUpperCase(Locale.ROOT);
        List<Station> chosen = stations().stream().filter(s -> s.label().equals(wanted)).toList();
        if (chosen.isEmpty()) {
            Part part = part(wanted, which);
            chosen = stations().stream().filter(s -> s.part() == part).toList();
        }
        StringBuilder s = new StringBuilder();
        for (Station station : chosen)
            s.append(station.label()).append("  ").append(station.where()).append("\n\n").append(station.text().indent(4)).append('\n');
        return s.toString().stripTrailing();
    }

    private static Part part(String wanted, String typed) throws UsageException {
        for (Part p : Part.values()) if (!wanted.isEmpty() && p.name().startsWith(wanted)) return p;
        throw new UsageException("the journey has no part or station '" + typed + "'; lguest:journey lists them");
    }

    private List<Station> stations() throws IOException {
        List<Station> all = new ArrayList<>();
        for (Bundle b : context.getBundles()) {
            Enumeration<URL> files = b.getSymbolicName().startsWith("org.lguest.") ? b.findEntries(SOURCES, "*.*", true) : null;
            if (files != null) for (URL file : Collections.list(files)) read(file, all);
        }
        Collections.sort(all);
        return all;
    }

    private static void read(URL file, List<Station> into) throws IOException {
        String path = file.getPath().substring(file.getPath().indexOf(SOURCES) + SOURCES.length() + 1);
        if (!path.matches(".*\\.(java|c|h|S)")) return;
        try (InputStream in = file.openStream()) {
            String where = path.endsWith(".java") ? path.substring(0, path.length() - 5).replace('/', '.') : path;
            into.addAll(Station.in(new String(in.readAllBytes(), StandardCharsets.UTF_8), where));
        }
    }

    @Override
    public List<String> completions(List<String> words, int index) {
        if (index != 1) return List.of();
        List<String> all = new ArrayList<>();
        for (Part p : Part.values()) all.add(p.title());
        try {
            stations().forEach(s -> all.add(s.label()));
        } catch (IOException e) { // the labels are a convenience
            LOG.debug("sources cannot be read", e);
        }
        return all;
    }
}
