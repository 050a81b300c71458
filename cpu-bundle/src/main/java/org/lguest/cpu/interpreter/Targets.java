package org.lguest.cpu.interpreter;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a jump that is not direct has led: the first few targets, and how often each.
 */
final class Targets {
    private static final int MOST = 6;
    /** Jumps to unknown targets after which there is nothing to be learned. */
    private static final int ENOUGH = 1000;

    private final int[] distance = new int[MOST], times = new int[MOST];
    private int known;
    private int others;

    /** The jump is about to be taken; {@code m} is in its page. */
    void note(Machine m, int eip) {
        if (others > ENOUGH) return;
        int d = eip - m.codeBase;
        for (int i = 0; i < known; i++)
            if (distance[i] == d) {
                times[i]++;
                return;
            }
        if (known == MOST) {
            others++;
            return;
        }
        distance[known] = d;
        times[known++] = 1;
    }

    /** What is known. */
    List<Target> seen() {
        double all = others;
        for (int i = 0; i < known; i++) all += times[i];
        List<Target> seen = new ArrayList<>(known);
        for (int i = 0; i < known; i++) seen.add(new Target(distance[i], times[i] / all));
        return seen;
    }
}
