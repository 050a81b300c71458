package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.NearbyMemoryContract;

class InterpreterNearbyMemoryTest extends NearbyMemoryContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }
}
