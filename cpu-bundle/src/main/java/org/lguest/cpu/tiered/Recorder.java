package org.lguest.cpu.tiered;

import jdk.jfr.FlightRecorder;
import org.lguest.api.Guest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flight Recorder, where there is one at work. The class of an event must not be touched before: it registers itself, for which the JVM describes all its own events
 * by annotations, and that takes a tenth of a second when a guest boots and waits for its first code. Any thread.
 *
 * <p>The JVM writes into an event's class a call of its own {@code jdk.jfr.internal.event}, which an OSGi framework lets no bundle see unless
 * {@code org.osgi.framework.bootdelegation} names it. Where it does not, nothing is recorded, and guests do not notice.
 */
final class Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** Events cannot be written here. */
    private static volatile boolean mute;

    private Recorder() { }

    private static boolean works() { return !mute && FlightRecorder.isInitialized(); }

    private static void record(Runnable event) {
        try {
            event.run();
        } catch (LinkageError e) {
            mute = true;
            LOG.warn("Flight Recorder is not told of generated code: the framework's property org.osgi.framework.bootdelegation has to name jdk.jfr.internal.event", e);
        }
    }

    /** Code is generated from now on; null when nobody wants to know. */
    static GenerateEvent generates() {
        if (!works()) return null;
        GenerateEvent event = new GenerateEvent();
        event.begin();
        return event;
    }

    /** What {@link #generates} has answered ends. */
    static void generated(GenerateEvent event) {
        if (event != null) event.end();
    }

    /** What has ended is in use. */
    static void installed(GenerateEvent event, Guest guest, Generated code) {
        if (event != null) record(() -> event.done(guest, code));
    }

    /** Generated code has gone because there was too much. */
    static void evicted(Guest guest, int evicted, int left) {
        if (works()) record(() -> new EvictEvent().done(guest, evicted, left));
    }

    /** An instruction was left to the interpreter. */
    static void sideExit(Guest guest, long region, int eip) {
        if (works()) record(() -> new SideExitEvent().done(guest, region, eip));
    }
}
