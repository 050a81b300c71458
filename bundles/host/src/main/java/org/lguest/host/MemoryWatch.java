package org.lguest.host;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.lguest.api.part.Host;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Looks after the heap on behalf of all guests, four times a second. */
@Component(service = MemoryWatch.class, immediate = true)
public final class MemoryWatch {
    private static final long EVERY_MILLIS = 250;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("lguest memory").factory());

    /** Called by Declarative Services. */
    @Activate
    public MemoryWatch(@Reference Host host) {
        Relief relief = new Relief(new OldGeneration(), host::guests);
        timer.scheduleWithFixedDelay(relief::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The guests end before. */
    @Deactivate
    void stop() { timer.shutdownNow(); }
}
