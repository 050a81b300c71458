package org.lguest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.GuestClock;
import org.lguest.api.state.ClockState;

/** What every clock owes its guests (ABI section 7). */
public abstract class GuestClockContract {
    private static final int MS = 1_000_000;
    private static final long PATIENCE_S = 120;

    /** The clock under test, a new one for each test. */
    protected abstract GuestClock clock();

    /** Lets at least this much of the clock's time pass. */
    protected abstract void pass(GuestClock clock, long nanos);

    private final GuestClock clock = clock();
    private final List<Guest> guests = new ArrayList<>();

    @AfterEach
    void close() {
        for (Guest g : guests) {
            clock.release(g);
            g.memory().close();
        }
    }

    /** A guest on this clock; the semaphore gets a permit whenever a line is raised. */
    private Guest guest(Semaphore raised) {
        Guest g = TestGuests.of(1);
        guests.add(g);
        if (raised != null) g.lines().onRaise(raised::release);
        clock.adopt(g);
        return g;
    }

    private void await(Semaphore raised, long passing) throws InterruptedException {
        pass(clock, passing);
        assertTrue(raised.tryAcquire(PATIENCE_S, TimeUnit.SECONDS), "no interrupt");
    }

    @Test
    void eventRaisesIrq0Once() throws InterruptedException {
        var raised = new Semaphore(0);
        Guest g = guest(raised);
        clock.clockEvent(g, 2 * MS);
        await(raised, 2 * MS);
        assertEquals(1, g.lines().pending());
        g.lines().clear(0);
        clock.clockEvent(g, MS); // another one later shows that the first came once
        await(raised, MS);
        assertEquals(2, g.lines().raised());
        synchronized (g.clock()) { assertEquals(ClockState.OFF, g.clock().dueNanos); }
    }

    @Test
    void eventDoesNotComeEarly() throws InterruptedException {
        var raised = new Semaphore(0);
        Guest g = guest(raised);
        for (int delta : new int[] {1, 100, 50_000, 3 * MS}) {
            long before = clock.wallNanos(g);
            clock.clockEvent(g, delta);
            await(raised, delta);
            // the wall clock of the host has a granularity of its own
            assertTrue(clock.wallNanos(g) - before > delta - 50_000, "an event of " + delta + " ns came after " + (clock.wallNanos(g) - before));
        }
    }

    @Test
    void newEventReplacesTheOldOneAndZeroCancels() throws InterruptedException {
        var raised = new Semaphore(0);
        Guest g = guest(raised);
        synchronized (g.clock()) { // so that nothing goes off before it is replaced, however long that takes
            clock.clockEvent(g, 5 * MS);
            clock.clockEvent(g, 0);
            assertEquals(ClockState.OFF, g.clock().dueNanos);
            clock.clockEvent(g, 5 * MS);
            clock.clockEvent(g, 20 * MS);
        }
        await(raised, 20 * MS);
        pass(clock, 10 * MS);
        assertEquals(1, g.lines().raised(), "only the last event counts");
    }

    @Test
    void deltaIsUnsigned() {
        Guest g = guest(null);
        long before = clock.wallNanos(g);
        synchronized (g.clock()) {
            clock.clockEvent(g, -1);
            assertTrue(g.clock().dueNanos - before >= 0xFFFFFFFFL);
        }
        pass(clock, MS);
        assertNothing(g, before);
    }

    @Test
    void releaseDisarmsAndAdoptArmsAgain() throws InterruptedException {
        var raised = new Semaphore(0);
        Guest g = guest(raised);
        synchronized (g.clock()) { // it does not go off before the release
            clock.clockEvent(g, 10 * MS);
            clock.release(g);
        }
        pass(clock, 20 * MS);
        assertEquals(0, g.lines().raised(), "a clock that has released the guest is silent");
        synchronized (g.clock()) { assertTrue(g.clock().dueNanos != ClockState.OFF, "the event stays in the state"); }
        clock.adopt(g);
        await(raised, 0); // it is overdue
    }

    @Test
    void tscCountsTheToldTicksSinceTheStart() {
        Guest g = guest(null);
        long tsc = clock.tsc(g);
        assertTrue(tsc >= 0 && tsc < 60_000_000_000L, "starts near zero: " + tsc);
        long wall = clock.wallNanos(g);
        pass(clock, 5 * MS);
        long ticks = clock.tsc(g) - tsc;
        assertTrue(ticks >= 5 * MS, ticks + " ticks in 5 ms at 1 GHz");
        assertTrue(clock.wallNanos(g) - wall >= 4 * MS);
        g.clock().tscKhz = 500_000;
        long half = clock.tsc(g);
        g.clock().tscKhz = 1_000_000;
        assertTrue(half <= clock.tsc(g) / 2 + 1, "half the frequency, half the ticks");
    }

    @Test
    void tscGoesOnUnderTheNextClock() {
        Guest g = guest(null);
        pass(clock, 2 * MS);
        long before = clock.tsc(g);
        clock.release(g);
        clock.adopt(g);
        assertTrue(clock.tsc(g) >= before);
    }

    @Test
    void guestsHaveEventsOfTheirOwn() throws InterruptedException {
        var one = new Semaphore(0);
        Guest a = guest(one);
        Guest b = guest(null);
        long before = clock.wallNanos(b);
        clock.clockEvent(a, MS);
        clock.clockEvent(b, -1);
        await(one, MS);
        assertNothing(b, before);
    }

    /** An event of 2<sup>32</sup> nanoseconds that was set after {@code since} has not come, unless so much time has passed meanwhile. */
    private void assertNothing(Guest g, long since) {
        int pending = g.lines().pending();
        assertTrue(pending == 0 || clock.wallNanos(g) - since >= 0xFFFFFFFFL, "it came early");
    }
}
