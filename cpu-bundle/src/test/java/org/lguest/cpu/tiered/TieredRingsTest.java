package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.rings.RingsTest;

class TieredRingsTest extends RingsTest {
    @Override
    protected CpuEngine engine() { return Eager.engine(); }
}
