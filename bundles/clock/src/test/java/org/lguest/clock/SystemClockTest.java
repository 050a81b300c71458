package org.lguest.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.GuestClock;
import org.lguest.testkit.GuestClockContract;
import org.lguest.testkit.TestGuests;

/** The host's time keeps the contract of clocks. */
class SystemClockTest extends GuestClockContract {
    @Override
    protected GuestClock clock() { return new SystemClock(); }

    @Override
    protected void pass(GuestClock clock, long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left; (left = until - System.nanoTime()) > 0;) LockSupport.parkNanos(left);
    }

    @Test
    void eventThatIsReplacedWhileItGoesOffIsNotRaised() throws InterruptedException {
        var clock = new SystemClock();
        Guest g = TestGuests.of(1);
        Guest after = TestGuests.of(1);
        clock.adopt(g);
        clock.adopt(after);
        synchronized (g.clock()) {
            clock.clockEvent(g, 1000);
            awaitBlockedTimer();
            clock.clockEvent(g, -1);
        }
        var raised = new Semaphore(0);
        after.lines().onRaise(raised::release);
        clock.clockEvent(after, 1000); // the one timer thread is through with the first when it gets to this
        assertTrue(raised.tryAcquire(120, TimeUnit.SECONDS));
        assertEquals(0, g.lines().raised());
        clock.stop();
        g.memory().close();
        after.memory().close();
    }

    /** Until the timer thread of a clock waits for the lock that this thread holds. */
    private static void awaitBlockedTimer() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("lguest clock") && t.getState() == Thread.State.BLOCKED)) {
            assertTrue(System.nanoTime() < deadline, "the event did not go off");
            LockSupport.parkNanos(100_000);
        }
    }

    /** On a host that is so busy that its own sleepers oversleep, events are compared with those: one has two threads to wake instead of one. */
    @Test
    void mostEventsComeWithinAMillisecond() throws InterruptedException {
        var clock = new SystemClock();
        Guest g = TestGuests.of(1);
        var raised = new Semaphore(0);
        g.lines().onRaise(raised::release);
        clock.adopt(g);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        long[] late = new long[101], slept = new long[late.length];
        do {
            for (int i = 0; i < late.length; i++) {
                long start = System.nanoTime();
                clock.clockEvent(g, 300_000);
                assertTrue(raised.tryAcquire(120, TimeUnit.SECONDS));
                late[i] = System.nanoTime() - start - 300_000;
                start = System.nanoTime();
                pass(clock, 300_000);
                slept[i] = System.nanoTime() - start - 300_000;
            }
            java.util.Arrays.sort(late);
            java.util.Arrays.sort(slept);
        } while (late[25] >= 1_000_000 + 3 * slept[25] && System.nanoTime() < end);
        System.out.printf("clock events late by %d us (median), %d us (90th percentile); sleepers by %d us%n", late[50] / 1000, late[90] / 1000, slept[50] / 1000);
        assertTrue(late[25] < 1_000_000 + 3 * slept[25], "three quarters of the events are more than a millisecond late: " + late[25] + " ns");
        clock.release(g);
        clock.stop();
        g.memory().close();
    }
}
