package org.lguest.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lguest.api.ControlException.Errno;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GuestClock;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;

/** The semantics of /dev/lguest (ABI section 8). */
@Timeout(600)
class ControlTest {
    private static final int FRAMES = (1 << 20) / 4096;
    /** {@code -Dcontrol.cases=1000000} for a long storm of requests, {@code -Dcontrol.seed=N} for another one. */
    private static final int CASES = Integer.getInteger("control.cases", 3000), SEED = Integer.getInteger("control.seed", 7);

    private GuestMemory memory;
    private Guest guest;
    private Control control;
    private final Script script = new Script();

    /** Each turn does what comes next in the script; without a script the guest goes round in circles. */
    private static final class Script implements Switcher {
        final BlockingQueue<Runnable> steps = new LinkedBlockingQueue<>();
        final AtomicInteger turns = new AtomicInteger();

        @Override
        public Next turn(Guest g, Parts parts) {
            turns.incrementAndGet();
            if (g.dma().pending()) return Next.RUN;
            Runnable step = steps.poll();
            if (step != null) step.run();
            return g.halted ? Next.SLEEP : Next.RUN;
        }

        @Override
        public boolean reflect(Guest g, Parts parts, int trap, int errorCode) { return true; }
    }

    @BeforeEach
    void guest() throws Exception {
        memory = GuestMemory.create(1 << 20);
        guest = new Guest(new GuestSpec("test", 1, null, null, "", List.of(), null), memory);
        control = guest.control();
    }

    private void initialize() throws ControlException { control.initialize(FRAMES, 0x1000, 0xC0100000, 0xC0000000); }

    private void start() {
        Map<Hypercall.Family, HypercallFamily> families = new EnumMap<>(Hypercall.Family.class);
        for (var f : Hypercall.Family.values()) families.put(f, stub(HypercallFamily.class));
        VcpuThread t = new VcpuThread(guest, new Parts(stub(CpuEngine.class), stub(Mmu.class), script, stub(GuestClock.class), families, null));
        guest.run(t);
        t.start();
    }

