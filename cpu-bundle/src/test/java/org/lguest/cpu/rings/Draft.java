package org.lguest.cpu.rings;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.lguest.cpu.rings.Case.Patch;

/** A case in the making: flat segments of ring 1 or ring 3, code at {@link World#CODE}, ESP at {@link World#TOP}, EBX at {@link World#DATA}. */
final class Draft {
    final StringBuilder name;
    final boolean pae;
    final int[] gpr = {0x11111111, 0x22222222, 0x33333333, World.DATA, World.TOP, World.TOP, World.DATA + 0x100, World.DATA + 0x200};
    final int[] selectors;
    int eip = World.CODE, eflags = 2;
    private final TreeMap<Integer, Byte> bytes = new TreeMap<>();

    Draft(int ring, boolean pae, String name) {
        this.name = new StringBuilder(name).append(" ring ").append(ring);
        this.pae = pae;
        int data = ring == 1 ? World.KERNEL_DS : World.USER_DS;
        selectors = new int[] {data, ring == 1 ? World.KERNEL_CS : World.USER_CS, data, data, 0, 0};
    }

    Draft(int ring, String name) { this(ring, false, name); }

    Draft say(String format, Object... values) {
        name.append(' ').append(String.format(format, values));
        return this;
    }

    private void put(int physical, int v, int count) {
        for (int n = 0; n < count; n++) bytes.put(physical + n, (byte) (v >>> 8 * n));
    }

    /** Bytes as hex at a linear address. */
    Draft code(int at, String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (int n = 0; n < b.length; n++) bytes.put(World.physical(at + n), b[n]);
        return this;
    }

    Draft code(String hex) { return code(World.CODE, hex); }

    /** A word at a linear address. */
    Draft word(int at, int v) {
        for (int n = 0; n < 4; n++) put(World.physical(at + n), v >>> 8 * n, 1);
        return this;
    }

    /** Words upward from a linear address. */
    Draft words(int at, int... values) {
        for (int i = 0; i < values.length; i++) word(at + 4 * i, values[i]);
        return this;
    }

    /** A descriptor: {@code access} is bits 8 to 15 of its high word, {@code flags} are G, D/B, L, AVL in bits 3 to 0. */
    Draft descriptor(int index, int base, int limit, int access, int flags) {
        int at = World.DESCRIPTORS + index * 8;
        put(at, limit & 0xFFFF | base << 16, 4);
        put(at + 4, base >>> 16 & 0xFF | access << 8 | limit & 0xF0000 | flags << 20 | base & 0xFF000000, 4);
        return this;
    }

    /** A flat one. */
    Draft flat(int index, int access) { return descriptor(index, 0, 0xFFFFF, access, 0xC); }

    /** Flags of a page. */
    Draft page(int linear, int flags) {
        put(World.entry(linear, pae), World.physical(linear & ~0xFFF) | flags, 4);
        return this;
    }

    /** Flags of the directory entry. */
    Draft directory(int flags) {
        put(World.directory(pae), World.TABLE | 0x20 | flags, 4);
        return this;
    }

    Draft register(int r, int v) {
        gpr[r] = v;
        return this;
    }

    Draft segment(int s, int selector) {
        selectors[s] = selector;
        return this;
    }

    Draft entry(int offset) {
        eip = offset;
        return this;
    }

    Draft flags(int f) {
        eflags |= f;
        return this;
    }

    Case done() {
        List<Patch> patches = new ArrayList<>();
        int from = -1;
        var run = new java.io.ByteArrayOutputStream();
        for (var e : bytes.entrySet()) {
            if (from >= 0 && e.getKey() != from + run.size()) {
                patches.add(new Patch(from, run.toByteArray()));
                run.reset();
                from = -1;
            }
            if (from < 0) from = e.getKey();
            run.write(e.getValue());
        }
        if (from >= 0) patches.add(new Patch(from, run.toByteArray()));
        return new Case(name.toString().trim(), pae, gpr.clone(), eip, eflags, selectors.clone(), patches);
    }
}
