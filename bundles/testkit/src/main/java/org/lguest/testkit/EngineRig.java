package org.lguest.testkit;

import java.util.HexFormat;
import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.SegmentState;

/**
 * A guest of 4 MiB whose linear addresses are physical ones until a test maps otherwise, with an engine on it: code goes in
 * as hex, runs until a trap, and the state is there to be looked at. Memory is filled with INT3 at {@link #CODE}, and ends,
 * as far as it is mapped, at {@link #END}.
 */
final class EngineRig implements AutoCloseable {
    /** Where code may be: 64 KiB of INT3. */
    static final int CODE = 0x20000;
    /** Top of a stack, and zeroed data. */
    static final int STACK = 0x40000, DATA = 0x50000;
    /** First address that is not mapped; page tables are there. */
    static final int END = 0x300000;
    private static final int BUDGET = 1000, TURNS = 1000;

    final Guest guest;
    final CpuState cpu;
    final CpuEngine engine;
    final PlainMmu mmu = new PlainMmu();
    final Parts parts;
    final PageTables tables;

    EngineRig(CpuEngine engine, int ring) {
        this.engine = engine;
        guest = TestGuests.of(4, false);
        cpu = guest.cpu();
        TestGuests.ring(guest, ring);
        parts = TestGuests.parts(engine, mmu, null, new ManualClock(0), List.of(), new RecordingHost());
        for (int at = CODE; at < CODE + 0x10000; at += 4) guest.memory().store32(at, 0xCCCCCCCC);
        cpu.gpr[CpuState.ESP] = STACK;
        tables = new PageTables(guest.memory(), false, new PageTables.Pool(END));
        for (int page = 0; page < END; page += 4096) tables.map(page, page, PageTables.P | PageTables.RW | PageTables.US);
        mmu.adopt(guest);
        mmu.newPageTable(guest, tables.root());
        engine.adopt(guest);
    }

    /** Writes code, bytes as hex with blanks; answers the address behind it. */
    int code(int at, String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        guest.memory().write(at, b, 0, b.length);
        return at + b.length;
    }

    /** Runs code that was just written at {@link #CODE}, until a trap. */
    EngineRig run(String hex) {
        code(CODE, hex);
        return run(CODE);
    }

    /** Runs from an EIP until a trap. */
    EngineRig run(int eip) {
        cpu.eip = eip;
        for (int n = 0; n < TURNS; n++) {
            engine.run(guest, parts, BUDGET);
            if (cpu.trapnum != CpuState.NO_TRAP) return this;
        }
        throw new AssertionError("no end in sight\n" + cpu);
    }

    /** Vector and error code of the trap, such as {@code 13:60}, the code in hex. */
    String trap() { return cpu.trapnum + ":" + Integer.toHexString(cpu.errcode); }

    /** A word of memory. */
    int word(int at) { return guest.memory().load32(at); }

    /** A word on the stack, by its distance from ESP in bytes. */
    int stack(int above) { return word(cpu.gpr[CpuState.ESP] + above); }

    /** Pushes a word from outside. */
    void push(int v) {
        cpu.gpr[CpuState.ESP] -= 4;
        guest.memory().store32(cpu.gpr[CpuState.ESP], v);
    }

    /**
     * Enters a segment descriptor.
     *
     * @param limit  in bytes, as the segment register will have it: a multiple of 4096 less one above 1 MiB
     * @param access access byte
     * @param big    the D/B flag
     */
    void descriptor(int index, int base, int limit, int access, boolean big) {
        boolean pages = limit >>> 20 != 0;
        int raw = pages ? limit >>> 12 : limit;
        int high = base & 0xFF000000 | base >>> 16 & 0xFF | access << 8 | raw & 0xF0000 | (big ? 0x400000 : 0) | (pages ? 0x800000 : 0);
        guest.descriptors().set(index, base << 16 | raw & 0xFFFF, high);
    }

    /** Enters a call gate. */
    void gate(int index, int selector, int offset, int type, int dpl, int parameters) {
        guest.descriptors().set(index, selector << 16 | offset & 0xFFFF, offset & 0xFFFF0000 | (0x80 | dpl << 5 | type) << 8 | parameters);
    }

    /** Loads a segment register from the table, without checks. */
    void load(int register, int selector) {
        int n = selector >>> 3;
        cpu.seg[register].load(selector, guest.descriptors().low(n), guest.descriptors().high(n));
        if (register == SegmentState.CS) cpu.cpl = selector & 3;
    }

    /** Goes to ring 1 or ring 3 with flat segments. */
    void ring(int ring) { TestGuests.ring(guest, ring); }

    @Override
    public void close() {
        engine.release(guest);
        mmu.release(guest);
        guest.memory().close();
    }
}
