package org.lguest.switcher;

import org.lguest.api.part.Switcher;
import org.lguest.testkit.SwitcherContract;

/** The run loop keeps the contract of switchers. */
class RunLoopTest extends SwitcherContract {
    @Override
    protected Switcher switcher() { return new RunLoop(); }

    @Override
    protected boolean leavesGates() { return true; }
}
