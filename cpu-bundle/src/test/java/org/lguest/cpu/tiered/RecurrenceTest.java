package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.Guest;
import org.lguest.api.part.CpuEngine;
import org.lguest.api.part.Parts;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Insn;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.testkit.ManualClock;
import org.lguest.testkit.PlainMmu;
import org.lguest.testkit.TestGuests;

/** Loops that multiply a register and add to it. */
class RecurrenceTest {
    private static final int CODE = 0x1000, DATA = 0x5000, ROUNDS = 29;
    /** IMUL EAX, EAX, 1664525; IMUL EAX, EAX, 3; DEC EDI. */
    private static final String LCG = "69C00D661900", TIMES_3 = "6BC003", COUNT = "4F";

    @ParameterizedTest
    @CsvSource({
        LCG + "01D8, 0 1", // imul eax, eax, 1664525; add eax, ebx
        LCG + "01D88B0B, 0 1", // and then mov ecx, [ebx]
        "01D8" + TIMES_3 + "31D2, 1 0", // add eax, ebx; imul eax, eax, 3; xor edx, edx
        LCG + "01D889C2C1EA0731D3, 0 1", // what is added depends on the register
        TIMES_3 + "01C0, 0 1"}) // add eax, eax
    void productsOfASumAreFound(String code, String expected) {
        Recurrence r = in(code);
        assertEquals(expected, r.product().sequence() + " " + r.sum().sequence());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        LCG + "0539300000", // add eax, 12345: HotSpot knows what to do
        LCG, // nothing is added
        LCG + "01D801C8", // two things are
        LCG + "01D8" + TIMES_3, // two products
        LCG + "01D8D1E8", // shr eax, 1
        LCG + "01D888C8", // mov al, cl
        LCG + "11D8", // adc
        LCG + "29D8", // sub
        LCG + "6601D8", // add ax, bx
        LCG + "01C3", // add ebx, eax
        LCG + "0F92C101D8", // setc cl: the product's flags are seen
        LCG + "0303", // add eax, [ebx]: when that faults they are as well
        "69C30D66190001D8"}) // of another register
    void whatIsNotOneIsNot(String code) { assertNull(in(code)); }

    @Test
    void blockThatDoesNotLeadToItselfHasNone() {
        Block b = block(LCG + "01D8" + COUNT);
        b.leadsTo = List.of(b.spot.to(0x200));
        assertNull(Recurrence.in(b, UnseenFlags.in(b.steps, Windows.none())));
    }

    /** What each round leaves in memory is compared as well: the register is right at each instruction. */
    @ParameterizedTest
    @ValueSource(strings = {
        LCG + "01D889C2C1EA0731D3", // imul eax, eax, 1664525; add eax, ebx; mov edx, eax; shr edx, 7; xor ebx, edx
        "8B0E" + LCG + "01C8890683C604", // mov ecx, [esi]; imul; add eax, ecx; mov [esi], eax; add esi, 4
        "0306" + LCG + "890683C604", // add eax, [esi]; imul; mov [esi], eax; add esi, 4
        TIMES_3 + "01C0890683C604", // imul eax, eax, 3; add eax, eax; mov [esi], eax; add esi, 4
        "8906" + TIMES_3 + "89460401D883C60869DB01010100"}) // mov [esi], eax; imul; mov [esi+4], eax; add eax, ebx; add esi, 8; imul ebx, ebx, 0x10101
    void loopComesToWhatTheInterpreterSays(String body) {
        Random random = new Random(body.hashCode());
        for (int i = 0; i < 8; i++) {
            long seed = random.nextLong();
            int budget = i % 2 == 0 ? 10_000 : 7; // and it may be left in any round, and entered again
            int[] expected = run(new Interpreter(), body, seed, budget);
            assertArrayEquals(expected, run(Eager.engine(), body, seed, budget));
            assertArrayEquals(expected, run(Eager.checked(), body, seed, budget));
        }
    }

    /** Registers, and what is in memory. */
    private static int[] run(CpuEngine engine, String body, long seed, int budget) {
        byte[] code = HexFormat.of().parseHex(body + COUNT + "75" + HexFormat.of().toHexDigits((byte) -(body.length() / 2 + 3)) + "CC");
        Guest guest = TestGuests.of(16);
        CpuState cpu = guest.cpu();
        guest.memory().write(CODE, code, 0, code.length);
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) guest.memory().store32(DATA + 4 * i, random.nextInt());
        engine.adopt(guest);
        Parts parts = new Parts(engine, new PlainMmu(), null, new ManualClock(0), Map.of(), null);
        for (int turn = 0; turn < 3; turn++) { // generated code is there from the second on
            cpu.gpr[CpuState.EAX] = random.nextInt();
            cpu.gpr[CpuState.EBX] = random.nextInt();
            cpu.gpr[CpuState.ESI] = DATA;
            cpu.gpr[CpuState.EDI] = ROUNDS;
            cpu.eip = CODE;
            do engine.run(guest, parts, budget);
            while (cpu.trapnum == CpuState.NO_TRAP);
            assertEquals(3, cpu.trapnum);
        }
        if (!(engine instanceof Interpreter)) assertFalse(engine.generated(guest).isEmpty(), "code was generated");
        int[] state = new int[8 + 2 * ROUNDS];
        System.arraycopy(cpu.gpr, 0, state, 0, 8);
        for (int i = 0; i < 2 * ROUNDS; i++) state[8 + i] = guest.memory().load32(DATA + 4 * i);
        engine.release(guest);
        guest.memory().close();
        return state;
    }

    private static Recurrence in(String code) {
        Block b = block(code + COUNT);
        b.leadsTo = List.of(b.spot);
        return Recurrence.in(b, UnseenFlags.in(b.steps, Windows.none()));
    }

    private static Block block(String hex) {
        byte[] code = HexFormat.of().parseHex(hex);
        Block b = new Block(new Spot(0, null));
        for (int at = 0; at < code.length;) {
            Insn i = new Insn();
            assertEquals(Decoder.Result.OK, new Decoder().decode(code, at, code.length, true, i));
            b.steps.add(new Step(b.steps.size(), at, b.steps.size(), i, null, List.of()));
            at += i.length;
        }
        return b;
    }
}
