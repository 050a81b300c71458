package org.lguest.cpu.tiered;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.lguest.api.Guest;

/** Flight Recorder, when somebody asks for it, since there may be a million in a second: an instruction could not be executed in generated code. */
@Name("org.lguest.SideExit")
@Label("Side exit")
@Category("lguest")
@Description("Generated code has left an instruction to the interpreter: a page the SoftTlb does not know, mostly, or a fault")
@StackTrace(false)
@Enabled(false)
final class SideExitEvent extends Event {
    @Label("Guest") String guest;
    @Label("Region") @Description("guest-physical, of its entry") long region;
    @Label("Instruction") @Description("its EIP") long eip;

    void done(Guest g, long region, int eip) {
        if (!shouldCommit()) return;
        guest = g.toString();
        this.region = region;
        this.eip = eip & 0xFFFFFFFFL;
        commit();
    }
}
