package org.lguest.cpu.proof;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a processor made of a case: the state that the trap found which ended it.
 *
 * @param trap   vector, or {@link #ENDLESS}
 * @param error  error code
 * @param cr2    address of the access that faulted; 0 for other traps than #PF
 * @param memory bytes that differ from before
 * @param fpu    x87, MMX and SSE state, or null if the case has none
 */
record Outcome(int[] gpr, int eip, int eflags, int[] selectors, int trap, int error, int cr2, SortedMap<Integer, Byte> memory, FpuImage fpu) {
    /** The case did not come to an end. */
    static final int ENDLESS = -1;
    /** Bits of EFLAGS that are compared: all but IF, which no process can change, and RF. */
    static final int COMPARED = 0x244DD5;
    private static final String[] NAMES = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

    /** The same with another floating-point state. */
    Outcome with(FpuImage other) { return new Outcome(gpr, eip, eflags, selectors, trap, error, cr2, memory, other); }

    /** @return null when this agrees with {@code other}, or what differs */
    String difference(Outcome other, int undefined) {
        var s = new StringBuilder();
        for (int i = 0; i < 8; i++) differ(s, NAMES[i], gpr[i], other.gpr[i]);
        differ(s, "eip", eip, other.eip);
        differ(s, "eflags", eflags & COMPARED & ~undefined, other.eflags & COMPARED & ~undefined);
        for (int i = 0; i < 6; i++) differ(s, "seg" + i, selectors[i], other.selectors[i]);
        differ(s, "trap", trap, other.trap);
        differ(s, "error", error, other.error);
        differ(s, "cr2", cr2, other.cr2);
        if (!memory.equals(other.memory)) s.append(" memory ").append(memory(memory)).append(" / ").append(memory(other.memory));
        if (fpu != null && other.fpu != null && !fpu.equals(other.fpu)) s.append(fpu.difference(other.fpu));
        return s.isEmpty() ? null : s.toString();
    }

    private static void differ(StringBuilder s, String name, int a, int b) {
        if (a != b) s.append(String.format(" %s %x / %x", name, a, b));
    }

    /** A selector as it is compared: returning from a kernel makes the four null selectors one. */
    static int selector(int value) { return (value & 0xFFFC) == 0 ? 0 : value & 0xFFFF; }

    /** Bytes of memory by address, joined to runs. */
    static String memory(SortedMap<Integer, Byte> memory) {
        var s = new StringBuilder();
        int next = 0;
        for (var e : memory.entrySet()) {
            if (s.isEmpty() || e.getKey() != next) s.append(s.isEmpty() ? "" : " ").append(Integer.toHexString(e.getKey())).append(':');
            s.append(String.format("%02x", e.getValue()));
            next = e.getKey() + 1;
        }
        return s.isEmpty() ? "-" : s.toString();
    }

    static String hex(byte[] bytes) {
        var s = new StringBuilder();
        for (byte b : bytes) s.append(s.isEmpty() ? "" : " ").append(String.format("%02X", b));
        return s.toString();
    }

    static String registers(int[] gpr, int eip, int eflags, int[] selectors) {
        var s = new StringBuilder();
        for (int i = 0; i < 8; i++) s.append(String.format("%s=%08x ", NAMES[i], gpr[i]));
        return s.append(String.format("eip=%08x eflags=%06x", eip, eflags)).append(" segments=").append(Arrays.toString(Arrays.stream(selectors).mapToObj(Integer::toHexString).toArray())).toString();
    }

    @Override
    public String toString() {
        return registers(gpr, eip, eflags, selectors) + String.format(" trap=%d error=%x cr2=%x memory=%s", trap, error, cr2, memory(memory)) + (fpu == null ? "" : "\n            " + fpu);
    }

    /** A map for {@link #memory}. */
    static SortedMap<Integer, Byte> noMemory() { return new TreeMap<>(); }
}
