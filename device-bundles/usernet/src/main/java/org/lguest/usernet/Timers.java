package org.lguest.usernet;

import java.util.TreeSet;

/**
 * Deadlines, by {@link System#nanoTime}. They belong to the Host's side of a wire, not to the guest's time: a guest whose
 * clock stands still does not stop its peers' clocks. Under the network's lock.
 */
final class Timers {
    /** One deadline and what to do then. To put it off costs nothing: the queue is corrected when the old time comes. */
    final class Timer {
        private final Runnable action;
        private final long id = ids++;
        private long queuedFor, due;
        private boolean queued, armed;

        private Timer(Runnable action) { this.action = action; }

        boolean armed() { return armed; }

        /** Runs the action in {@code nanos} from now; replaces what was set before. */
        void in(long nanos) {
            due = now() + nanos;
            armed = true;
            if (queued && queuedFor - due <= 0) return;
            if (queued) queue.remove(this);
            enqueue(this);
        }

        /** Runs the action in {@code nanos} at the latest: an earlier deadline stays. */
        void within(long nanos) {
            if (!armed || due - now() > nanos) in(nanos);
        }

        void cancel() { armed = false; }

        /** For a timer that is not used again. */
        void forget() {
            armed = false;
            if (queued) queue.remove(this);
            queued = false;
        }
    }

    private final TreeSet<Timer> queue = new TreeSet<>((a, b) -> {
        int order = Long.signum(a.queuedFor - b.queuedFor);
        return order != 0 ? order : Long.compare(a.id, b.id);
    });
    private final Runnable earlier;
    private long ids;

    /** @param earlier runs when the first deadline has become an earlier one */
    Timers(Runnable earlier) { this.earlier = earlier; }

    static long now() { return System.nanoTime(); }

    Timer timer(Runnable action) { return new Timer(action); }

    int size() { return queue.size(); }

    private void enqueue(Timer t) {
        t.queuedFor = t.due;
        t.queued = true;
        queue.add(t);
        if (queue.first() == t) earlier.run();
    }

    /** Nanoseconds until the first deadline, 0 when it has passed, -1 when there is none. */
    long untilNext() { return queue.isEmpty() ? -1 : Math.max(0, queue.first().queuedFor - now()); }

    /** Does what is due. */
    void run() {
        long now = now();
        while (!queue.isEmpty() && queue.first().queuedFor - now <= 0) {
            Timer t = queue.pollFirst();
            t.queued = false;
            if (!t.armed) continue;
            if (t.due - now > 0) {
                enqueue(t);
            } else {
                t.armed = false;
                t.action.run();
            }
        }
    }
}
