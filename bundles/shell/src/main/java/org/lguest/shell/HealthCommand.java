package org.lguest.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** P:330 How everybody is: all health checks that there are, those of others too, asked one after the other. */
@Component(service = HealthCommand.class, immediate = true)
@GogoCommand(scope = "lguest", function = "health")
public final class HealthCommand extends Commands {
    private final BundleContext context;

    /** Called by Declarative Services. */
    @Activate
    public HealthCommand(BundleContext context) { this.context = context; }

    @Descriptor("makes all health checks, and tells what they have found")
    public String health() {
        List<String> lines = new ArrayList<>();
        for (ServiceReference<HealthCheck> r : checks()) {
            HealthCheck check = context.getService(r);
            if (check == null) continue; // gone, just now
            tell(lines, r, check.execute());
            context.ungetService(r);
        }
        return lines.isEmpty() ? "there are no health checks; is the bundle org.lguest.report missing?" : String.join("\n", lines);
    }

    private List<ServiceReference<HealthCheck>> checks() {
        try {
            return context.getServiceReferences(HealthCheck.class, null).stream().sorted(Comparator.comparing(HealthCommand::name)).toList();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e); // there is no filter
        }
    }

    private static String name(ServiceReference<HealthCheck> r) {
        Object name = r.getProperty(HealthCheck.NAME);
        return name == null ? "check " + r.getProperty("service.id") : name.toString();
    }

    private static void tell(List<String> lines, ServiceReference<HealthCheck> r, Result result) {
        lines.add(name(r) + ": " + result.getStatus());
        for (ResultLog.Entry e : result) lines.add("  " + (e.getStatus() == Result.Status.OK ? "" : e.getStatus() + " ") + e.getMessage());
    }

    @Override
    public List<String> completions(List<String> words, int index) { return List.of(); }
}
