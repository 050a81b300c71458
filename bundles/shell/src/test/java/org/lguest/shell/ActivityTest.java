package org.lguest.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lguest.api.abi.Hypercall;

class ActivityTest {
    private static Activity at(double seconds, long instructions, long calls, long traps, long irqs) {
        return at(seconds, instructions, calls, traps, irqs, new Generated(Map.of()));
    }

    private static Activity at(double seconds, long instructions, long calls, long traps, long irqs, Generated generated) {
        long[] c = new long[32];
        c[Hypercall.HALT.number()] = calls;
        c[Hypercall.NOTIFY.number()] = 2 * calls;
        long[] t = new long[256];
        t[14] = traps;
        long[] i = new long[32];
        i[3] = irqs;
        var disk = new Activity.Traffic("block 0", List.of(3), calls, 1_000_000 * calls);
        return new Activity((long) (seconds * 1e9), (long) (seconds * 5e8), instructions, 2 * traps, t, c, i, 0, 0, 0, 0, List.of(disk), generated,
            org.lguest.api.abi.Generation.LINUX_3_1);
    }

    @Test
    void ratesAreBySecondWhateverTheInterval() {
        Activity before = at(1, 1_000_000, 0, 0, 0);
        Activity now = at(1.5, 6_000_000, 100, 50, 7);
        assertEquals(List.of("exits       page fault 100/s; between instructions 100/s", "hypercalls  NOTIFY 400/s, HALT 200/s", "interrupts  block 0 14/s",
            "block 0     200 requests/s, 200.0 MB/s"), now.causes(before));
    }

    @Test
    void silenceIsNone() {
        Activity a = at(1, 5, 5, 5, 5);
        assertEquals(List.of("exits       none; between instructions 0/s", "hypercalls  none", "interrupts  none"), a.causes(a));
    }

    @Test
    void generatedCodeIsCountedPieceByPieceSinceSomeMayHaveGone() {
        TestCode stays = new TestCode(0x1000, 10, 1_000, 5), goes = new TestCode(0x2000, 10, 9_000_000, 50), comes = new TestCode(0x3000, 1, 500, 3);
        Activity before = at(1, 0, 0, 0, 0, Generated.of(List.of(stays, goes)));
        stays.instructions = 3_500;
        stays.stops = 12;
        Activity now = at(1.5, 4_000, 0, 0, 0, Generated.of(List.of(stays, comes)));
        assertEquals("generated   2 regions, 75.0 % of instructions, 20 stops/s", now.causes(before).getLast());
    }
}
