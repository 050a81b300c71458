package org.lguest.api;

import java.security.SecureRandom;
import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.lguest.api.abi.KillText;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DmaBindings;
import org.lguest.api.state.DmaList;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.InterruptLines;

/**
 * L:200 The control device of Linux 2.6.23, {@code /dev/lguest}, of one Guest (ABI section 8): whoever runs a Guest of that time holds it
 * by this and nothing else.
 *
 * <p>The original is a file. It is written to, one word that says what is wanted and arguments behind it, to make the Guest, to interrupt it,
 * to get a buffer of its, or to break into its work. And it is read: a Guest runs only while somebody reads, and the read returns when the
 * Guest has sent something, when somebody breaks in, or when it has died. So whoever has returned from {@link #read} finds the Guest
 * standing still, may fill its buffers in peace, and lets it go on by reading again. Here the Guest has a thread of its own, which waits
 * between two turns while nobody reads; the rest is the same, errors included.
 *
 * <p>{@link #read} is for one thread, the first that does it; the rest is for any.
 */
public final class Control {
    /** Guests of this kind at the same time, in one runtime. */
    public static final int MOST_GUESTS = 16;

    /** Microseconds until the next look when the guest had no room: it does not tell when it has. */
    private static final long SOON = 100, LATER = 50_000;
    private static final BitSet IDS = new BitSet();
    /** Guests of different runtimes may be on one network, and make their addresses from their numbers. */
    private static final int RUNTIME = new SecureRandom().nextInt(65_536 / MOST_GUESTS) * MOST_GUESTS;

    /** What a read returns. */
    public sealed interface Reading permits Sent, Broken, Died, Reason { }

    /** The guest has sent a message: the address of its {@link DmaList} and the key. It waits until the next read. */
    public record Sent(int dma, int key) implements Reading { }

    /** EAGAIN: somebody broke in. */
    public record Broken() implements Reading { }

    /** ENOENT: the guest has died; the next read tells why. */
    public record Died() implements Reading { }

    /** Why the guest has died. */
    public record Reason(String text) implements Reading { }

    private final Guest guest;
    private int id = -1, shown = -1;
    private Thread reader;
    private boolean reading, standing, broken;
    private final Semaphore input = new Semaphore(1); // what came while nobody listened
    private volatile boolean unfinished;
    private long pause;
    private volatile boolean open, closed;

    Control(Guest guest) { this.guest = guest; }

    /** Whether the guest was made by {@link #initialize}; others never wait for a reader. */
    public boolean open() { return open; }

    /**
     * INITIALIZE: the guest gets its registers and its first page table, and a number.
     *
     * @param pfnLimit   first page frame that the guest may not name: at most the end of its memory and its devices' pages
     * @param pgdir      guest-physical address of the top-level page table
     * @param start      virtual address of the first instruction
     * @param pageOffset distance from physical to virtual addresses
     * @throws ControlException EBUSY when it was initialised before, ENOENT when it is dead since, ENOSPC when there are {@link #MOST_GUESTS}, EINVAL for
     *                          a table out of bounds, EBADF when closed
     */
    public void initialize(int pfnLimit, int pgdir, int start, int pageOffset) throws ControlException {
        synchronized (this) {
            if (open) alive();
            if (closed) throw closedAlready();
            if (open) throw new ControlException(ControlException.Errno.EBUSY, "the guest has been initialised");
            long limit = Integer.toUnsignedLong(pfnLimit) * GuestMemory.PAGE;
            if (limit > guest.memory().segment().byteSize() || (pgdir & GuestMemory.PAGE - 1) != 0 || Integer.toUnsignedLong(pgdir) >= limit)
                throw new ControlException(ControlException.Errno.EINVAL,
                    "a page table at " + KillText.hex(pgdir) + " in memory up to page " + KillText.hex(pfnLimit));
            id = number();
            guest.ending().thenRun(this::died);
        }
        guest.roots().linear = false;
        guest.roots().pae = false;
        guest.roots().first = guest.roots().current = pgdir;
        guest.roots().kernelAddress = pageOffset;
        guest.cpu().eip = start;
        open = true;
    }

    private static int number() throws ControlException {
        synchronized (IDS) {
            int free = IDS.nextClearBit(0);
            if (free >= MOST_GUESTS) throw new ControlException(ControlException.Errno.ENOSPC, MOST_GUESTS + " guests of this kind are there already");
            IDS.set(free);
            return free;
        }
    }

    /**
     * The number that the guest makes its network addresses from, 0 to 65535; unique in this runtime and most likely on the host, and for
     * sure on each network that guests share.
     */
    public synchronized int guestId() { return shown >= 0 ? shown : RUNTIME + Math.max(0, id); }

