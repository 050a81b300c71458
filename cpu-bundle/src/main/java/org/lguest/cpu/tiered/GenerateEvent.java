package org.lguest.cpu.tiered;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.lguest.api.Guest;

/** Flight Recorder: code was generated. */
@Name("org.lguest.Generate")
@Label("Code generated")
@Category("lguest")
@Description("Guest code became a class of the JVM")
@StackTrace(false)
final class GenerateEvent extends Event {
    @Label("Guest") String guest;
    @Label("Address") @Description("guest-physical, of the entry") long address;
    @Label("Instructions") int size;
    @Label("Bytes") int bytes;

    /** After {@link #end}. */
    void done(Guest g, Generated code) {
        if (!shouldCommit()) return;
        guest = g.toString();
        address = code.address();
        size = code.size();
        bytes = code.bytes();
        commit();
    }
}
