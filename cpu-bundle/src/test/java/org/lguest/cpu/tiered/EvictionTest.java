package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.GeneratedCode;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.RecordingHost;
import org.lguest.testkit.TestGuests;

/** An engine that may have four regions at a time, and a guest with ten functions, each in a page of its own. */
class EvictionTest {
    private static final int REGIONS = 4, FUNCTIONS = 10, FUNCTION = 0x20000, APART = 0x1000, END = FUNCTION + FUNCTIONS * APART, STACK = 0x8000;
    /** INC EAX; RET, and the same with DEC. */
    private static final byte[] INC_RET = {0x40, (byte) 0xC3}, DEC_RET = {0x48, (byte) 0xC3};
    private static final byte INT3 = (byte) 0xCC;

    private final Guest guest = TestGuests.of(4, false);
    private final TieredEngine engine = new TieredEngine(new Tuning(1, 1, 150, 200, 300, 0, 1 << 20, 0, REGIONS, 0, 0, Reach.DIRECT, false), new Eager());
    private final Parts parts = TestGuests.parts(engine, new PlainMmu(), null, new ManualClock(0), List.of(), new RecordingHost());

    @BeforeEach
    void tenFunctions() {
        TestGuests.ring(guest, 1);
        engine.adopt(guest);
        for (int i = 0; i < FUNCTIONS; i++) code(i, INC_RET);
        guest.memory().write(END, new byte[] {INT3}, 0, 1);
    }

    @AfterEach
    void close() {
        engine.release(guest);
        guest.memory().close();
    }

    private void code(int function, byte[] code) { guest.memory().write(FUNCTION + function * APART, code, 0, code.length); }

    private void run(int function) {
        CpuState cpu = guest.cpu();
        guest.memory().store32(STACK, END);
        cpu.gpr[CpuState.ESP] = STACK;
        cpu.eip = FUNCTION + function * APART;
        do engine.run(guest, parts, 1000);
        while (cpu.trapnum == CpuState.NO_TRAP);
        assertEquals(3, cpu.trapnum);
    }

    private Set<Long> addresses() { return engine.generated(guest).stream().map(GeneratedCode::address).collect(Collectors.toSet()); }

    @Test
    void thereAreNeverMoreRegionsThanAllowedAndWhatTheyDoStaysTheSame() {
        for (int k = 1; k <= 5 * FUNCTIONS; k++) {
            run(k % FUNCTIONS);
            assertEquals(k, guest.cpu().gpr[0]);
            assertTrue(addresses().size() <= REGIONS, () -> addresses().toString());
        }
    }

    @Test
    void whatIsEnteredLeastGoesFirst() {
        run(0);
        for (int i = 1; i < FUNCTIONS; i++) {
            run(i);
            for (int k = 0; k < 10; k++) run(0);
        }
        assertTrue(addresses().contains((long) FUNCTION), "the function that was called all the time");
    }

    @Test
    void codeThatChangesOverAndOverDrivesNoOtherOut() {
        run(0);
        run(1);
        for (int k = 0; k < 5 * REGIONS; k++) {
            code(2, k % 2 == 0 ? DEC_RET : INC_RET);
            run(2);
            run(2);
            assertEquals(Set.of((long) FUNCTION, (long) FUNCTION + APART, (long) FUNCTION + 2 * APART), addresses());
        }
        assertEquals(2, guest.cpu().gpr[0]);
    }

    @Test
    void classesOfEvictedCodeAreUnloaded() {
        Map<Long, WeakReference<Class<?>>> classes = new HashMap<>();
        for (int i = 0; i < FUNCTIONS; i++) {
            run(i);
            for (GeneratedCode g : engine.generated(guest)) classes.put(g.address(), new WeakReference<>(((Generated) g).region().getClass()));
        }
        addresses().forEach(classes::remove);
        assertFalse(classes.isEmpty(), "nothing was evicted");
        for (int k = 0; k < 10 && !classes.isEmpty(); k++) {
            System.gc();
            classes.values().removeIf(c -> c.get() == null);
        }
        assertEquals(Map.of(), classes);
    }

    @Test
    void flightRecorderIsTold() {
        List<RecordedEvent> evicted = new ArrayList<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.setReuse(false);
            stream.onEvent("org.lguest.Evict", evicted::add);
            stream.startAsync();
            for (int i = 0; i <= REGIONS; i++) run(i);
            stream.stop(); // what was committed before is delivered
        }
        assertEquals(List.of(REGIONS / 2), evicted.stream().map(e -> e.getInt("evicted")).toList());
        assertEquals(List.of(REGIONS / 2), evicted.stream().map(e -> e.getInt("left")).toList());
    }
}
