package org.lguest.cpu.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lguest.api.state.CpuState;
import org.lguest.cpu.interpreter.Interpreter;
import org.lguest.cpu.proof.Case.Patch;

/** Every opcode with every prefix that can be a part of it, every reg field, memory and register operands: which of them exist. */
class OpcodeSweepTest {
    private static final int UNDEFINED = 6, AT = World.CODE.address() + 0x100;
    private static final int[] PREFIXES = {0x3E, 0x66, 0xF2, 0xF3}; // the first one means nothing here
    /** What enters or leaves the kernel, or is answered by it. */
    private static final Set<Integer> KERNEL = Set.of(0xCC, 0xCD, 0xF1, 0x105, 0x107, 0x131, 0x134, 0x135, 0x1A2);
    private static final int[] SELECTORS = {World.USER_DS, World.USER_CS, World.USER_DS, World.USER_DS, 0, 0};

    private static Case instruction(int prefix, int opcode, int modrm) {
        byte[] code = opcode < 0x100 ? new byte[] {(byte) prefix, (byte) opcode, (byte) modrm, 0, 0, 0, 0, 0}
            : new byte[] {(byte) prefix, 0x0F, (byte) opcode, (byte) modrm, 0, 0, 0, 0, 0};
        int[] gpr = new int[8];
        Arrays.fill(gpr, World.DATA.address() + 0x1000);
        gpr[CpuState.ESP] = World.STACK.address() + 0x800;
        gpr[CpuState.ECX] = 0;
        return new Case(String.format("%02X %s%02X %02X", prefix, opcode < 0x100 ? "" : "0F ", opcode & 0xFF, modrm), gpr, AT, 2, SELECTORS, List.of(new Patch(AT, code, true)), 0, FpuImage.reset());
    }

    private static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (int prefix : PREFIXES)
            for (int opcode = prefix < 0xF2 ? 0 : 0x100; opcode < 0x200; opcode++)
                for (int reg = 0; reg < 8; reg++)
                    for (int mod : new int[] {3, 0xC1}) { // [EBX], ECX
                        Case c = instruction(prefix, opcode, mod | reg << 3);
                        if (opcode != 0x0F && !KERNEL.contains(opcode) && Generator.harmless(c.code())) cases.add(c);
                    }
        return cases;
    }

    private static boolean exists(Case c, Outcome o) { return o.trap() != UNDEFINED || o.eip() != c.eip(); }

    @Test
    void noOpcodeExistsThatTheProcessorOfThisHostDoesNotHave() throws IOException {
        String missing = NativeProcessor.missing();
        assumeTrue(missing == null, () -> "no native comparison: " + missing);
        List<Case> cases = all();
        List<String> invented = new ArrayList<>();
        int undefined = 0;
        try (var hardware = NativeProcessor.start(new Image(true)); var engine = new EngineProcessor(new Interpreter(), new Image(true))) {
            List<Outcome> h = new ArrayList<>();
            for (int from = 0; from < cases.size(); from += Proof.BATCH) h.addAll(hardware.run(cases.subList(from, Math.min(cases.size(), from + Proof.BATCH))));
            List<Outcome> e = engine.run(cases);
            for (int n = 0; n < cases.size(); n++) {
                Case c = cases.get(n);
                if (exists(c, h.get(n))) continue;
                undefined++;
                if (exists(c, e.get(n))) invented.add(c.name());
            }
        }
        assertEquals(List.of(), invented, "opcodes of ours that this host refuses");
        assertTrue(undefined > 1000, "only " + undefined + " of " + cases.size() + " were refused");
    }
}
