package org.lguest.cpu.proof;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * As much of an assembler as the native runner needs: bytes in, with labels for addresses that come later. Instructions
 * are written as hex, the operands that vary as arguments.
 */
final class Asm {
    private record Hole(int at, String label, boolean relative) { }

    private final int origin;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, Integer> labels = new HashMap<>();
    private final java.util.List<Hole> holes = new java.util.ArrayList<>();

    Asm(int origin) { this.origin = origin; }

    /** Address of the next byte. */
    int here() { return origin + out.size(); }

    /** Names the next byte. */
    Asm label(String name) {
        labels.put(name, here());
        return this;
    }

    /** Bytes as hex digits with blanks, followed by 32-bit words. */
    Asm code(String hex, int... words) {
        for (String b : hex.trim().split("\\s+")) out.write(Integer.parseInt(b, 16));
        for (int w : words) word(w);
        return this;
    }

    /** A 32-bit word. */
    Asm word(int w) {
        for (int n = 0; n < 4; n++) out.write(w >>> 8 * n);
        return this;
    }

    /** An opcode followed by the distance to a label. */
    Asm jump(String opcode, String label) {
        code(opcode);
        holes.add(new Hole(out.size(), label, true));
        return word(0);
    }

    /** An opcode followed by the address of a label. */
    Asm address(String opcode, String label) { return code(opcode).address(label); }

    /** The address of a label. */
    Asm address(String label) {
        holes.add(new Hole(out.size(), label, false));
        return word(0);
    }

    /** The finished bytes. */
    byte[] bytes() {
        byte[] b = out.toByteArray();
        for (Hole h : holes) {
            int v = labels.get(h.label) - (h.relative ? origin + h.at + 4 : 0);
            for (int n = 0; n < 4; n++) b[h.at + n] = (byte) (v >>> 8 * n);
        }
        return b;
    }
}
