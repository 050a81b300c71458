package org.lguest.report;

import java.util.List;
import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.lguest.api.part.GuestKeeper;
import org.lguest.api.part.GuestKeeper.Kept;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Do the guests run that are configured? */
@Component(property = {HealthCheck.NAME + "=configured guests", HealthCheck.TAGS + "=lguest"})
public final class KeepersCheck implements HealthCheck {
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<GuestKeeper> keepers;

    /** Called by Declarative Services. */
    public KeepersCheck() { }

    /** For those who have no framework. */
    KeepersCheck(List<GuestKeeper> keepers) { this.keepers = keepers; }

    @Override
    public Result execute() {
        FormattingResultLog log = new FormattingResultLog();
        List<Kept> all = keepers.stream().flatMap(k -> k.kept().stream()).toList();
        for (Kept k : all)
            if (k.well()) log.info("{}: {} {}", k.origin(), k.name(), k.state());
            else log.critical("{}: {} {}", k.origin(), k.name(), k.state());
        if (all.isEmpty()) log.info("no guest is configured");
        return new Result(log);
    }
}
