package org.lguest.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.VcpuThread;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.part.Parts;
import org.lguest.api.part.Switcher;
import org.lguest.api.state.CpuState;
import org.lguest.clock.SystemClock;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.hypercalls.DescriptorCalls;
import org.lguest.hypercalls.DmaCalls;
import org.lguest.hypercalls.IoCalls;
import org.lguest.hypercalls.LifeCalls;
import org.lguest.hypercalls.MemoryCalls;
import org.lguest.hypercalls.TimeCalls;
import org.lguest.switcher.RunLoop;
import org.lguest.testkit.PageTables;
import org.lguest.testkit.RecordingHost;
import org.lguest.testkit.TestGuests;

/**
 * The whole machine in the hands of guests that mean no good: code at random, hypercalls with random arguments, page tables
 * and rings that were scribbled over. Nothing may throw out of a part, nothing may hang, and who dies has a reason.
 */
class HostileMachineTest {
    private static final int MIB = 4, DATA = 0x2400, CODE = 0x40000, CODE_BYTES = 0x2000, TABLES = 0x100000;

    private final SystemClock clock = new SystemClock();
    private final Parts parts = TestGuests.parts(new Interpreter(), new ShadowMmu(), new RunLoop(), clock,
        List.of(new LifeCalls(), new MemoryCalls(), new DescriptorCalls(), new TimeCalls(), new IoCalls(), new DmaCalls()), new RecordingHost());

    @Test
    void hostileGuestsDieAlone() throws Exception {
        long seeds = Long.getLong("hostile.seeds", 300);
        long first = Long.getLong("hostile.first", 0);
        Map<String, Integer> deaths = new TreeMap<>();
        for (long seed = first; seed < first + seeds; seed++) {
            Guest g = guest(new Random(seed));
            try {
                run(g, seed);
                deaths.merge(g.endingNow().toString().replaceAll("\\b(0x[0-9a-f]+|[0-9]+)\\b", "#").replaceAll("CRASH:.*", "CRASH"), 1, Integer::sum);
            } finally {
                g.memory().close();
            }
        }
        clock.stop();
        System.out.println(seeds + " hostile guests ended like this: " + deaths);
        assertTrue(deaths.size() >= Math.min(8, seeds / 20), "hostile guests die of many things: " + deaths);
    }

    /** On a thread of its own, as guests live; ended after a while if nothing else did it. */
    private void run(Guest g, long seed) throws Exception {
        var thread = new VcpuThread(g, parts);
        g.run(thread);
        thread.start();
        try {
            g.ending().get(40, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            g.end(org.lguest.api.Ending.Kind.POWER_OFF, "the test has seen enough");
        }
        thread.finished().get(120, TimeUnit.SECONDS); // hangs the host otherwise
        assertNull(thread.failure(), () -> "seed " + seed + ": " + trace(thread.failure()));
        String wrong = g.cpu().check();
        assertTrue(wrong == null || g.dead(), "seed " + seed + ": " + wrong);
        assertEquals(0, g.cpu().gpr[CpuState.ZERO]);
    }

    private static String trace(Throwable t) {
        var s = new java.io.StringWriter();
        t.printStackTrace(new java.io.PrintWriter(s));
        return s.toString();
    }

    private static Guest guest(Random random) {
        boolean pae = random.nextBoolean();
        Guest g = TestGuests.of(MIB, random.nextInt(4) == 0 ? null : pae);
        g.devicePage().add(DeviceType.CONSOLE, "none:", new int[] {256, 256}, 0, new byte[0]);
        if (random.nextInt(8) != 0) TestGuests.introduce(g, Generation.values()[random.nextInt(Generation.values().length)], DATA);
        g.cpu().eip = CODE;
        g.cpu().gpr[CpuState.ESP] = 0x9000;
        g.cpu().esp1 = 0xB000;
        for (int v = 0; v < 256; v++)
            if (random.nextInt(3) != 0) TestGuests.gate(g, v, CODE + random.nextInt(CODE_BYTES), 0xE + random.nextInt(2), random.nextInt(4));
        tables(g, pae, random);
        for (int at = CODE; at < CODE + CODE_BYTES;) at += piece(g, at, random);
        for (int i = random.nextInt(300); i > 0; i--)
            g.memory().store32(DATA + random.nextInt(1390), random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(20));
        if (random.nextInt(4) == 0) g.descriptors().set(random.nextInt(32), random.nextInt(), random.nextInt());
        return g;
    }

    /** Tables that map memory to itself and to 3 GiB; some are damaged. */
    private static void tables(Guest g, boolean pae, Random random) {
        var t = new PageTables(g.memory(), pae, new PageTables.Pool(TABLES));
        for (int pa = 0; pa < 0x140000; pa += 4096) {
            t.map(pa, pa, 7);
            t.map(0xC0000000 + pa, pa, 3);
        }
        for (int i = random.nextInt(3) * random.nextInt(40); i > 0; i--)
            g.memory().store32(TABLES + random.nextInt(0x4000) * 4, random.nextBoolean() ? random.nextInt() : random.nextInt(0x450) << 12 | random.nextInt(256));
    }

    /** A piece of code: a hypercall, an entry for the ring, a jump between rings, or anything. Returns its length. */
    private static int piece(Guest g, int at, Random random) {
        var m = g.memory();
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                int p = at;
                int[] registers = {0xB8, 0xBB, 0xB9, 0xBA, 0xBE};
                for (int r : registers) {
                    m.store8(p, r);
                    m.store32(p + 1, r == 0xB8 ? call(random) : argument(random));
                    p += 5;
                }
                m.store16(p, 0x1FCD);
                return p + 2 - at;
            }
            case 2 -> { // mov dword [somewhere], something
                m.store16(at, 0x05C7);
                m.store32(at + 2, random.nextBoolean() ? DATA + random.nextInt(1390) : argument(random));
                m.store32(at + 6, argument(random));
                return 10;
            }
            case 3 -> { // to ring 3 by iret: push ss, esp, eflags, cs, eip
                int p = at;
                for (int v : new int[] {0x7B, 0x8000, random.nextInt(), 0x73, CODE + random.nextInt(CODE_BYTES)}) {
                    m.store8(p, 0x68);
                    m.store32(p + 1, v);
                    p += 5;
                }
                m.store8(p, 0xCF);
                return p + 1 - at;
            }
            case 4 -> {
                m.store8(at, 0xCD);
                m.store8(at + 1, random.nextInt(256));
                return 2;
            }
            default -> {
                int n = 1 + random.nextInt(12);
                for (int i = 0; i < n; i++) m.store8(at + i, random.nextInt(256));
                return n;
            }
        }
    }

    private static int call(Random random) {
        Hypercall[] all = Hypercall.values();
        Hypercall c = all[random.nextInt(all.length)];
        if (c == Hypercall.SHUTDOWN && random.nextInt(4) != 0) c = Hypercall.SET_PTE;
        return random.nextInt(100) == 0 ? random.nextInt() : c.number();
    }

    private static int argument(Random random) {
        return switch (random.nextInt(7)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(4);
            case 2 -> random.nextInt(0x420000);
            case 3 -> TABLES;
            case 4 -> random.nextInt(0x420) << 12 | random.nextInt(128);
            case 5 -> 0xC0000000 + random.nextInt(0x140000);
            default -> 0x69;
        };
    }
}
