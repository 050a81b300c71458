package org.lguest.cpu.rings;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Mmu;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.rings.Case.Patch;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.TestGuests;

/** One of our engines and the plain MMU, as a processor for cases of one kind of page tables. */
final class Engine implements AutoCloseable {
    private static final int BUDGET = 100_000;
    private static final int BYTES = World.PAGES << 12;

    private final CpuEngine engine;
    private final Mmu mmu = new PlainMmu();
    private final Guest guest;
    private final Parts parts;
    private final byte[] pristine, expected, actual = new byte[BYTES];

    Engine(CpuEngine engine, boolean pae) {
        this.engine = engine;
        guest = TestGuests.of(4, pae);
        parts = TestGuests.parts(engine, mmu, null, null, List.of(), null);
        pristine = World.pristine(pae);
        expected = pristine.clone();
        guest.memory().write(World.REGION, pristine, 0, BYTES);
        guest.memory().store64(World.POINTERS, World.DIRECTORY | World.PRESENT);
        describe(12, 4);
        mmu.adopt(guest);
        mmu.newPageTable(guest, pae ? World.POINTERS : World.DIRECTORY);
        engine.adopt(guest);
    }

    /** Entries of the table of descriptors become the guest's. */
    private void describe(int first, int count) {
        for (int i = first; i < first + count; i++) {
            int at = World.DESCRIPTORS - World.REGION + i * 8;
            guest.descriptors().set(i, World.get(expected, at), World.get(expected, at + 4));
        }
    }

    /** The processor's state, for those who look closer. */
    CpuState cpu() { return guest.cpu(); }

    Outcome run(Case c) {
        for (Patch p : c.patches()) change(p.address(), p.bytes(), 0, p.bytes().length);
        mmu.flushAll(guest);
        CpuState cpu = guest.cpu();
        System.arraycopy(c.gpr(), 0, cpu.gpr, 0, 8);
        cpu.eip = c.eip();
        cpu.eflags = c.eflags() | 2;
        cpu.cpl = c.selectors()[SegmentState.CS] & 3;
        for (int i = 0; i < 6; i++) load(cpu.seg[i], c.selectors()[i]);
        cpu.faultAddress = 0;
        engine.run(guest, parts, BUDGET);
        Outcome o = outcome(cpu);
        for (Patch p : c.patches()) change(p.address(), pristine, p.address() - World.REGION, p.bytes().length);
        return o;
    }

    private void load(SegmentState s, int selector) {
        if ((selector & 0xFFFC) == 0) s.clear(selector);
        else s.load(selector, guest.descriptors().low(selector >>> 3), guest.descriptors().high(selector >>> 3));
    }

    private void change(int at, byte[] from, int offset, int length) {
        guest.memory().write(at, from, offset, length);
        System.arraycopy(from, offset, expected, at - World.REGION, length);
        if (at >= World.DESCRIPTORS && at < World.DIRECTORY) describe(at - World.DESCRIPTORS >>> 3, length + 7 >>> 3);
    }

    private Outcome outcome(CpuState cpu) {
        var memory = new TreeMap<Integer, Integer>();
        guest.memory().read(World.REGION, actual, 0, BYTES);
        for (int i = 0, more; (more = Arrays.mismatch(expected, i, BYTES, actual, i, BYTES)) >= 0; i = (i & ~3) + 4) {
            i = i + more & ~3;
            memory.put(World.REGION + i, World.get(actual, i));
            guest.memory().store32(World.REGION + i, World.get(expected, i));
        }
        int[] selectors = new int[6];
        for (int i = 0; i < 6; i++) selectors[i] = cpu.seg[i].selector;
        return new Outcome(cpu.trapnum, cpu.errcode, cpu.trapnum == 14 ? cpu.faultAddress : 0, Arrays.copyOf(cpu.gpr, 8), cpu.eip, cpu.eflags, selectors, memory);
    }

    @Override
    public void close() {
        engine.release(guest);
        guest.memory().close();
    }
}