    private static <T> T stub(Class<T> type) {
        return type.cast(java.lang.reflect.Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (p, m, a) -> m.getName().equals("equals") ? p == a[0] : m.getName().equals("hashCode") ? (Object) System.identityHashCode(p) : null));
    }

    @AfterEach
    void end() {
        guest.kill("end of test");
        if (guest.vcpu() != null) guest.vcpu().finished().join();
        control.close();
        memory.close();
    }

    private static void refused(Errno errno, org.junit.jupiter.api.function.Executable what) {
        assertEquals(errno, assertThrows(ControlException.class, what).errno());
    }

    @Test
    void nothingIsToBeHadBeforeInitialize() {
        refused(Errno.EINVAL, control::read);
        refused(Errno.EINVAL, () -> control.irq(1));
        refused(Errno.EINVAL, () -> control.getDma(0));
        refused(Errno.EINVAL, () -> control.breakOut(true));
    }

    @Test
    void initializeSetsTheGuestUpAndIsForOnce() throws Exception {
        initialize();
        assertEquals(0xC0100000, guest.cpu().eip);
        assertEquals(0x1000, guest.roots().current);
        assertEquals(0xC0000000, guest.roots().kernelAddress);
        assertEquals(false, guest.roots().linear);
        refused(Errno.EBUSY, this::initialize);
    }

    @Test
    void aTableOutsideOfMemoryOrAcrossPagesIsRefused() {
        refused(Errno.EINVAL, () -> control.initialize(FRAMES, 0x1004, 0, 0));
        refused(Errno.EINVAL, () -> control.initialize(FRAMES, 1 << 20, 0, 0));
        refused(Errno.EINVAL, () -> control.initialize(0x7FFFFFFF, 0x1000, 0, 0));
        refused(Errno.EINVAL, () -> control.initialize(FRAMES, -4096, 0, 0));
    }

    @Test
    void thereAreSixteenGuestsAndAClosedOneMakesRoom() throws Exception {
        List<Guest> all = new ArrayList<>();
        try {
            for (int i = 0; i < Control.MOST_GUESTS; i++) {
                Guest g = new Guest(guest.spec(), memory);
                g.control().initialize(FRAMES, 0x1000, 0, 0xC0000000);
                all.add(g);
            }
            assertEquals(Control.MOST_GUESTS, all.stream().map(g -> g.control().guestId()).distinct().count());
            refused(Errno.ENOSPC, this::initialize);
            all.getFirst().control().close();
            initialize();
        } finally {
            all.forEach(g -> g.control().close());
        }
    }

    @Test
    void theGuestRunsOnlyWhileSomebodyReads() throws Exception {
        initialize();
        start();
        script.steps.add(() -> guest.dma().post(0x2000, 0x40));
        assertEquals(new Control.Sent(0x2000, 0x40), control.read());
        int turns = script.turns.get();
        guest.vcpu().change(p -> p); // what a vCPU that runs would do in between
        assertEquals(turns, script.turns.get(), "turns while nobody reads");
        assertTrue(guest.dma().pending(), "the message waits until the next read");
        script.steps.add(() -> guest.dma().post(0x3000, 0x44));
        assertEquals(new Control.Sent(0x3000, 0x44), control.read());
    }

    @Test
    void aBreakEndsTheReadAndHoldsWhoBreaksUntilItIsTakenBack() throws Exception {
        initialize();
        start();
        script.steps.add(() -> guest.halted = true);
        CompletableFuture<Void> waker = CompletableFuture.runAsync(() -> {
            try {
                control.breakOut(true);
            } catch (ControlException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertInstanceOf(Control.Broken.class, control.read());
        assertEquals(false, waker.isDone());
        assertInstanceOf(Control.Broken.class, control.read(), "until it is taken back");
        control.breakOut(false);
        waker.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aDeadGuestIsToldFirstAndThenWhy() throws Exception {
        initialize();
        start();
        script.steps.add(() -> guest.kill("bad guest page 0x1"));
        assertInstanceOf(Control.Died.class, control.read());
        assertEquals(new Control.Reason("bad guest page 0x1"), control.read());
        assertEquals(new Control.Reason("bad guest page 0x1"), control.read());
        refused(Errno.ENOENT, () -> control.irq(1));
        refused(Errno.ENOENT, () -> control.getDma(0));
        refused(Errno.ENOENT, () -> control.breakOut(true));
        refused(Errno.ENOENT, this::initialize);
    }

    @Test
    void theReaderIsOneThread() throws Exception {
        initialize();
        start();
        script.steps.add(() -> guest.dma().post(0x2000, 0));
        control.read();
        var other = CompletableFuture.supplyAsync(() -> assertThrows(ControlException.class, control::read).errno());
        assertEquals(Errno.EPERM, other.get(60, TimeUnit.SECONDS));
    }

    @Test
    void interruptLinesAreThirtyTwo() throws Exception {
        initialize();
        control.irq(31);
        assertEquals(1 << 31, guest.lines().pending());
        refused(Errno.EINVAL, () -> control.irq(32));
        refused(Errno.EINVAL, () -> control.irq(-1));
    }

    @Test
    void aBufferComesWithItsInterruptLine() throws Exception {
        initialize();
        refused(Errno.ENOENT, () -> control.getDma(0x40));
        guest.dma().bind(0x40, 0x2000, 2, 9);
        assertEquals(0x2000, control.getDma(0x40));
        assertEquals(9, memory.load32(0x2000), "used_len says which line");
        assertEquals(0x2000 + 100, control.getDma(0x40), "the first is taken now");
    }

    @Test
    void aKeyThatIsNoneEndsTheGuest() throws Exception {
        initialize();
        refused(Errno.ENOENT, () -> control.getDma(3));
        assertEquals("bad registered DMA buffer", guest.endingNow().reason());
    }

    @Test
    void closingForgetsAllBindings() throws Exception {
        initialize();
        guest.dma().bind(0x40, 0x2000, 2, 9);
        control.close();
        assertEquals(0, guest.dma().count());
    }

    @Test
    void aClosedDeviceAnswersNothingAndItsGuestNeverRunsAgain() throws Exception {
        initialize();
        start();
        script.steps.add(() -> guest.dma().post(0x2000, 0));
        control.read();
        control.close();
        control.close();
        assertTrue(guest.dead());
        assertEquals("its control device was closed", guest.endingNow().reason());
        refused(Errno.EBADF, this::initialize);
        refused(Errno.EBADF, control::read);
        refused(Errno.EBADF, () -> control.irq(1));
        refused(Errno.EBADF, () -> control.getDma(0));
        refused(Errno.EBADF, () -> control.breakOut(true));
    }

    @Test
    void aDeviceThatWasNeverInitializedIsClosedWithoutHarm() {
        control.close();
        assertFalse(guest.dead(), "it is none that needs a control device");
        refused(Errno.EBADF, this::initialize);
    }

    @Test
    void anInterruptLineThatIsNoneInABufferEndsTheGuest() throws Exception {
        initialize();
        guest.expect(Generation.LINUX_2_6_23);
        DeviceState device = guest.devicePage().add(new DeviceType(1, "console"), "", new int[0], 0, new byte[0]);
        DmaMessages.filled(guest, device, new DmaList(0x2000, 31, new long[0], new int[0]), 5);
        assertEquals(5, memory.load32(0x2000));
        assertFalse(guest.dead());
        DmaMessages.filled(guest, device, new DmaList(0x2000, 1500, new long[0], new int[0]), 5);
        assertEquals("Triggering irq 1500", guest.endingNow().reason());
    }

    /** One reads, one breaks, one does whatever; the guest sends, sleeps, and dies at last. Nothing but refusals comes out, and everybody comes home. */
    @Test
    void whateverIsAskedInWhateverOrderNobodyHangsAndNothingElseIsThrown() throws Exception {
        initialize();
        start();
        var trouble = new ConcurrentLinkedQueue<Throwable>();
        var random = new Random(SEED);
        for (int i = 0; i < CASES; i++) {
            int word = random.nextInt();
            script.steps.add(switch (random.nextInt(4)) {
                case 0 -> () -> guest.dma().post(word, word & ~3);
                case 1 -> () -> guest.dma().bind(word & 0xFC, word, word >>> 20, 1 + (word & 15));
                case 2 -> () -> guest.dma().unbind(word & 0xFC, word);
                default -> () -> { };
            });
        }
        var broken = new AtomicInteger();
        script.steps.add(new Runnable() {
            @Override
            public void run() {
                if (broken.get() > 0) guest.kill("enough");
                else script.steps.add(this); // whoever breaks in may be slow to begin
            }
        });
        Thread breaker = thread(trouble, () -> {
            while (!guest.dead()) control.breakOut(true);
        });
        Semaphore asks = new Semaphore(0); // a monitor is not fair: whoever asks without end may keep all the others out
        Thread other = thread(trouble, () -> {
            var r = new Random(SEED + 1);
            while (!guest.dead()) {
                asks.acquire();
                if (r.nextBoolean()) control.irq(r.nextInt(40) - 4);
                else control.breakOut(false);
            }
        });
        int sent = 0;
        for (Control.Reading r; !((r = control.read()) instanceof Control.Reason);) {
            asks.release(3);
            if (r instanceof Control.Sent) sent++;
            if (!(r instanceof Control.Broken)) continue;
            broken.incrementAndGet();
            fill(random.nextInt(64) * 4);
            if (!guest.dead()) quietly(() -> control.breakOut(false));
        }
        asks.release();
        breaker.join();
        other.join();
        assertEquals(List.of(), List.copyOf(trouble));
        assertTrue(sent > 100, sent + " messages, " + broken + " breaks");
    }

    private void fill(int key) throws Exception { quietly(() -> control.getDma(key)); }

    private interface Asking {
        void ask() throws ControlException, InterruptedException;
    }

    private static void quietly(Asking a) throws InterruptedException {
        try {
            a.ask();
        } catch (ControlException e) {
            assertTrue(e.errno() == Errno.ENOENT || e.errno() == Errno.EINVAL, e.getMessage());
        }
    }

    private static Thread thread(ConcurrentLinkedQueue<Throwable> trouble, Asking a) {
        return Thread.ofVirtual().start(() -> {
            while (true)
                try {
                    a.ask();
                    return;
                } catch (ControlException e) {
                    if (e.errno() == Errno.ENOENT) return;
                    if (e.errno() != Errno.EINVAL) trouble.add(e);
                } catch (Throwable e) {
                    trouble.add(e);
                    return;
                }
        });
    }
}
