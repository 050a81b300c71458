package org.lguest.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisassemblerTest {
    private static String words(String hex, boolean code32) { return Disassembler.words(HexFormat.of().parseHex(hex), 0x1000, code32); }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"89d8|mov eax, ebx", "6689d8|mov ax, bx", "8a4df8|mov cl, byte [ebp-8]", "8b04b5fcffffff|mov eax, dword [esi*4-4]",
        "658b0d04000000|mov ecx, dword gs:[4]", "a1785634c0|mov eax, dword [0xc0345678]", "6a1f|push 0x1f", "83c4fc|add esp, -4", "81e100f0ffff|and ecx, 0xfffff000",
        "cd80|int 0x80", "74fe|je 0x1000", "e800010000|call 0x1105", "f3a5|rep movsd", "66ab|stosw", "f2ae|repne scasb", "f00fb111|lock cmpxchg dword [ecx], edx",
        "c8100001|enter 0x10, 1", "0f22d8|mov cr3, eax", "8ed8|mov ds, ax", "d3e0|shl eax, cl", "0fa4c204|shld edx, eax, 4", "0f10c1|movups xmm0, xmm1",
        "0f6f00|movq mm0, qword [eax]", "ea785634126000|jmpf 0x60:0x12345678", "c3|ret", "f4|hlt", "0fb6c0|movzx eax, al", "8d440a01|lea eax, [edx+ecx+1]"})
    void instructionsReadAsInTheManual(String hex, String words) { assertEquals(words, words(hex, true)); }

    @Test
    void sixteenBitCodeHasItsOwnAddresses() {
        assertEquals("mov ax, word [bx+si+8]", words("8b4008", false));
        assertEquals("jmp 0x1000", words("ebfe", false));
    }

    @Test
    void whatIsNoInstructionIsShownAsBytes() { assertEquals("(undefined) 0f ff", words("0fff", true)); }

    @Test
    void everythingCanBeSaid() {
        Random random = new Random(1);
        byte[] code = new byte[15];
        for (int i = 0; i < 200_000; i++) {
            random.nextBytes(code);
            if (i % 2 == 0) code[0] = 0x0F;
            assertFalse(Disassembler.words(code, i, i % 3 != 0).isBlank());
        }
    }
}
