package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.NearbyMemoryContract;

class CheckedNearbyMemoryTest extends NearbyMemoryContract {
    @Override
    protected CpuEngine engine() { return Eager.checked(); }
}
