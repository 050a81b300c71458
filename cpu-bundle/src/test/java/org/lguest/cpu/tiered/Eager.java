package org.lguest.cpu.tiered;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.lguest.api.part.CpuEngine;

/** A tiered engine that generates code for whatever is executed, at once: so tests meet generated code wherever that is possible. */
class Eager extends AbstractExecutorService {
    private boolean stopped;

    static ExecutorService executor() { return new Eager(); }

    static CpuEngine engine() { return engine(Reach.DIRECT); }

    /** @param reach as in {@link Tuning} */
    static CpuEngine engine(Reach reach) { return new TieredEngine(new Tuning(1, 1, 150, 200, 300, 4, 2, 0, 4000, 0, 0, reach, false), new Eager()); }

    /** One that compares each run of generated code with the interpreter's. */
    static CpuEngine checked() { return new TieredEngine(new Tuning(1, 1, 150, 200, 300, 4, 2, 0, 4000, 0, 0, Reach.SEGMENT, true), new Eager()); }

    @Override
    public void execute(Runnable r) { r.run(); }

    @Override
    public void shutdown() { stopped = true; }

    @Override
    public List<Runnable> shutdownNow() {
        stopped = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() { return stopped; }

    @Override
    public boolean isTerminated() { return stopped; }

    @Override
    public boolean awaitTermination(long time, TimeUnit unit) { return stopped; }
}
