package org.lguest.api;

import static org.junit.jupiter.api.Assertions.*;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.GuestMemory;

/** Parts change between turns, and only there. */
@Timeout(300)
class VcpuThreadTest {
    private GuestMemory memory;
    private Guest guest;

    @BeforeEach
    void guest() throws IOException {
        memory = GuestMemory.create(1 << 20);
        guest = new Guest(new GuestSpec("test", 1, null, null, "", List.of(), null), memory);
    }

    @AfterEach
    void end() {
        guest.kill("end of test");
        if (guest.vcpu() != null) guest.vcpu().finished().join();
        memory.close();
    }

    /** A switcher that says what happened to it. */
    private static final class Recorder implements Switcher {
        final CountDownLatch turned = new CountDownLatch(3);
        final AtomicInteger adopted = new AtomicInteger(), released = new AtomicInteger();
        final Next answer;
        volatile boolean inside;
        volatile boolean usedAfterRelease;

        Recorder(Next answer) { this.answer = answer; }

        @Override public Next turn(Guest g, Parts parts) {
            inside = true;
            if (released.get() > 0) usedAfterRelease = true;
            turned.countDown();
            inside = false;
            return answer;
        }

        @Override public boolean reflect(Guest g, Parts parts, int trap, int errorCode) { return true; }
        @Override public void adopt(Guest g) { adopted.incrementAndGet(); }
        @Override public void release(Guest g) { released.incrementAndGet(); }
    }

