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
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.GuestMemory;

/** Parts change between turns, and only there. */
@Timeout(10)
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

    private VcpuThread start(Switcher s) {
        var t = new VcpuThread(guest, parts(s));
        guest.run(t);
        t.start();
        return t;
    }

    @Test
    void aReplacedPartIsReleasedAndNeverUsedAgain() throws InterruptedException {
        var old = new Recorder(Switcher.Next.RUN);
        var fresh = new Recorder(Switcher.Next.RUN);
        VcpuThread t = start(old);
        assertTrue(old.turned.await(5, TimeUnit.SECONDS));
        t.change(p -> with(p, fresh));
        assertEquals(1, old.released.get());
        assertFalse(old.inside);
        assertTrue(fresh.turned.await(5, TimeUnit.SECONDS));
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
        assertTrue(fresh.turned.await(5, TimeUnit.SECONDS));
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
        assertTrue(once.await(5, TimeUnit.SECONDS));
        guest.lines().raise(3);
        assertTrue(twice.await(5, TimeUnit.SECONDS));
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

    @Test
    void theFirstReasonOfDeathWins() {
        guest.kill("first");
        guest.kill("second");
        assertEquals("first", guest.endingNow().reason());
        assertEquals(Life.DEAD, guest.life());
    }
}
