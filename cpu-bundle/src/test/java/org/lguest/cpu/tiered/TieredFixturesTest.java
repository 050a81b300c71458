package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.proof.FixturesTest;

class TieredFixturesTest extends FixturesTest {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
