package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Seat;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The tiered engine under supervision: each run of generated code is repeated by the interpreter, and a guest for which the two disagree
 * is killed with the difference. Slow; for those who work on the engine, on real guests.
 */
@Component(service = CpuEngine.class, property = {Seat.NAME + "=checked", "service.ranking:Integer=-1000"})
public final class CheckedEngine extends TieredEngine {
    /** Called by Declarative Services. */
    @Activate
    public CheckedEngine() { super(Tuning.checking(), background()); }

    @Override
    @Deactivate
    void stop() { super.stop(); }
}
