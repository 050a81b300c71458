package org.lguest.api;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.lguest.api.part.Part;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.Allowance;
import org.lguest.api.state.CpuState;

/**
 * H:020 The thread of a Guest's processor, and the place where parts change.
 *
 * <p>Its root frame is here, in the API, so that no part has to be on the stack between two turns: a turn begins by
 * reading who sits where, and ends with all of them out. A part that is replaced in between is told to release the Guest,
 * its successor to adopt it, and the next turn calls the successor. Sleeping in HALT and waiting for an empty seat happen
 * here as well, for the same reason.
 */
public final class VcpuThread {
    /** Instructions in a stretch of code of a guest whose time is limited: about half a millisecond. */
    private static final int SHORT = 50_000;
    /** Nanoseconds. Whoever rests longer than he has to has saved that afterwards. */
    private static final long SHORTEST_REST = 1_000_000;

    private final Guest guest;
    private final Thread thread;
    private final LongSupplier clock;
    private final ArrayDeque<Runnable> business = new ArrayDeque<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile Parts parts;
    private volatile boolean paused;
    private volatile boolean waiting;
    private volatile Throwable failure;
    private Allowance share;
    private long standing; // since when, while a seat is empty
    private Life told = Life.RUNNING;

    /** A thread that will run the guest with these parts, which it adopts itself. */
    public VcpuThread(Guest guest, Parts parts) { this(guest, parts, System::nanoTime); }

    /** With another clock for the time that turns take. */
    VcpuThread(Guest guest, Parts parts, LongSupplier clock) {
        this.guest = guest;
        this.parts = parts;
        this.clock = clock;
        thread = Thread.ofPlatform().name("vcpu " + guest).daemon(true).unstarted(this::live);
    }

    /** Starts it. */
    public void start() { thread.start(); }

    /** Completes when the thread has left its loop and every part has released the guest. */
    public CompletableFuture<Void> finished() { return finished.copy(); }

    /** Who sits where now. */
    public Parts parts() { return parts; }

    /** Where the guest is in its life, as long as it is not dead. */
    public Life life() {
        if (finished.isDone()) return Life.DEAD;
        return paused ? Life.PAUSED : parts.missing() != null ? Life.PARKED : Life.RUNNING;
    }

    /** Stops or lets go on. */
    public void pause(boolean on) { between(() -> paused = on); }

    /** Limits the time that turns take, to a percentage of all time; 0 means no limit. What comes between turns is not kept waiting. Any thread. */
    void share(int percent) {
        between(() -> {
            share = percent == 0 ? null : new Allowance(percent / 100.0 * 1e9, clock);
            guest.stretch = percent == 0 ? Integer.MAX_VALUE : SHORT;
        });
    }

