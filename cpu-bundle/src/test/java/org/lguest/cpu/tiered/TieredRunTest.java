package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.EngineRunContract;

class TieredRunTest extends EngineRunContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
