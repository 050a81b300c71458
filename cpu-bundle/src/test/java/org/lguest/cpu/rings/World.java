package org.lguest.cpu.rings;

import java.util.Arrays;

/**
 * Where cases live: sixteen pages of linear addresses, most of them mapped, with their page table, their directory and the
 * table of descriptors in memory behind them. Everything that a case may change is in one region of physical memory, which
 * lies at the same place in a recording machine and in a guest of ours.
 */
final class World {
    /** Physical address and pages of the region: the window, then a page table, descriptors, a directory. */
    static final int REGION = 0x200000, PAGES = 19;
    /** Physical addresses of the page table, of the descriptors, of the directory. */
    static final int TABLE = REGION + 0x10000, DESCRIPTORS = REGION + 0x11000, DIRECTORY = REGION + 0x12000;
    /** Physical address of the four top-level entries that PAE has. */
    static final int POINTERS = 0x17000;

    /** Linear address of the window. */
    static final int WINDOW = 0x400000;
    /** Two pages of INT3 with a hole behind them; two of data, two of stack, two more, each pair with holes around it. */
    static final int CODE = WINDOW, DATA = WINDOW + 0x4000, STACK = WINDOW + 0x8000, MORE = WINDOW + 0xC000;
    /** Where ESP begins. */
    static final int TOP = STACK + 0x1800;

    /** Flat segments of ring 1 and ring 3, as in the table that lguest begins with and Linux goes on with. */
    static final int KERNEL_CS = 0x61, KERNEL_DS = 0x69, USER_CS = 0x73, USER_DS = 0x7B;
    /** P, RW and US. */
    static final int PRESENT = 1, WRITABLE = 2, USER = 4;

    private World() { }

    /** Physical address of a linear one in the window. */
    static int physical(int linear) {
        if (linear < WINDOW || linear >= WINDOW + 0x10000) throw new IllegalArgumentException(Integer.toHexString(linear));
        return linear - WINDOW + REGION;
    }

    /** Physical address of the page table entry for a linear address of the window. */
    static int entry(int linear, boolean pae) { return TABLE + (linear - WINDOW >>> 12) * (pae ? 8 : 4); }

    /** Physical address of the directory entry for the window. */
    static int directory(boolean pae) { return DIRECTORY + (pae ? 2 * 8 : 4); }

    /** The region before any case. */
    static byte[] pristine(boolean pae) {
        byte[] b = new byte[PAGES << 12];
        Arrays.fill(b, 0, 0x2000, (byte) 0xCC);
        for (int at = 0x2000; at < 0x10000; at += 4) put(b, at, 0x5A000000 | at);
        for (int page : new int[] {0, 1, 4, 5, 8, 9, 12, 13})
            put(b, entry(WINDOW + (page << 12), pae) - REGION, REGION + (page << 12) | PRESENT | WRITABLE | USER);
        put(b, directory(pae) - REGION, TABLE | 0x27);
        int[] words = {0xFFFF, 0x00CFBB00, 0xFFFF, 0x00CFB300, 0xFFFF, 0x00CFFB00, 0xFFFF, 0x00CFF300};
        for (int i = 0; i < words.length; i++) put(b, DESCRIPTORS - REGION + 12 * 8 + 4 * i, words[i]);
        return b;
    }

    /** Little-endian word. */
    static void put(byte[] b, int at, int v) {
        for (int n = 0; n < 4; n++) b[at + n] = (byte) (v >>> 8 * n);
    }

    /** Little-endian word. */
    static int get(byte[] b, int at) { return b[at] & 0xFF | (b[at + 1] & 0xFF) << 8 | (b[at + 2] & 0xFF) << 16 | b[at + 3] << 24; }
}
