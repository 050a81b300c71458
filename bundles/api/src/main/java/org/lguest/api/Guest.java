package org.lguest.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.lguest.api.abi.Generation;
import org.lguest.api.state.ClockState;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.DevicePage;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaBindings;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.HypercallRing;
import org.lguest.api.state.InterruptLines;
import org.lguest.api.state.LguestData;
import org.lguest.api.state.PageRoots;
import org.lguest.api.state.Rate;
import org.lguest.api.state.SoftTlb;
import org.lguest.api.state.Throttle;
import org.lguest.api.state.TrapTable;

/**
 * H:010 A Guest, as its Host has it: who it is, everything it consists of, and how it ends.
 *
 * <p>So far we were in the Guest, or beside its cradle. This part is about what is under its feet. It begins with the thing itself, which is
 * surprisingly quiet: state only (P:030). Parts come and go and work on it; nothing in here knows how an instruction is executed or where
 * a disk is.
 *
 * <p>A Guest ends once. It may switch itself off, ask for a restart or panic, it may do what no Guest may do, or a part may find something
 * that cannot be; whoever notices first says so in a sentence, and later sentences change nothing. The code that has noticed goes on with
 * harmless values until it comes back to the loop, where it is seen that the Guest is dead. So nothing has to be thrown, and a bad Guest
 * takes nobody along.
 */
public final class Guest {
    private volatile GuestSpec spec;
    private final GuestMemory memory;
    private final CpuState cpu = new CpuState();
    private final SoftTlb tlb;
    private final DescriptorTable descriptors = new DescriptorTable();
    private final TrapTable traps = new TrapTable();
    private final PageRoots roots = new PageRoots();
    private final InterruptLines lines = new InterruptLines();
    private final HypercallRing ring = new HypercallRing();
    private final ClockState clock = new ClockState();
    private final LguestData data;
    private final DevicePage devicePage;
    private final DmaBindings dma = new DmaBindings();
    private final Control control = new Control(this);
    private final Counters counters = new Counters();
    private final EventLog log = new EventLog();
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile Generation expected = Generation.LINUX_3_1;
    private volatile VcpuThread vcpu;
    private volatile int id;
    private volatile String name;

    private volatile Limits limits;
    private volatile Trace trace;
    private volatile boolean dismissed;
    private volatile Consumer<Life> watcher = l -> { };

    /** Instructions in a stretch of guest code at most, above 0: of a guest whose turns are to be short. vCPU thread only. */
    public int stretch = Integer.MAX_VALUE;

    /** HALT was made: no code runs until an interrupt can be delivered. vCPU thread only. */
    public boolean halted;

    /** A guest over its memory; the descriptor page is the first thing handed out. */
    public Guest(GuestSpec spec, GuestMemory memory) {
        this.spec = spec;
        this.memory = memory;
        tlb = new SoftTlb(memory.origin());
        this.name = spec.name();
        limits = spec.limits();
        data = new LguestData(memory);
        devicePage = new DevicePage(memory);
        lines.onRaise(() -> {
            cpu.raise(CpuState.INTERRUPT);
            wake();
        });
        memory.code().onStale(() -> cpu.raise(CpuState.STALE_CODE));
    }

    /** Unique in this runtime, from 1 on; 0 before the host has admitted the guest. */
    public int id() { return id; }

    /** Unique among living guests. */
    public String name() { return name; }

    /** Called by the host, once. */
    public void identify(int id, String name) {
        this.id = id;
        this.name = name;
    }

    /** What the user asked for, up to now; a restarted guest begins with it. */
    public GuestSpec spec() { return spec; }

    /** How much of the Host it may use now. */
    public Limits limits() { return limits; }

    /**
     * Sets how much of the Host it may use from now on; it does not pay for what it used before. The host calls it when devices
     * were added. Any thread.
     */
    public synchronized void limit(Limits to) {
        limits = to;
        for (DeviceState d : devicePage.devices()) {
            Rate rate = to.device(d.place);
            d.throttle = rate.limited() ? new Throttle(rate) : null;
        }
        VcpuThread t = vcpu;
        if (t != null) t.share(to.cpuPercent());
    }

    /**
     * The user has asked for more, or for something else: called by the host when it plugs devices, and by who keeps the guest. Any thread.
     *
     * @param change makes the new one of what is asked for up to now
     */
    public synchronized void amend(UnaryOperator<GuestSpec> change) { spec = change.apply(spec); }

    /** Who watches steps of this kind; null, and that fast, when nobody does. Any thread. */
    public Trace tracing(Trace.Category category) {
        Trace t = trace;
        return t != null && t.wants(category) ? t : null;
    }

