package org.lguest.cpu.rings;

import java.util.SortedMap;

/**
 * What a processor made of a case: the state that the first trap found.
 *
 * @param trap   vector, or -1 for a case without an end
 * @param error  error code, 0 where there is none
 * @param cr2    address of the access that faulted; 0 for other traps than #PF
 * @param memory words of the region that have changed, by physical address: page table entries with their A and D, too
 */
record Outcome(int trap, int error, int cr2, int[] gpr, int eip, int eflags, int[] selectors, SortedMap<Integer, Integer> memory) {
    /** Flags that are compared: all but IF, which is on for every guest of ours and off while recording. */
    static final int COMPARED = 0x3FFFFF & ~0x200;
    private static final String[] NAMES = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

    /** @return null when this agrees with {@code other}, or what differs */
    String difference(Outcome other) {
        var s = new StringBuilder();
        differ(s, "trap", trap, other.trap);
        differ(s, "error", error, other.error);
        differ(s, "cr2", cr2, other.cr2);
        for (int i = 0; i < 8; i++) differ(s, NAMES[i], gpr[i], other.gpr[i]);
        differ(s, "eip", eip, other.eip);
        differ(s, "eflags", eflags & COMPARED, other.eflags & COMPARED);
        for (int i = 0; i < 6; i++) differ(s, SEGMENTS[i], selectors[i], other.selectors[i]);
        if (!memory.equals(other.memory)) s.append(" memory ").append(Fixtures.words(memory)).append(" / ").append(Fixtures.words(other.memory));
        return s.isEmpty() ? null : s.toString();
    }

    private static void differ(StringBuilder s, String name, int a, int b) {
        if (a != b) s.append(String.format(" %s %x / %x", name, a, b));
    }

    @Override
    public String toString() {
        var s = new StringBuilder(String.format("trap %d:%x cr2=%x", trap, error, cr2));
        for (int i = 0; i < 8; i++) s.append(String.format(" %s=%x", NAMES[i], gpr[i]));
        s.append(String.format(" eip=%x eflags=%x", eip, eflags));
        for (int i = 0; i < 6; i++) s.append(String.format(" %s=%x", SEGMENTS[i], selectors[i]));
        return s.append(' ').append(Fixtures.words(memory)).toString();
    }
}
