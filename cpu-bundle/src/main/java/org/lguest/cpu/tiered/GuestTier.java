package org.lguest.cpu.tiered;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.cpu.interpreter.Extent;
import org.lguest.cpu.interpreter.Head;
import org.lguest.cpu.interpreter.Journal;
import org.lguest.cpu.interpreter.Machine;
import org.lguest.cpu.interpreter.Region;
import org.lguest.cpu.interpreter.Shape;
import org.lguest.cpu.interpreter.Tier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tiered engine at work for one guest: plans on the vCPU thread, has code generated elsewhere, and sees to it that there is not too much of it. */
final class GuestTier implements Tier {
    private static final Logger LOG = LoggerFactory.getLogger(GuestTier.class);

    private final Guest guest;
    private final Tuning tuning;
    private final ExecutorService generator;
    private final Journal journal;
    private final Machine machine;
    private final GuestCode home;
    /** Filled where code is generated, emptied on the vCPU thread. */
    private final ConcurrentLinkedQueue<Generated> regions = new ConcurrentLinkedQueue<>();
    private final Pace pace;
    /** Regions that are planned, and not yet entered. */
    private final AtomicInteger pending = new AtomicInteger();
    /** Regions since there was {@linkplain #makeRoom room made} the last time, with what was left then. */
    private int planned;

    GuestTier(Guest guest, Tuning tuning, Pace pace, ExecutorService generator) {
        this.guest = guest;
        this.tuning = tuning;
        this.generator = generator;
        this.pace = pace;
        journal = tuning.checked() ? new Journal(guest.memory()) : null;
        machine = new Machine(guest, this);
        home = new GuestCode(guest, machine, journal, tuning.reach());
    }

    Machine machine() { return machine; }

    @Override
    public boolean takes(int mode) { return mode == (Machine.CODE32 | Machine.FLAT | Machine.STACK32); }

    @Override
    public int threshold(long age) { return tuning.threshold(age, pending.get()); }

    @Override
    public Journal journal() { return journal; }

    @Override
    public boolean hot(Head head, long period) {
        if (!pace.allows()) return false;
        if (planned >= tuning.regions()) makeRoom();
        Plan plan = Planner.plan(machine, head, tuning, period < tuning.often() ? Extent.WHOLE : Extent.SHORT);
        if (plan == null) {
            head.barren();
        } else {
            planned++;
            plan.shape().claim();
            later(() -> generate(plan));
        }
        return true;
    }

    @Override
    public int busy() { return tuning.busy(); }

    @Override
    public boolean busy(Region region) {
        Shape shape = region.shape();
        boolean brief = region.instructions() / region.entries() < tuning.brief();
        return switch (shape.extent()) {
            case SHORT -> larger(shape, Extent.WHOLE);
            case WHOLE -> brief && larger(shape, Extent.WIDE);
            case WIDE -> true;
        };
    }

    /** Plans anew with more, and has that generated if it is more; false when now is not the time. */
    private boolean larger(Shape shape, Extent extent) {
        if (!pace.allowsLuxury()) return false;
        Plan plan = Planner.plan(machine, shape.head(), tuning, extent);
        if (plan != null && (extent == Extent.WHOLE || plan.shape().places() > shape.places())) later(() -> generate(plan));
        return true;
    }

    @Override
    public void sideExit(int physical, int eip) { Recorder.sideExit(guest, physical & 0xFFFFFFFFL, eip); }

    private void later(Runnable task) {
        pending.incrementAndGet();
        try {
            generator.execute(task);
        } catch (RejectedExecutionException e) {
            pending.decrementAndGet();
            LOG.debug("{}: no more code is generated, the engine is going", guest, e);
        }
    }

    /** Makes a class, and when HotSpot has seen it, has it entered in the books and take over. */
    private void generate(Plan plan) {
        try {
            GenerateEvent event = Recorder.generates();
            Windows windows = Windows.in(plan);
            byte[] bytes = written(plan, windows), careful = tuning.checked() && windows.any() ? written(plan, Windows.none()) : bytes;
            if (bytes == null || careful == null) {
                barren(plan);
                return;
            }
            Generated generated = new Generated(guest, plan, home.direct(), home.define(bytes, plan.shape()), Writer.length(bytes));
            if (careful != bytes) generated.region().relieve(home.define(careful, plan.shape())); // lock step has no time to ask for it
            Recorder.generated(event);
            rehearse(generated.region()::present, () -> install(plan, generated, event));
        } catch (RuntimeException | LinkageError e) {
            LOG.error("{}: code could not be generated; the interpreter goes on", guest, e);
            barren(plan);
        }
    }

    private void rehearse(IntConsumer play, Runnable done) {
        if (tuning.patience() == 0) done.run();
        else Rehearsal.of(play, System::nanoTime, CompletableFuture.delayedExecutor(tuning.patience(), TimeUnit.MILLISECONDS, generator), done);
    }

    /** The class, or null if HotSpot would not compile it. */
    private byte[] written(Plan plan, Windows windows) {
        byte[] bytes = Writer.write(plan, windows, home.direct());
        int length = Writer.length(bytes);
        if (length < Writer.HUGE) return bytes;
        LOG.debug("{}: {} instructions became {} bytes, which HotSpot would not compile", guest, plan.size(), length);
        return null;
    }

    @Override
    public void unlucky(Region region) { regions.stream().filter(g -> g.region() == region).findFirst().ifPresent(g -> later(() -> relieve(g))); }

    /** Makes of the same what relies on nothing; where it would be too long the interpreter goes on. */
    private void relieve(Generated g) {
        try {
            byte[] bytes = written(g.plan(), Windows.none());
            if (bytes == null) {
                pending.decrementAndGet();
                return;
            }
            Region careful = home.define(bytes, g.plan().shape());
            rehearse(careful::present, () -> {
                g.region().relieve(careful);
                pending.decrementAndGet();
            });
        } catch (RuntimeException | LinkageError e) {
            LOG.error("{}: code for memory that lies unluckily could not be generated; the interpreter goes on", guest, e);
            pending.decrementAndGet();
        }
    }

    private void barren(Plan plan) {
        plan.head().barren();
        done(plan);
    }

    private void done(Plan plan) {
        plan.shape().release();
        pending.decrementAndGet();
    }

    private void install(Plan plan, Generated generated, GenerateEvent event) {
        if (!plan.shape().stale()) {
            Recorder.installed(event, guest, generated);
            regions.add(generated);
            plan.head().install(generated.region());
        } else {
            plan.head().abandon();
        }
        done(plan);
    }

    /** What died goes first: its code changed, or larger regions took its place. Where that is not enough others go. */
    private void makeRoom() {
        regions.removeIf(Generated::stale);
        planned = regions.size() + pending.get();
        if (planned >= tuning.regions()) evict();
    }

    /** The half that was entered least since the last time. */
    private void evict() {
        List<Generated> all = new ArrayList<>(regions);
        all.sort(Comparator.comparingLong(Generated::entriesOfLate));
        List<Generated> leaving = all.subList(0, all.size() / 2);
        regions.removeAll(leaving);
        leaving.forEach(Generated::evict);
        regions.forEach(Generated::look);
        machine.forgetNear();
        planned -= leaving.size();
        Recorder.evicted(guest, leaving.size(), regions.size());
    }

    /** What is in use; any thread. */
    List<GeneratedCode> generated() { return regions.stream().filter(g -> !g.stale()).map(GeneratedCode.class::cast).toList(); }

    /** The guest leaves this engine. */
    void end() {
        machine.forgetAll();
        regions.clear();
    }
}