    private static <T> T stub(Class<T> type) {
        return type.cast(java.lang.reflect.Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (p, m, a) -> m.getName().equals("equals") ? p == a[0] : m.getName().equals("hashCode") ? (Object) System.identityHashCode(p) : null));
    }

    private static Parts parts(Switcher s) {
        Map<Hypercall.Family, HypercallFamily> families = new EnumMap<>(Hypercall.Family.class);
        for (var f : Hypercall.Family.values()) families.put(f, stub(HypercallFamily.class));
        return new Parts(stub(CpuEngine.class), stub(Mmu.class), s, stub(GuestClock.class), families, null);
    }

    private static Parts with(Parts p, Switcher s) { return new Parts(p.cpu(), p.mmu(), s, p.clock(), p.families(), p.host()); }

    private static GuestClock clockAt(long wallNanos) {
        return new GuestClock() {
            @Override public long wallNanos(Guest g) { return wallNanos; }
            @Override public long tsc(Guest g) { return 0; }
            @Override public void clockEvent(Guest g, int delta) { }
        };
    }

    @Test
    void aGuestThatStoodStillIsToldTheTimeAgainAndThatIsCounted() {
        guest.data().locate(Generation.LINUX_3_1, 0x1000);
        VcpuThread t = start(new Recorder(Switcher.Next.SLEEP));
        t.change(p -> new Parts(p.cpu(), p.mmu(), p.switcher(), null, p.families(), null));
        long before = guest.counters().stillNanos;
        assertEquals(Life.PARKED, guest.life());
        t.change(p -> new Parts(p.cpu(), p.mmu(), p.switcher(), clockAt(5_000_000_007L), p.families(), null));
        int at = Generation.LINUX_3_1.layout().time();
        assertEquals(List.of(5, 7), List.of(guest.data().get(at), guest.data().get(at + 4)));
        assertTrue(guest.counters().stillNanos > before);
    }

    private VcpuThread start(Switcher s) { return start(new VcpuThread(guest, parts(s))); }

    private VcpuThread start(VcpuThread t) {
        guest.run(t);
        t.start();
        return t;
    }

    @Test
    void aReplacedPartIsReleasedAndNeverUsedAgain() throws InterruptedException {
        var old = new Recorder(Switcher.Next.RUN);
        var fresh = new Recorder(Switcher.Next.RUN);
        VcpuThread t = start(old);
        assertTrue(old.turned.await(60, TimeUnit.SECONDS));
        t.change(p -> with(p, fresh));
        assertEquals(1, old.released.get());
        assertFalse(old.inside);
        assertTrue(fresh.turned.await(60, TimeUnit.SECONDS));
        assertEquals(1, fresh.adopted.get());
        assertFalse(old.usedAfterRelease);
    }

    @Test
    void anEmptySeatParksTheGuestUntilItIsTaken() throws InterruptedException {
        VcpuThread t = start(new Recorder(Switcher.Next.RUN));
        t.change(p -> with(p, null));
        assertEquals(Life.PARKED, guest.life());
        assertEquals("switcher", t.parts().missing());
        var fresh = new Recorder(Switcher.Next.RUN);
        t.change(p -> with(p, fresh));
        assertTrue(fresh.turned.await(60, TimeUnit.SECONDS));
        assertEquals(Life.RUNNING, guest.life());
    }

    @Test
    void aSleepingGuestChangesItsPartsToo() {
        var old = new Recorder(Switcher.Next.SLEEP);
        VcpuThread t = start(old);
        t.change(p -> with(p, new Recorder(Switcher.Next.SLEEP)));
        assertEquals(1, old.released.get());
    }

    @Test
    void anInterruptEndsASleep() throws InterruptedException {
        var once = new CountDownLatch(1);
        var twice = new CountDownLatch(2);
        start(new Switcher() {
            @Override public Next turn(Guest g, Parts parts) {
                g.cpu().lower(org.lguest.api.state.CpuState.INTERRUPT);
                once.countDown();
                twice.countDown();
                return Next.SLEEP;
            }

            @Override public boolean reflect(Guest g, Parts parts, int trap, int errorCode) { return true; }
        });
        assertTrue(once.await(60, TimeUnit.SECONDS));
        guest.lines().raise(3);
        assertTrue(twice.await(60, TimeUnit.SECONDS));
    }

    @Test
    void aPartThatThrowsCostsItsGuestTheLifeAndReleasesAllParts() {
        VcpuThread t = start(new Switcher() {
            @Override public Next turn(Guest g, Parts parts) { throw new IllegalStateException("broken part"); }
            @Override public boolean reflect(Guest g, Parts parts, int trap, int errorCode) { return true; }
        });
        t.finished().join();
        assertTrue(guest.endingNow().reason().contains("broken part"), guest.endingNow().reason());
        assertEquals(IllegalStateException.class, t.failure().getClass());
    }

    /** Turns of a second by a clock of their own. */
    private static final class Seconds implements Switcher {
        final java.util.concurrent.atomic.AtomicLong now = new java.util.concurrent.atomic.AtomicLong();
        final AtomicInteger turns = new AtomicInteger();
        final CountDownLatch first = new CountDownLatch(1), second = new CountDownLatch(2);

        @Override public Next turn(Guest g, Parts parts) {
            now.addAndGet(1_000_000_000);
            turns.incrementAndGet();
            first.countDown();
            second.countDown();
            return Next.RUN;
        }

        @Override public boolean reflect(Guest g, Parts parts, int trap, int errorCode) { return true; }
    }

    private static void business(VcpuThread t) {
        var done = new CountDownLatch(1);
        t.between(done::countDown);
        try {
            assertTrue(done.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aGuestThatHasUsedItsShareRestsButItsBusinessIsDone() throws InterruptedException {
        var s = new Seconds();
        guest.limit(Limits.NONE.cpu(1));
        VcpuThread t = start(new VcpuThread(guest, parts(s), s.now::get));
        assertTrue(s.first.await(60, TimeUnit.SECONDS));
        for (int i = 0; i < 10; i++) business(t);
        assertEquals(1, s.turns.get(), "a second's turn is paid for after 99 more");
        assertTrue(guest.stretch < Integer.MAX_VALUE, "turns are short");
        s.now.addAndGet(100_000_000_000L);
        business(t);
        assertTrue(s.second.await(60, TimeUnit.SECONDS));
    }

    @Test
    void aGuestWhoseShareIsGivenBackGoesOnAtOnce() throws InterruptedException {
        var s = new Seconds();
        guest.limit(Limits.NONE.cpu(1));
        start(new VcpuThread(guest, parts(s), s.now::get));
        assertTrue(s.first.await(60, TimeUnit.SECONDS));
        guest.limit(Limits.NONE);
        assertTrue(s.second.await(60, TimeUnit.SECONDS));
        assertEquals(Integer.MAX_VALUE, guest.stretch);
    }

    @Test
    void limitsAreValues() {
        var l = Limits.NONE.cpu(25).device(1, new org.lguest.api.state.Rate(1000, 0));
        assertEquals(l, Limits.NONE.device(1, new org.lguest.api.state.Rate(1000, 0)).cpu(25));
        assertEquals(Limits.NONE.cpu(25), l.device(1, org.lguest.api.state.Rate.NONE));
        assertFalse(l.device(0).limited());
        assertThrows(IllegalArgumentException.class, () -> Limits.NONE.cpu(101));
        assertThrows(IllegalArgumentException.class, () -> Limits.NONE.cpu(-1));
    }

    @Test
    void theFirstReasonOfDeathWins() {
        guest.kill("first");
        guest.kill("second");
        assertEquals("first", guest.endingNow().reason());
        assertEquals(Life.DEAD, guest.life());
    }
}
