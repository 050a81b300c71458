package org.lguest.bench;

import java.util.HexFormat;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SoftTlb;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.tiered.TieredEngine;
import org.lguest.hypercalls.LifeCalls;
import org.lguest.mmu.ShadowMmu;
import org.lguest.switcher.RunLoop;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PageTables;
import org.lguest.testkit.RecordingHost;
import org.lguest.testkit.TestGuests;

/**
 * A guest without kernel: code goes in as hex, every page of the lower half is mapped where it is, for both rings, and the tables are in the
 * upper one.
 */
final class Machine implements AutoCloseable {
    static final int CODE = 0x20000, STACK = 0x40000, DATA = 0x50000, TRAP_STACK = 0x60000;
    /** What it knows of its host, {@code struct lguest_data}. */
    private static final int LGUEST_DATA = 0x10000;
    /** Addresses so far apart share an entry of the SoftTlb. */
    static final int TLB_SPAN = SoftTlb.ENTRIES << 12;
    private static final int MAPPED = 2 * TLB_SPAN, MIB = 2 * MAPPED >> 20;
    private static final int TRAP_GATE = 0xF, ANY_RING = 3;

    final Guest guest = TestGuests.of(MIB, false);
    final CpuState cpu = guest.cpu();
    private final RunLoop switcher = new RunLoop();
    private final ShadowMmu mmu = new ShadowMmu();
    private final CpuEngine engine;
    private final Parts parts;

    /** With the engine of a name, in ring 1. */
    Machine(String name) {
        engine = switch (name) {
            case "interpreter" -> new Interpreter();
            case "tiered" -> new TieredEngine();
            default -> throw new IllegalArgumentException(name);
        };
        parts = TestGuests.parts(engine, mmu, switcher, new ManualClock(0), List.of(new LifeCalls()), new RecordingHost());
        TestGuests.introduce(guest, Generation.LINUX_3_1, LGUEST_DATA);
        PageTables tables = new PageTables(guest.memory(), false, new PageTables.Pool(MAPPED));
        for (int page = 0; page < MAPPED; page += 4096)
            tables.map(page, page, PageTables.P | PageTables.RW | PageTables.US | PageTables.A | PageTables.D);
        mmu.adopt(guest);
        mmu.newPageTable(guest, tables.root());
        switcher.adopt(guest);
        engine.adopt(guest);
        cpu.gpr[CpuState.ESP] = STACK;
        cpu.esp1 = TRAP_STACK;
        cpu.eip = CODE;
    }

    /** Writes code, bytes as hex with blanks. */
    Machine code(int at, String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        guest.memory().write(at, b, 0, b.length);
        return this;
    }

    /** A word of memory. */
    Machine word(int at, int value) {
        guest.memory().store32(at, value);
        return this;
    }

    /** Sets a register. */
    Machine register(int number, int value) {
        cpu.gpr[number] = value;
        return this;
    }

    /** A handler, for interrupts that any ring may cause. */
    Machine handler(int vector, int at) {
        TestGuests.gate(guest, vector, at, TRAP_GATE, ANY_RING);
        return this;
    }

    /** Goes on as a program does. */
    Machine program() {
        TestGuests.ring(guest, 3);
        return this;
    }

    /** So many instructions, and no trap. */
    int instructions(int count) {
        cpu.trapnum = CpuState.NO_TRAP;
        engine.run(guest, parts, count);
        if (cpu.trapnum != CpuState.NO_TRAP) throw new IllegalStateException("trap " + cpu.trapnum + "\n" + cpu);
        return cpu.eip;
    }

    /** A turn, to the next trap. */
    int turn() {
        switcher.turn(guest, parts);
        if (guest.dead()) throw new IllegalStateException(guest.endingNow().toString());
        return cpu.eip;
    }

    @Override
    public void close() {
        engine.release(guest);
        mmu.release(guest);
        guest.memory().close();
    }
}
