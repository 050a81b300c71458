package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.SegmentationContract;

class InterpreterSegmentationTest extends SegmentationContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }
}
