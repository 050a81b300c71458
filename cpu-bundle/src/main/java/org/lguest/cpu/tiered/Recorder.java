package org.lguest.cpu.tiered;

import jdk.jfr.FlightRecorder;
import org.lguest.api.Guest;

/**
 * Flight Recorder, where there is one at work. The class of an event must not be touched before: it registers itself, for which the JVM describes all its own events
 * by annotations, and that takes a tenth of a second when a guest boots and waits for its first code. Any thread.
 */
final class Recorder {
    private Recorder() { }

    private static boolean works() { return FlightRecorder.isInitialized(); }

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
        if (event != null) event.done(guest, code);
    }

    /** Generated code has gone because there was too much. */
    static void evicted(Guest guest, int evicted, int left) {
        if (works()) new EvictEvent().done(guest, evicted, left);
    }

    /** An instruction was left to the interpreter. */
    static void sideExit(Guest guest, long region, int eip) {
        if (works()) new SideExitEvent().done(guest, region, eip);
    }
}
