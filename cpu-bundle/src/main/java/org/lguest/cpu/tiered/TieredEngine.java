package org.lguest.cpu.tiered;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Seat;
import org.lguest.cpu.decode.Disassembler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * M:200 The processor that learns. It begins as the interpreter, and counts where jumps lead. What is run often becomes a class of
 * the JVM, with the guest's registers as local variables; HotSpot's compilers then make machine code of it, as they do of any class.
 * So the guest's code goes through two compilers before it runs at full speed, and stays slow, but correct, until then: each
 * instruction is done by whoever knows it at that moment, and the state is precise whenever one hands over to the other.
 */
@Component(service = CpuEngine.class, property = Seat.NAME + "=tiered")
public sealed class TieredEngine implements CpuEngine permits CheckedEngine {
    private static final Logger LOG = LoggerFactory.getLogger(TieredEngine.class);
    /** Seconds; a region takes some milliseconds where a processor is to be had. */
    private static final int PATIENCE = 10;

    private final Map<Guest, GuestTier> tiers = new ConcurrentHashMap<>();
    private final Tuning tuning;
    private final Pace pace;
    private final ExecutorService generator;

    /** Generates code in the background. */
    @Activate
    public TieredEngine() { this(Tuning.usual(), background()); }

    /**
     * For tests.
     *
     * @param generator where code is generated
     */
    TieredEngine(Tuning tuning, ExecutorService generator) {
        this.tuning = tuning;
        pace = new Pace(tuning.pace(), System::nanoTime);
        this.generator = generator;
    }

    static ExecutorService background() { return Executors.newSingleThreadExecutor(r -> Thread.ofPlatform().daemon().priority(Thread.MIN_PRIORITY).name("lguest code generator").unstarted(r)); }

    @Override
    public void adopt(Guest guest) { tiers.put(guest, new GuestTier(guest, tuning, pace, generator)); }

    @Override
    public void release(Guest guest) {
        GuestTier t = tiers.remove(guest);
        if (t != null) t.end();
    }

    @Override
    public void run(Guest guest, Parts parts, int budget) { tiers.get(guest).machine().run(parts, budget); }

    @Override
    public String disassemble(byte[] code, int address, boolean code32) { return Disassembler.words(code, address, code32); }

    @Override
    public List<GeneratedCode> generated(Guest guest) {
        GuestTier t = tiers.get(guest);
        return t == null ? List.of() : t.generated();
    }

    /** Waits for what is being generated: that needs classes of this bundle, and may not find them any more a moment later. */
    @Deactivate
    void stop() {
        generator.shutdownNow();
        try {
            if (!generator.awaitTermination(PATIENCE, TimeUnit.SECONDS)) LOG.warn("a region is still being generated after {} s", PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
