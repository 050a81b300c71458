package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.testkit.CodeChangesContract;

class CheckedCodeChangesTest extends CodeChangesContract {
    @Override
    protected CpuEngine engine() { return Eager.checked(); }
}
