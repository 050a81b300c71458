package org.lguest.cpu.tiered;

import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * M:248 Calls a new region, which does nothing then, until HotSpot's first compiler has made machine code of it: in the JVM's own interpreter it would be
 * slower by far than in ours, and what HotSpot learns of loops there it has to learn again. Nobody tells when that is; but from then on
 * a call takes a quarter of the time. When much is to be compiled at once, as when a guest boots, that may take a tenth of a second. What HotSpot counts
 * meanwhile it would believe, and have its second compiler make code that does nothing: so the launcher tells it not to ({@code Tier0ProfilingStartPercentage}).
 */
final class Rehearsal {
    /** Calls that are timed together. */
    static final int CALLS = 32;
    /** Batches of them before HotSpot takes notice, which it does at two hundred calls (Tier3InvocationThreshold), or more when it has more to do; and at each look. */
    static final int UNNOTICED = 5, BATCHES = 10;
    /** Looks after which the region is entered as it is: a JVM may not compile, or not any more, and nobody shall wait for ever for a compiler that starves. */
    static final int LOOKS = 40;

    private final IntConsumer play;
    private final LongSupplier nanos;
    private final Executor later;
    private final Runnable done;
    /** Nanoseconds that so many calls take in the JVM's interpreter. */
    private final long slow;
    private int looks;

    private Rehearsal(IntConsumer play, LongSupplier nanos, Executor later, Runnable done) {
        this.play = play;
        this.nanos = nanos;
        this.later = later;
        this.done = done;
        slow = fastest(UNNOTICED);
        fastest(BATCHES - UNNOTICED);
    }

    /**
     * Calls for the first time, and answers.
     *
     * @param play  calls the region so many times
     * @param nanos the time
     * @param later runs what is to happen after a while: looks whether it has become fast
     * @param done  what is to happen when it is
     */
    static void of(IntConsumer play, LongSupplier nanos, Executor later, Runnable done) {
        Rehearsal r = new Rehearsal(play, nanos, later, done);
        later.execute(r::look);
    }

    private void look() {
        if (++looks == LOOKS || fastest(BATCHES) < slow / 2) done.run();
        else later.execute(this::look);
    }

    private long fastest(int batches) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < batches; i++) {
            long begin = nanos.getAsLong();
            play.accept(CALLS);
            fastest = Math.min(fastest, nanos.getAsLong() - begin);
        }
        return fastest;
    }
}
