package org.lguest.config;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** An agenda whose time is the test's: nothing is done before {@link #run}, and nothing later before its time has come. */
final class ManualAgenda implements Agenda {
    private record Later(long at, Runnable job) { }

    private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
    private final List<Later> later = new ArrayList<>();
    private long now;

    /** Does what there is to do, and what follows from it. */
    void run() {
        for (Runnable r; (r = soon.poll()) != null;) r.run();
    }

    /** Lets time pass. */
    void pass(Duration time) {
        now += time.toNanos();
        for (Later l : later.stream().filter(l -> l.at <= now).sorted(Comparator.comparingLong(Later::at)).toList()) {
            later.remove(l);
            soon.add(l.job);
        }
        run();
    }

    @Override
    public void soon(Runnable r) { soon.add(r); }

    @Override
    public Runnable after(Duration delay, Runnable r) {
        Later l = new Later(now + delay.toNanos(), r);
        later.add(l);
        return () -> later.remove(l);
    }

    @Override
    public void aside(Runnable r) { soon.add(r); }

    @Override
    public long nanos() { return now; }

    @Override
    public void close() {
        soon.clear();
        later.clear();
    }
}
