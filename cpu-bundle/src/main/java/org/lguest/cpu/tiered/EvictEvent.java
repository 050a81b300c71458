package org.lguest.cpu.tiered;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.lguest.api.Guest;

/** Flight Recorder: generated code went because there was too much of it. */
@Name("org.lguest.Evict")
@Label("Code evicted")
@Category("lguest")
@Description("Generated code that was entered least has gone")
@StackTrace(false)
final class EvictEvent extends Event {
    @Label("Guest") String guest;
    @Label("Evicted") int evicted;
    @Label("Left") int left;

    void done(Guest g, int evicted, int left) {
        if (!shouldCommit()) return;
        guest = g.toString();
        this.evicted = evicted;
        this.left = left;
        commit();
    }
}
