package org.lguest.cpu.tiered;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lguest.cpu.decode.Decoder;
import org.lguest.cpu.decode.Insn;

/** Behind each instruction, flags that nobody sees: {@code -}; that somebody may see: {@code F}. */
class UnseenFlagsTest {
    @ParameterizedTest
    @CsvSource({
        "01D8 31D8, -F", // add, xor
        "C1C805 31D8, -F", // ror changes some of them, xor all
        "40 01D8, -F", // inc keeps CF, which nobody wants
        "01D8 40, FF", // but here it is wanted
        "01D8 40 01D8, --F", // nor here: add, inc, add
        "01D8 8B03 01D8, F-F", // a load may fault
        "01D8 89D8 8D4304 01D8, ---F", // mov and lea cannot
        "01D8 1103 01D8, F-F", // adc reads CF
        "01D8 0F92C1 01D8, F-F", // so does setb
        "01D8 D3E0 01D8, --F", // shl by cl may change nothing
        "01D8 C1E000 39D8, --F", // shl by 0 does not
        "01D8 0FACD00C 01D8, --F", // shrd eax, edx, 12
        "01D8 0FADD0 40, FFF", // shrd by cl may change nothing, and inc keeps CF
        "01D8 0FAFC3, -F", // imul
        "01D8 50 01D8, F-F", // push may fault
        "01D8 F7D0 01D8, --F", // not
        "01D8 9E 01D8, --F", // sahf keeps OF, which nobody wants
        "01D8 F7F3 01D8, F-F", // div may fault
        "01D8 9C 01D8, F-F", // pushf looks
        "01D8 0FA3D8 01D8, --F"}) // bt
    void flagsAreUnseenWhenOthersReplaceThemBeforeAnybodyLooks(String code, String expected) {
        assertEquals(expected, marks(UnseenFlags.in(steps(HexFormat.of().parseHex(code.replace(" ", ""))), Windows.none())));
    }

    private static List<Step> steps(byte[] code) {
        List<Step> steps = new ArrayList<>();
        for (int at = 0; at < code.length;) {
            Insn i = new Insn();
            assertEquals(Decoder.Result.OK, new Decoder().decode(code, at, code.length, true, i));
            steps.add(new Step(steps.size(), at, steps.size(), i, null, List.of()));
            at += i.length;
        }
        return steps;
    }

    private static String marks(boolean[] unseen) {
        StringBuilder s = new StringBuilder();
        for (boolean u : unseen) s.append(u ? '-' : 'F');
        return s.toString();
    }
}
