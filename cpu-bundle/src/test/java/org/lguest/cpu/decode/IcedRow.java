package org.lguest.cpu.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A line of the decoder test lists of the iced library: bytes, code, mnemonic, number of operands, and details.
 *
 * @param options what the decoder was told to assume; nothing for a processor as everybody has
 */
record IcedRow(String line, byte[] bytes, String code, String mnemonic, List<String> operands, String options) {
    private static final Map<String, String> NAMES = Map.ofEntries(
        Map.entry("PUSHAD", "PUSHA"), Map.entry("POPAD", "POPA"), Map.entry("PUSHFD", "PUSHF"), Map.entry("POPFD", "POPF"), Map.entry("IRETD", "IRET"),
        Map.entry("CWDE", "CBW"), Map.entry("CDQ", "CWD"), Map.entry("XLATB", "XLAT"), Map.entry("INT1", "ICEBP"), Map.entry("JECXZ", "JCXZ"),
        Map.entry("SAL", "SHL"), Map.entry("WAIT", "FWAIT"), Map.entry("PAUSE", "NOP"), Map.entry("ENDBR32", "NOP"), Map.entry("ENDBR64", "NOP"),
        Map.entry("RESERVEDNOP", "NOP"), Map.entry("TZCNT", "BSF"), Map.entry("LZCNT", "BSR"), Map.entry("WBNOINVD", "WBINVD"),
        Map.entry("PREFETCH", "NOP"), Map.entry("PREFETCHW", "NOP"), Map.entry("PREFETCHWT1", "NOP"), Map.entry("PREFETCHNTA", "NOP"),
        Map.entry("PREFETCHT0", "NOP"), Map.entry("PREFETCHT1", "NOP"), Map.entry("PREFETCHT2", "NOP"), Map.entry("CLDEMOTE", "NOP"));

    /** Reads a line; null for comments and empty ones. */
    static IcedRow parse(String line) {
        if (line.isBlank() || line.startsWith("#")) return null;
        String[] f = line.split(",", 5);
        String hex = f[0].replace(" ", "");
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        List<String> operands = new ArrayList<>();
        String options = "";
        for (String w : f[4].trim().split(" ")) {
            if (w.matches("op\\d=.*")) operands.add(w.substring(4));
            else if (w.startsWith("decopt=")) options = w.substring(7);
        }
        return new IcedRow(line, bytes, f[1].trim(), f[2].trim(), operands, options);
    }

    boolean invalid() { return code.equals("INVALID"); }

    /** The mnemonic as the table has it. */
    String name() {
        String m = mnemonic.toUpperCase(Locale.ROOT);
        if (m.matches("(MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS)[BWD]") && code.matches(".*(_m8|_m16|_m32).*|(Stos|Lods|Scas|Ins|Outs).*") && !code.contains("xmm"))
            return m.substring(0, m.length() - 1) + (m.endsWith("B") ? "B" : "V");
        if (m.equals("CALL") || m.equals("JMP")) return code.matches(".*_(ptr|m16)(16|32)+$") ? m + "F" : m;
        if (m.charAt(0) == 'F' && (bytes[escape()] & 0xF8) == 0xD8) return "FPU";
        return NAMES.getOrDefault(m, m);
    }

    /** Index of the first byte that is no prefix. */
    private int escape() {
        int i = 0;
        while ("26 2E 36 3E 64 65 66 67 F0 F2 F3".contains(String.format("%02X", bytes[i]))) i++;
        return i;
    }
}
