package org.lguest.testkit;

import org.lguest.api.part.GuestClock;

/** The clock that tests turn keeps the contract of clocks. */
class ManualClockTest extends GuestClockContract {
    @Override
    protected GuestClock clock() { return new ManualClock(1_700_000_000_123_456_789L); }

    @Override
    protected void pass(GuestClock clock, long nanos) { ((ManualClock) clock).advance(nanos); }
}
