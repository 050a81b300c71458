package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.proof.SiliconTest;

class TieredSiliconTest extends SiliconTest {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
