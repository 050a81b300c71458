package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.EngineRunContract;

class InterpreterRunTest extends EngineRunContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }
}
