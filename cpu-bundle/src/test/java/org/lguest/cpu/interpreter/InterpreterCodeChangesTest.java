package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.CodeChangesContract;

class InterpreterCodeChangesTest extends CodeChangesContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }
}
