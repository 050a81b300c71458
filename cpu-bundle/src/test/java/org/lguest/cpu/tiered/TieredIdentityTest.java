package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.IdentityContract;

class TieredIdentityTest extends IdentityContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
