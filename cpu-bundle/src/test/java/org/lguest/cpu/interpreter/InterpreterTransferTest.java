package org.lguest.cpu.interpreter;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.TransferContract;

class InterpreterTransferTest extends TransferContract {
    @Override
    protected CpuEngine engine() { return new Interpreter(); }

    @Override
    protected boolean takesGates() { return true; }
}
