package org.lguest.shell;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The last lines of something that may be faster than who reads them: too many, and the oldest are dropped, and counted. Any thread. */
final class Lines implements Consumer<String> {
    private final ArrayDeque<String> kept = new ArrayDeque<>();
    private final int most;
    private long taken, dropped;

    /** Room for so many. */
    Lines(int most) { this.most = most; }

    @Override
    public synchronized void accept(String line) {
        if (kept.size() == most) {
            kept.removeFirst();
            dropped++;
        }
        kept.addLast(line);
        taken++;
    }

    /** What came since this was last asked, with a note where something was dropped. */
    synchronized List<String> drain() {
        List<String> all = new ArrayList<>();
        if (dropped > 0) all.add("(" + dropped + " more)");
        all.addAll(kept);
        kept.clear();
        dropped = 0;
        return all;
    }

    /** How many lines came so far. */
    synchronized long count() { return taken; }
}
