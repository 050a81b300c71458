package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.TestGuests;

/** What Flight Recorder is told of generated code. */
class FlightRecorderTest {
    private static final int CODE = 0x1000, DATA = 0x4FFE;
    /** MOV ECX, 5; again: MOV EAX, [0x4FFE]; DEC ECX; JNZ again; INT3. */
    private static final byte[] LOOP = {(byte) 0xB9, 5, 0, 0, 0, (byte) 0xA1, (byte) 0xFE, 0x4F, 0, 0, 0x49, 0x75, (byte) 0xF8, (byte) 0xCC};

    @Test
    void generatedCodeIsToldAndSoIsAnInstructionThatItLeavesToTheInterpreter() {
        List<RecordedEvent> generated = new ArrayList<>(), exits = new ArrayList<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.setReuse(false);
            stream.enable("org.lguest.SideExit");
            stream.onEvent("org.lguest.Generate", generated::add);
            stream.onEvent("org.lguest.SideExit", exits::add);
            stream.startAsync();
            run();
            stream.stop(); // what was committed before is delivered
        }
        assertTrue(generated.stream().anyMatch(e -> e.getLong("address") == CODE && e.getInt("size") > 0), generated::toString);
        assertEquals(CODE + 5, exits.getFirst().getLong("eip"), "the load from two pages");
    }

    private static void run() {
        Guest guest = TestGuests.of(4);
        guest.memory().write(CODE, LOOP, 0, LOOP.length);
        guest.memory().store32(DATA, 42);
        CpuEngine engine = Eager.engine();
        engine.adopt(guest);
        guest.cpu().eip = CODE;
        while (guest.cpu().trapnum < 0) engine.run(guest, new Parts(engine, new PlainMmu(), null, new ManualClock(0), Map.of(), null), 10_000);
        engine.release(guest);
        assertEquals(3, guest.cpu().trapnum);
        assertEquals(42, guest.cpu().gpr[0]);
        guest.memory().close();
    }
}