    /** Who watches; null when nobody does. */
    public Trace trace() { return trace; }

    /**
     * Begins or ends to watch.
     *
     * @param before who is thought to watch now, or null
     * @param after  who is to, or null
     * @return false when somebody else watches than was thought: nothing has changed then
     */
    public synchronized boolean trace(Trace before, Trace after) {
        if (trace != before) return false;
        trace = after;
        cpu.raise(CpuState.BETWEEN_TURNS); // the next turn is another one
        wake();
        return true;
    }

    /** What another life begins with: the same guest under the same name, with what it was given in this one. */
    public GuestSpec again() { return spec.as(name, limits).from(spec.origin().again()); }

    /** Somebody who may has asked for its end: whoever starts guests anew leaves this one alone, however it ends. */
    public void dismiss() { dismissed = true; }

    /** Whether it is not to be started anew. */
    public boolean dismissed() { return dismissed; }

    /** Set by the host, once, before the guest starts: told between turns, on the vCPU thread, when the guest pauses, waits, goes on. */
    public void onLife(Consumer<Life> watcher) { this.watcher = watcher; }

    void lives(Life now) { watcher.accept(now); }

    /** Guest-physical memory. */
    public GuestMemory memory() { return memory; }

    /** The processor. */
    public CpuState cpu() { return cpu; }

    /** The fast path of memory accesses. */
    public SoftTlb tlb() { return tlb; }

    /** The guest's GDT. */
    public DescriptorTable descriptors() { return descriptors; }

    /** The guest's IDT. */
    public TrapTable traps() { return traps; }

    /** Page table roots. */
    public PageRoots roots() { return roots; }

    /** Virtual interrupt lines. */
    public InterruptLines lines() { return lines; }

    /** The Host's side of hypercalls. */
    public HypercallRing ring() { return ring; }

    /** Time. */
    public ClockState clock() { return clock; }

    /** {@code struct lguest_data}. */
    public LguestData data() { return data; }

    /**
     * What the release in the kernel's image promises, on which the form of the device page depends. Called by the launcher before
     * the first device is added; without it the guest counts as one of the latest generation.
     */
    public void expect(Generation generation) {
        expected = generation;
        devicePage.speak(generation.bus());
    }

    /** What the launcher {@link #expect expects}. */
    public Generation expected() { return expected; }

    /** The variant of the ABI that the guest speaks: what LGUEST_INIT has shown, and before that what is expected. Any thread. */
    public Generation generation() {
        Generation shown = data.generation();
        return shown == null ? expected : shown;
    }

    /** The device bus. */
    public DevicePage devicePage() { return devicePage; }

    /** What a guest of Linux 2.6.23 has bound and sent. */
    public DmaBindings dma() { return dma; }

    /** How a guest of Linux 2.6.23 is held; closed to others. */
    public Control control() { return control; }

    /** What happened, counted. */
    public Counters counters() { return counters; }

    /** What happened, told. */
    public EventLog log() { return log; }

    /** The thread that runs the guest; null until it is started. */
    public VcpuThread vcpu() { return vcpu; }

    /** Called by the host, once, before the thread starts. */
    public synchronized void run(VcpuThread thread) {
        vcpu = thread;
        if (limits.cpuPercent() > 0) thread.share(limits.cpuPercent());
    }

    /** Wakes the vCPU if it sleeps; any thread. */
    public void wake() {
        VcpuThread t = vcpu;
        if (t != null) t.wake();
    }

    /**
     * Ends the guest. The first ending wins, later ones change nothing. The caller goes on with harmless values; the
     * vCPU leaves its loop at the next turn. Any thread.
     */
    public void end(Ending.Kind kind, String reason) {
        if (!ended.compareAndSet(false, true)) return;
        log.add(kind + ": " + reason);
        ending.complete(new Ending(kind, reason)); // who waits for it finds it in the log
        cpu.raise(CpuState.BETWEEN_TURNS);
        wake();
    }

    /** Ends the guest with a sentence that says what it did; see {@link #end}. */
    public void kill(String reason) { end(Ending.Kind.KILLED, reason); }

    /** Whether it has ended. */
    public boolean dead() { return ending.isDone(); }

    /** The ending, now or later. Do not complete it from outside: {@link #end} does. */
    public CompletableFuture<Ending> ending() { return ending.copy(); }

    /** The ending, or null while it lives. */
    public Ending endingNow() { return ending.getNow(null); }

    /** Where it is in its life. */
    public Life life() {
        if (dead()) return Life.DEAD;
        VcpuThread t = vcpu;
        return t == null ? Life.CREATED : t.life();
    }

    @Override
    public String toString() { return name == null ? "guest " + id : name; }
}
