package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.NearbyMemoryContract;

class TieredNearbyMemoryTest extends NearbyMemoryContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