    /** Gives the guest another number than it has, before it runs: another guest on its network has that. */
    public synchronized void renumber(int guestId) { shown = guestId & 0xFFFF; }

    /**
     * GETDMA: a buffer that the guest has bound to this key. Its used_len holds the interrupt line to raise, until the caller has filled the
     * buffer and says how many bytes it used. Only while the guest stands still.
     *
     * @return guest-physical address of a {@link DmaList} that is in memory
     * @throws ControlException ENOENT when none is bound, or the guest is dead
     */
    public int getDma(int key) throws ControlException {
        alive();
        if (!DmaBindings.isKey(guest.memory(), key)) {
            guest.kill("bad registered DMA buffer");
            throw new ControlException(ControlException.Errno.ENOENT, "no key: " + KillText.hex(key));
        }
        DmaBindings.Buffer buffer = guest.dma().buffer(guest.memory(), key);
        if (buffer == null) throw new ControlException(ControlException.Errno.ENOENT, "nothing is bound to " + KillText.hex(key));
        guest.memory().store32(buffer.address(), buffer.irq());
        return (int) buffer.address();
    }

    /**
     * IRQ: raises an interrupt line.
     *
     * @throws ControlException EINVAL for a line that is none, ENOENT when the guest is dead
     */
    public void irq(int line) throws ControlException {
        alive();
        if (line < 0 || line >= InterruptLines.LINES) throw new ControlException(ControlException.Errno.EINVAL, "no interrupt line: " + line);
        guest.lines().raise(line);
    }

    /**
     * BREAK, on: has the running read, or the next, return {@link Broken}, and waits until somebody lets go. Off: lets those go.
     *
     * @throws ControlException ENOENT when the guest is dead, or dies
     */
    public void breakOut(boolean on) throws ControlException, InterruptedException {
        alive();
        synchronized (this) {
            broken = on;
            notifyAll();
            if (!on) return;
            stop();
            while (broken && !guest.dead()) wait();
        }
        alive();
    }

    /** A backend has something for the guest. Any thread. */
    public void wake() { input.release(); }

    /** A device could not give the guest what it has, and nobody will tell when it can: look again soon. */
    public void comeBack() { unfinished = true; }

    /** Waits until there may be input; for the waker. False when the guest is dead. */
    public boolean awaitInput() throws InterruptedException {
        pause = unfinished ? Math.clamp(2 * pause, SOON, LATER) : 0;
        unfinished = false;
        if (pause == 0) input.acquire();
        else input.tryAcquire(pause, TimeUnit.MICROSECONDS);
        input.drainPermits();
        return !guest.dead();
    }

    private void alive() throws ControlException {
        initialized();
        if (guest.dead()) throw new ControlException(ControlException.Errno.ENOENT, "the guest is dead");
    }

    private void initialized() throws ControlException {
        if (closed) throw closedAlready();
        if (!open) throw new ControlException(ControlException.Errno.EINVAL, "the guest has not been initialised");
    }

    private static ControlException closedAlready() { return new ControlException(ControlException.Errno.EBADF, "the device has been closed"); }

    /** Has the vCPU look whether it may go on. */
    private void stop() {
        guest.cpu().raise(CpuState.BETWEEN_TURNS);
        guest.wake();
    }

    /**
     * Runs the guest until something happens. What it had sent counts as taken.
     *
     * @throws ControlException EINVAL before {@link #initialize}, EPERM on another thread than before, EBADF when closed
     */
    public Reading read() throws ControlException, InterruptedException {
        initialized();
        synchronized (this) {
            if (reader == null) reader = Thread.currentThread();
            if (reader != Thread.currentThread()) throw new ControlException(ControlException.Errno.EPERM, "the guest is another thread's");
            if (guest.dead()) return new Reason(guest.endingNow().reason());
            guest.dma().taken();
            reading = true;
            standing = false;
            stop();
            while (!guest.dead() && !(standing && stopped())) wait();
            reading = false;
            if (guest.dead()) return new Died();
            return guest.dma().pending() ? new Sent(guest.dma().sentDma(), guest.dma().sentKey()) : new Broken();
        }
    }

    private boolean stopped() { return guest.dma().pending() || broken; }

    /** Whether the guest has to stand still. vCPU thread, between two turns. */
    boolean holds() {
        if (!open) return false;
        synchronized (this) {
            standing = !reading || stopped();
            if (standing) notifyAll();
            return standing;
        }
    }

    private void died() {
        synchronized (this) { notifyAll(); }
        wake();
    }

    /** CLOSE: the guest never runs again if it was {@link #initialize}d, nothing of it is bound any more, and its number is free. Never fails; idempotent. */
    public void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
            if (id >= 0) synchronized (IDS) { IDS.clear(id); }
        }
        if (open) guest.kill("its control device was closed");
        guest.dma().clear();
    }
}
