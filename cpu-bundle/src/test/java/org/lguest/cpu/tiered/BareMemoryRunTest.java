package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.EngineRunContract;

/** Generated code where the JVM keeps {@link GuestCode#UNSAFE} to itself. */
class BareMemoryRunTest extends EngineRunContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(Reach.BARE); }
}
