package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.CodeChangesContract;

class TieredCodeChangesTest extends CodeChangesContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
