package org.lguest.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.lguest.api.state.CpuState.*;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lguest.api.state.SegmentState;
import org.lguest.cpu.decode.Decoder.Result;
import org.lguest.cpu.decode.Insn.Kind;

/** Bytes to instructions, one rule at a time. */
class DecoderTest {
    private final Decoder decoder = new Decoder();
    private final Insn insn = new Insn();

    private Result decode(String hex, boolean code32) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        return decoder.decode(Arrays.copyOf(b, 40), 0, 40, code32, insn);
    }

    private Insn ok(String hex) {
        assertEquals(Result.OK, decode(hex, true));
        assertEquals(HexFormat.of().parseHex(hex.replace(" ", "")).length, insn.length);
        return insn;
    }

    private Insn ok16(String hex) {
        assertEquals(Result.OK, decode(hex, false));
        assertEquals(HexFormat.of().parseHex(hex.replace(" ", "")).length, insn.length);
        return insn;
    }

    private void assertAddress(int base, int index, int scale, int disp, int segment) {
        assertEquals(base, insn.base, "base");
        assertEquals(index, insn.index, "index");
        assertEquals(scale, insn.scale, "scale");
        assertEquals(disp, insn.disp, "displacement");
        assertEquals(segment, insn.segment, "segment");
    }

    // --- prefixes ---------------------------------------------------------------------------------------------------

    @Test
    void prefixesComeInAnyOrderAndTheLastSegmentWins() {
        ok("66 2E 67 64 F3 8B 07");
        assertEquals(16, insn.operandSize);
        assertEquals(16, insn.addressSize);
        assertEquals(SegmentState.FS, insn.overridden);
        assertEquals(0xF3, insn.repeat);
        ok("64 2E 8B 00");
        assertEquals(SegmentState.CS, insn.segment);
    }

    @Test
    void lastRepeatPrefixWins() {
        assertEquals(0xF2, ok("F3 F2 A6").repeat);
        assertEquals(0xF3, ok("F2 F3 A6").repeat);
        assertEquals(0, ok("A6").repeat);
    }

    @Test
    void repeatedPrefixesDoNotAddUp() {
        assertEquals(16, ok("66 66 66 40").operandSize);
        assertEquals(16, ok("67 67 8B 07").addressSize);
    }

    @Test
    void sizesOf16BitCodeAreTheOtherWayRound() {
        assertEquals(16, ok16("40").operandSize);
        assertEquals(32, ok16("66 40").operandSize);
        assertEquals(16, ok16("8B 07").addressSize);
        assertEquals(32, ok16("67 8B 07").addressSize);
    }

    @Test
    void fifteenBytesAreAnInstructionAndSixteenAreNot() {
        ok("66".repeat(14) + "40");
        assertEquals(Result.TOO_LONG, decode("66".repeat(15) + "40", true));
        ok("2E".repeat(4) + "81 84 05 11223344 55667788");
        assertEquals(Result.TOO_LONG, decode("2E".repeat(5) + "81 84 05 11223344 55667788", true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"F0 01 C8", "F0 90", "F0 8B 00", "F0 39 00", "F0 84 00", "F0 0F A3 00", "F0 89 00", "F0 A4", "F0 50", "F0 E9 00000000", "F0 C1 20 01", "F0 0F A4 00 01", "F0 03 00"})
    void lockOnWhatCannotBeLockedIsUndefined(String hex) { assertEquals(Result.UNDEFINED, decode(hex, true)); }

    @ParameterizedTest
    @ValueSource(strings = {"F0 01 00", "F0 80 00 01", "F0 FF 00", "F0 F7 18", "F0 0F AB 00", "F0 0F BA 28 01", "F0 0F B1 08", "F0 0F C1 08", "F0 0F C7 08", "F0 87 08"})
    void lockOnReadModifyWriteIsFine(String hex) { ok(hex); }

    // --- addresses --------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "8B 00, 0, 8, 0, 0, 3",
        "8B 05 78563412, 8, 8, 0, 305419896, 3",
        "8B 45 80, 5, 8, 0, -128, 2", // EBP: the stack segment
        "8B 85 00000080, 5, 8, 0, -2147483648, 2",
        "8B 04 24, 4, 8, 0, 0, 2", // ESP without index
        "8B 44 24 7F, 4, 8, 0, 127, 2",
        "8B 04 A4, 4, 8, 0, 0, 2", // no index whatever the scale says
        "8B 04 8D 10000000, 8, 1, 2, 16, 3", // no base
        "8B 44 8D 10, 5, 1, 2, 16, 2",
        "8B 04 C8, 0, 1, 3, 0, 3",
        "8B 04 E8, 0, 5, 3, 0, 3", // EBP as index: still the data segment
        "8B 04 2C, 4, 5, 0, 0, 2",
        "8B 84 9E FFFFFFFF, 6, 3, 2, -1, 3"})
    void addressesOf32Bits(String hex, int base, int index, int scale, int disp, int segment) {
        ok(hex);
        assertAddress(base, index, scale, disp, segment);
    }

    @ParameterizedTest
    @CsvSource({
        "8B 00, 3, 6, 3", "8B 01, 3, 7, 3", "8B 02, 5, 6, 2", "8B 03, 5, 7, 2", "8B 04, 6, 8, 3", "8B 05, 7, 8, 3", "8B 07, 3, 8, 3"})
    void addressesOf16Bits(String hex, int base, int index, int segment) {
        ok16(hex);
        assertAddress(base, index, 0, 0, segment);
    }

    @Test
    void displacementsOf16Bits() {
        ok16("8B 06 3412");
        assertAddress(ZERO, ZERO, 0, 0x1234, SegmentState.DS);
        ok16("8B 46 FE");
        assertAddress(EBP, ZERO, 0, -2, SegmentState.SS);
        ok16("8B 80 0080");
        assertEquals(0x8000, insn.disp & 0xFFFF);
        ok("67 8B 06 3412");
        assertAddress(ZERO, ZERO, 0, 0x1234, SegmentState.DS);
    }

    @Test
    void offsetsWithoutModrmFollowTheAddressSize() {
        ok("A1 78563412");
        assertEquals(0x12345678, insn.disp);
        assertEquals(Kind.MEMORY, insn.srcKind);
        ok("67 A1 3412");
        assertEquals(0x1234, insn.disp);
        ok("64 A2 00000000");
        assertEquals(SegmentState.FS, insn.segment);
        assertEquals(8, insn.size);
    }

    // --- operands ---------------------------------------------------------------------------------------------------

    @Test
    void firstOperandIsTheDestination() {
        ok("01 D8"); // add eax, ebx
        assertEquals(EAX, insn.dst);
        assertEquals(EBX, insn.src);
        ok("03 D8");
        assertEquals(EBX, insn.dst);
        assertEquals(EAX, insn.src);
    }

    @Test
    void immediatesAreSignExtendedAsTheOpcodeSays() {
        assertEquals(-1, ok("83 C0 FF").imm);
        assertEquals(0xFFFF8000, ok("66 81 C0 0080").imm);
        assertEquals(0x12345678, ok("81 C0 78563412").imm);
        assertEquals(-128, ok("6A 80").imm);
        assertEquals(0x8000, ok("C2 0080").imm & 0xFFFF);
    }

    @Test
    void enterHasTwoImmediates() {
        ok("C8 3412 05");
        assertEquals(0x1234, insn.imm & 0xFFFF);
        assertEquals(5, insn.imm2 & 0xFF);
    }

    @Test
    void farPointersAreOffsetThenSelector() {
        ok("EA 78563412 BC9A");
        assertEquals(0x12345678, insn.imm);
        assertEquals(0x9ABC, insn.imm2);
        ok("66 9A 3412 7856");
        assertEquals(0x1234, insn.imm);
        assertEquals(0x5678, insn.imm2);
    }

    @Test
    void bytesOfRegistersHaveTheirOwnNumbers() {
        ok("88 E1"); // mov cl, ah
        assertEquals(1, insn.dst);
        assertEquals(4, insn.src);
        assertEquals(8, insn.size);
    }

    @Test
    void movOfControlRegistersIgnoresTheModField() {
        ok("0F 20 01");
        assertEquals("MOV", insn.row.mnemonic());
        assertEquals(Result.OK, decode("0F 22 45", true));
        assertEquals(3, insn.length);
    }

    // --- ends -------------------------------------------------------------------------------------------------------

    @Test
    void instructionThatIsCutOffIsIncompleteUntilItsLastByte() {
        byte[] whole = HexFormat.of().parseHex("2666818405112233445566" + "7788");
        for (int n = 1; n < 11; n++) assertEquals(Result.INCOMPLETE, decoder.decode(whole, 0, n, true, insn), n + " bytes");
        assertEquals(Result.OK, decoder.decode(whole, 0, 11, true, insn));
        assertEquals(11, insn.length);
    }

    @Test
    void undefinedOpcodesAreUndefined() {
        for (String hex : new String[] {"0F 04", "0F 0A", "0F 24 00", "0F 3F", "0F 7A C0", "0F A6 C0", "FF F8", "FE D0", "8F C8", "C6 C8", "C7 48 00", "8D C0", "C4 C0", "62 C0", "0F C7 C8", "0F BA 00 00"})
            assertEquals(Result.UNDEFINED, decode(hex, true), hex);
    }

    @Test
    void randomBytesNeverThrowAndNeverRunOver() {
        var random = new SplittableRandom(3);
        byte[] b = new byte[32];
        for (int n = 0; n < 300_000; n++) {
            for (int i = 0; i < 20; i++) b[i] = (byte) random.nextInt();
            int limit = 1 + random.nextInt(20);
            Result r = decoder.decode(b, 0, limit, random.nextBoolean(), insn);
            if (r != Result.OK) continue;
            assertNotEquals(0, insn.length);
            assertEquals(true, insn.length <= Math.min(15, limit), () -> HexFormat.of().formatHex(b));
        }
    }
}
