package org.lguest.cpu.tiered;

import org.lguest.api.part.CpuEngine;
import org.lguest.cpu.proof.SiliconTest;

/** What is left undone in the middle of generated code has left nothing behind; nobody else than the interpreter can tell. */
class CheckedSiliconTest extends SiliconTest {
    @Override
    protected CpuEngine engine() { return Eager.checked(); }
}
