package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.SegmentationContract;

class TieredSegmentationTest extends SegmentationContract {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
