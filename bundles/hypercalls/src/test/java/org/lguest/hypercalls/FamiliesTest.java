package org.lguest.hypercalls;

import java.util.List;
import org.lguest.api.part.HypercallFamily;
import org.lguest.testkit.HypercallsContract;

/** The six families keep their contract. */
class FamiliesTest extends HypercallsContract {
    @Override
    protected List<HypercallFamily> families() {
        return List.of(new LifeCalls(), new MemoryCalls(), new DescriptorCalls(), new TimeCalls(), new IoCalls(), new DmaCalls());
    }
}