    /**
     * Replaces the parts between two turns. Returns when the guest has left those that went and nobody of them is on its
     * stack; at once when the thread is not running. Not from the vCPU thread itself during a turn.
     */
    public void change(java.util.function.UnaryOperator<Parts> change) {
        var done = new CompletableFuture<Void>();
        between(() -> {
            try {
                seat(change.apply(parts));
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        CompletableFuture.anyOf(done, finished).join();
    }

    /** Has the engine throw away what it can build again, between two turns; the guest does not notice but for the time that takes. Any thread. */
    public void trim() {
        between(() -> {
            Part cpu = parts.cpu();
            if (cpu == null) return;
            cpu.release(guest);
            cpu.adopt(guest);
        });
    }

    /** Runs something on the vCPU thread between two turns; dropped when the guest has ended. Any thread. */
    public void between(Runnable action) {
        synchronized (business) { business.add(action); }
        guest.cpu().raise(CpuState.BETWEEN_TURNS);
        wake();
    }

    /** Ends a sleep. Any thread. */
    public void wake() {
        if (waiting) LockSupport.unpark(thread);
    }

    private void live() {
        try {
            standing = clock.getAsLong();
            for (Part p : all(parts)) p.adopt(guest);
            tell();
            while (!guest.dead()) {
                if (doBusiness()) tell();
                Parts now = parts;
                if (paused || now.missing() != null || guest.control().holds()) sleep(CpuState.BETWEEN_TURNS);
                else if (debt() > 0) rest(debt());
                else if (turn(now) == Switcher.Next.SLEEP) sleep(CpuState.INTERRUPT | CpuState.BETWEEN_TURNS);
            }
        } catch (RuntimeException | Error e) { // a part broke its contract: the guest dies, the host lives
            failure = e;
            guest.kill("a part of the machine failed: " + e);
        } finally {
            leave();
        }
    }

    private Switcher.Next turn(Parts now) {
        if (share == null) return now.switcher().turn(guest, now);
        long begin = clock.getAsLong();
        Switcher.Next next = now.switcher().turn(guest, now);
        share.use(clock.getAsLong() - begin);
        return next;
    }

    private long debt() { return share == null ? 0 : share.delay(); }

    /** Processor time that the guest's code and its parts took on this thread, in nanoseconds; -1 when it has ended, or the JVM does not tell. Any thread. */
    public long processorNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isThreadCpuTimeSupported() ? threads.getThreadCpuTime(thread.threadId()) : -1;
    }

    /** What a part threw, for the host to log; null when none did. */
    public Throwable failure() { return failure; }

    private void leave() {
        for (Part p : all(parts))
            try {
                p.release(guest);
            } catch (RuntimeException | Error e) {
                if (failure == null) failure = e;
            }
        parts = new Parts(null, null, null, null, Map.of(), parts.host()); // a dead guest that is still listed shall not keep them
        finished.complete(null);
    }

    private boolean doBusiness() {
        if ((guest.cpu().attention & CpuState.BETWEEN_TURNS) == 0) return false;
        guest.cpu().lower(CpuState.BETWEEN_TURNS);
        for (Runnable r; (r = next()) != null;) r.run();
        return true;
    }

    /** Only what is done between turns makes a guest pause, wait or go on. */
    private void tell() {
        Life now = life();
        if (now != told) guest.lives(now);
        told = now;
    }

    private Runnable next() {
        synchronized (business) { return business.poll(); }
    }

    /** Waits until one of the attention bits is raised. */
    private void sleep(int bits) {
        waiting = true;
        while ((guest.cpu().attention & bits) == 0 && !guest.dead()) LockSupport.park(this);
        waiting = false;
    }

    /** Waits until the turns so far are paid for, or there is business between turns. */
    private void rest(long nanos) {
        waiting = true;
        if ((guest.cpu().attention & CpuState.BETWEEN_TURNS) == 0 && !guest.dead()) LockSupport.parkNanos(this, Math.max(nanos, SHORTEST_REST));
        waiting = false;
    }

    private void seat(Parts next) {
        long begin = parts.missing() == null ? clock.getAsLong() : standing;
        List<Part> before = all(parts);
        List<Part> after = all(next);
        for (Part p : before) if (after.stream().noneMatch(q -> q == p)) p.release(guest);
        parts = next;
        for (Part p : after) if (before.stream().noneMatch(q -> q == p)) p.adopt(guest);
        standing = begin;
        if (next.missing() == null) goOn(clock.getAsLong() - begin);
    }

    /** Time went by while the guest stood still, and what it was told at its last interrupt is old. */
    private void goOn(long stood) {
        guest.counters().stillNanos += stood;
        if (guest.data().known()) guest.data().time(parts.clock().wallNanos(guest));
    }

    private static List<Part> all(Parts p) {
        List<Part> all = new ArrayList<>();
        for (Part x : new Part[] {p.clock(), p.mmu(), p.cpu(), p.switcher()}) if (x != null) all.add(x);
        all.addAll(p.families().values());
        return all;
    }
}
