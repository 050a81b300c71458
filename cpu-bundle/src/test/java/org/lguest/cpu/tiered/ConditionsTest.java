package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.RecordingHost;
import org.lguest.testkit.TestGuests;

/** Instructions that are generated with flags of their own kind, and what conditional jumps behind them see: the same as in the interpreter. */
class ConditionsTest {
    private static final int CODE = 0x20000, DATA = 0x8000, CONDITIONS = 16;
    private static final int[] VALUES = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x12345678};

    @ParameterizedTest
    @CsvSource({
        "0FACD00C", // shrd eax, edx, 12
        "0FADD0", // shrd eax, edx, cl
        "0FA4D001", // shld eax, edx, 1
        "0FA5D0", // shld eax, edx, cl
        "0FAC1605", // shrd [esi], edx, 5
        "0FC70E", // cmpxchg8b [esi]
        "F00FC70E", // lock cmpxchg8b [esi]
        "0FBAE805", // bts eax, 5
        "9E", // sahf
        "85C0 0FBAE005", // test eax, eax, which clears CF; bt eax, 5
        "39D0 0FC70E"}) // cmp eax, edx; cmpxchg8b [esi]
    void conditionsBehindGeneratedInstructionsAreThoseOfTheInterpreter(String instructions) {
        byte[] code = HexFormat.of().parseHex(instructions.replace(" ", ""));
        generated(code);
        for (int cc = 0; cc < CONDITIONS; cc++)
            for (int eax : VALUES)
                for (int edx : VALUES)
                    assertEquals(outcome(new Interpreter(), code, cc, eax, edx), outcome(Eager.engine(), code, cc, eax, edx),
                        String.format("condition %d, eax %x, edx %x", cc, eax, edx));
    }

    private static void generated(byte[] code) {
        Insn i = new Insn();
        for (int at = 0; at < code.length; at += i.length) {
            assertEquals(Decoder.Result.OK, new Decoder().decode(code, at, code.length, true, i));
            assertNotNull(Emitters.of(i));
        }
    }

    /** Registers and memory behind the instructions, and, in EDI, whether a jump behind them was taken. */
    private static String outcome(CpuEngine engine, byte[] code, int cc, int eax, int edx) {
        Guest guest = TestGuests.of(4, false);
        try {
            Parts parts = TestGuests.parts(engine, new PlainMmu(), null, new ManualClock(0), List.of(), new RecordingHost());
            TestGuests.ring(guest, 1);
            engine.adopt(guest);
            guest.memory().write(CODE, code, 0, code.length);
            byte[] jump = {(byte) (0x70 + cc), 1, 0x47, (byte) 0xCC}; // jcc over inc edi, int3
            guest.memory().write(CODE + code.length, jump, 0, jump.length);
            guest.memory().store32(DATA, eax ^ edx & 1);
            guest.memory().store32(DATA + 4, edx);
            CpuState cpu = guest.cpu();
            int[] registers = {eax, 33, edx, 0x55AA, 0x7000, 0, DATA, 0};
            System.arraycopy(registers, 0, cpu.gpr, 0, registers.length);
            cpu.eip = CODE;
            do engine.run(guest, parts, 1000);
            while (cpu.trapnum == CpuState.NO_TRAP);
            StringBuilder s = new StringBuilder(Integer.toHexString(cpu.eflags));
            for (int r = 0; r < registers.length; r++) s.append(' ').append(Integer.toHexString(cpu.gpr[r]));
            engine.release(guest);
            return s.append(' ').append(guest.memory().load64(DATA)).toString();
        } finally {
            guest.memory().close();
        }
    }
}
