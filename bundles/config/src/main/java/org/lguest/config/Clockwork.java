package org.lguest.config;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agenda in real time. Its thread begins with the first thing to do. */
final class Clockwork implements Agenda {
    private static final Logger LOG = LoggerFactory.getLogger(Clockwork.class);

    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("configured guests").factory());

    Clockwork() {
        thread.setRemoveOnCancelPolicy(true);
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // who is closed has successors for what is told
    }

    @Override
    public void soon(Runnable r) { thread.execute(careful(r)); }

    /** The thread would swallow what is thrown. */
    private static Runnable careful(Runnable r) {
        return () -> {
            try {
                r.run();
            } catch (RuntimeException | Error e) {
                LOG.error("something went wrong with a configured guest", e);
            }
        };
    }

    @Override
    public Runnable after(Duration delay, Runnable r) {
        Future<?> f = thread.schedule(careful(r), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> f.cancel(false);
    }

    @Override
    public void aside(Runnable r) { Thread.ofVirtual().name("end of a configured guest").start(r); }

    @Override
    public long nanos() { return System.nanoTime(); }

    @Override
    public void close() { thread.shutdownNow(); }
}
