package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.EngineRunContract;

/** Generated code where there is no {@link BareMemory}. */
class SegmentMemoryTest extends EngineRunContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(Reach.SEGMENT); }
}
