package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.TransferContract;

class TieredTransferTest extends TransferContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }

    @Override
    protected boolean takesGates() { return true; }
}
