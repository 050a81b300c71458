package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.IdentityContract;

class InterpreterIdentityTest extends IdentityContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }
}
