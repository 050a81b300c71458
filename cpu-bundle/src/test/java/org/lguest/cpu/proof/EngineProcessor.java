package org.lguest.cpu.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.proof.Case.Patch;
import org.lguest.cpu.proof.World.Area;
import org.lguest.cpu.proof.World.Segment;

/** One of our engines, in ring 3 with the segments and pages that a process on Linux has. */
final class EngineProcessor implements Processor {
    private static final int BUDGET = 200_000;
    private static final int MANY_TURNS = 50;

    private final CpuEngine engine;
    private final Guest guest;
    private final Parts parts;
    private final Image image;
    private final byte[] actual = new byte[0x2000];

    /** With numbers in memory. */
    EngineProcessor(CpuEngine engine) { this(engine, new Image(false)); }

    EngineProcessor(CpuEngine engine, Image image) {
        this.engine = engine;
        this.image = image;
        try {
            guest = new Guest(new GuestSpec("proof", 1, null, null, "", List.of(), null), GuestMemory.create((long) FlatMmu.PAGES * GuestMemory.PAGE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var mmu = new FlatMmu();
        parts = new Parts(engine, mmu, null, null, Map.of(), null);
        mmu.adopt(guest);
        engine.adopt(guest);
        for (Area a : World.AREAS) write(a.address(), image.of(a));
        describe(guest.descriptors());
    }

    private static void describe(DescriptorTable t) {
        t.set(4, 0xFFFF, 0x00CFFB00);
        t.set(5, 0xFFFF, 0x00CFF300);
        t.set(6, 0xFFFF, 0x00AFFB00);
        for (Segment s : World.SEGMENTS) if (!s.local()) t.set(s.index(), s.low(), s.high());
    }

    /** The guest that cases run in. */
    Guest guest() { return guest; }

    @Override
    public List<Outcome> run(List<Case> cases) {
        List<Outcome> outcomes = new ArrayList<>(cases.size());
        for (Case c : cases) outcomes.add(run(c));
        return outcomes;
    }

    private Outcome run(Case c) {
        for (Patch p : c.patches()) write(p.address(), p.bytes());
        image.begin(c);
        CpuState cpu = guest.cpu();
        System.arraycopy(c.gpr(), 0, cpu.gpr, 0, 8);
        cpu.eip = c.eip();
        cpu.eflags = c.eflags() | CpuState.IF | 2;
        (c.fpu() != null ? c.fpu() : FpuImage.reset()).to(cpu);
        cpu.cpl = 3;
        for (int i = 0; i < 6; i++) load(cpu.seg[i], c.selectors()[i]);
        int turns = 0;
        do engine.run(guest, parts, BUDGET);
        while (cpu.trapnum == CpuState.NO_TRAP && ++turns < MANY_TURNS);
        if (guest.dead()) throw new AssertionError(guest.endingNow() + " in " + c);
        Outcome o = outcome(cpu, c.fpu() != null);
        image.end(c);
        for (Patch p : c.patches()) if (image.passing(p)) write(p.address(), image.read(p.address(), p.bytes().length));
        return o;
    }

    private void load(SegmentState s, int selector) {
        Segment local = (selector & 4) != 0 ? World.segment(selector) : null;
        if (local != null) s.load(selector, local.low(), local.high());
        else if ((selector & 0xFFFC) == 0) s.clear(selector);
        else s.load(selector, guest.descriptors().low(selector >>> 3), guest.descriptors().high(selector >>> 3));
    }

    /** What a process would see: Linux turns software interrupts other than 3 and 4 into #GP, because the gates are not its own. */
    private Outcome outcome(CpuState cpu, boolean fpu) {
        boolean refused = cpu.software && cpu.trapnum != 3 && cpu.trapnum != 4;
        int[] selectors = new int[6];
        for (int i = 0; i < 6; i++) selectors[i] = Outcome.selector(cpu.seg[i].selector);
        int trap = refused ? 13 : cpu.trapnum == CpuState.NO_TRAP ? Outcome.ENDLESS : cpu.trapnum;
        return new Outcome(Arrays.copyOf(cpu.gpr, 8), refused ? cpu.softwareEip : cpu.eip, cpu.eflags, selectors, trap,
            refused ? cpu.trapnum * 8 + 2 : cpu.errcode, trap == 14 ? cpu.faultAddress : 0, changes(), fpu ? FpuImage.of(cpu) : null);
    }

    private SortedMap<Integer, Byte> changes() {
        SortedMap<Integer, Byte> changes = Outcome.noMemory();
        for (Area a : World.AREAS) {
            byte[] wanted = image.of(a);
            for (int page = 0; page < a.pages(); page++) guest.memory().read((long) FlatMmu.frame(a.address() + (page << 12)) << 12, actual, page << 12, 4096);
            for (int i = 0, more; (more = Arrays.mismatch(wanted, i, wanted.length, actual, i, wanted.length)) >= 0; i++) {
                i += more;
                changes.put(a.address() + i, actual[i]);
                write(a.address() + i, new byte[] {wanted[i]});
            }
        }
        return changes;
    }

    /** Writes as a device would: so that decoded code is told. */
    private void write(int va, byte[] bytes) {
        for (int done = 0; done < bytes.length;) {
            int n = Math.min(bytes.length - done, 0x1000 - (va + done & 0xFFF));
            guest.memory().write((long) FlatMmu.frame(va + done) << 12 | va + done & 0xFFF, bytes, done, n);
            done += n;
        }
    }

    @Override
    public void close() {
        engine.release(guest);
        guest.memory().close();
    }
}
