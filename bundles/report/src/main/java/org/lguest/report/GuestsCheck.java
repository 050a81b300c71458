package org.lguest.report;

import java.util.List;
import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.lguest.api.Ending;
import org.lguest.api.Guest;
import org.lguest.api.part.Host;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Are the guests well? One that waits for a part is not, nor is one that died of something. */
@Component(property = {HealthCheck.NAME + "=guests", HealthCheck.TAGS + "=lguest"})
public final class GuestsCheck implements HealthCheck {
    private final Host host;

    /** Called by Declarative Services. */
    @Activate
    public GuestsCheck(@Reference Host host) { this.host = host; }

    @Override
    public Result execute() {
        FormattingResultLog log = new FormattingResultLog();
        for (Guest g : host.guests())
            switch (g.life()) {
                case PAUSED -> log.info("{} is paused", g);
                case CREATED -> log.info("{} is about to start", g);
                case PARKED, RUNNING -> living(log, g);
                case DEAD -> dead(log, g);
            }
        if (host.guests().isEmpty()) log.info("there is no guest");
        return new Result(log);
    }

    private void living(FormattingResultLog log, Guest g) {
        List<String> missing = host.missing(g);
        if (!missing.isEmpty()) log.warn("{} waits for somebody in the seat of the {}", g, String.join(", ", missing));
        else log.info("{} runs: {} instructions, {} requests of devices", g, Long.toUnsignedString(g.cpu().retired), g.counters().chains.sum());
    }

    private static void dead(FormattingResultLog log, Guest g) {
        Ending e = g.endingNow();
        boolean bad = e.kind() == Ending.Kind.CRASH || e.kind() == Ending.Kind.KILLED && !g.dismissed();
        if (bad) log.critical("{} is dead: {}", g, e);
        else log.info("{} has ended: {}", g, e);
    }
}
