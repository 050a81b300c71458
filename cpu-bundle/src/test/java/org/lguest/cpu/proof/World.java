package org.lguest.cpu.proof;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The address space that a proof case lives in, the same for a process on this host and for our engine: a few pages with
 * holes between them, and descriptors for segments that are not flat.
 */
final class World {
    /** Pages that hold code: filled with INT3, so that whatever a case jumps to ends it. */
    static final Area CODE = new Area(0x400000, 2, true, true);
    /** Pages for operands; what surrounds them is not mapped. */
    static final Area DATA = new Area(0x404000, 2, true, false);
    /** A page that may be read only. */
    static final Area CONSTANT = new Area(0x408000, 1, false, false);
    /** Pages for the stack. */
    static final Area STACK = new Area(0x40A000, 2, true, false);
    /** All areas in the order of their addresses. */
    static final List<Area> AREAS = List.of(CODE, DATA, CONSTANT, STACK);
    /** What code pages are filled with. */
    static final byte FILL = (byte) 0xCC;

    /** Flat segments of a 32-bit process on a 64-bit Linux. */
    static final int USER_CS = 0x23, USER_DS = 0x2B;
    /** Data segments with a base and a limit in bytes, expanding down, and read-only. */
    static final int LIMITED = 0x63, DOWN = 0x6B, READ_ONLY = 0x73;
    /** Code of 16 bits, code of 32 bits with base and limit, code that cannot be read; a stack of 16 bits, data expanding down with 16 bits. */
    static final int CODE16 = 0xE30F, CODE_LIMITED = 0xE31F, CODE_ONLY = 0xE32F, STACK16 = 0xE317, DOWN16 = 0xE327;

    /**
     * A run of mapped pages.
     *
     * @param address linear, page-aligned
     */
    record Area(int address, int pages, boolean writable, boolean executable) {
        int bytes() { return pages << 12; }

        int end() { return address + bytes(); }

        boolean contains(int va) { return va >= address && va < end(); }
    }

    /**
     * A segment.
     *
     * @param limit as in the descriptor: bytes, or pages minus one with {@code granular}
     * @param type  0 data, 1 data expanding down, 2 code
     * @param less  data cannot be written, code cannot be read
     */
    record Segment(int selector, int base, int limit, boolean granular, int type, boolean less, boolean big) {
        /** Table index. */
        int index() { return selector >>> 3; }

        /** Whether it is in the LDT of the process. Ours have none: the engine is given the hidden part. */
        boolean local() { return (selector & 4) != 0; }

        /** The low word of the descriptor. */
        int low() { return limit & 0xFFFF | base << 16; }

        /** The high word. */
        int high() {
            int access = 0xF1 | type << 2 | (less ? 0 : 2);
            return base >>> 16 & 0xFF | access << 8 | limit & 0xF0000 | 0x100000 | (big ? 0x400000 : 0) | (granular ? 0x800000 : 0) | base & 0xFF000000;
        }
    }

    /** The segments that are not flat. The first one's limit is inside the data pages. */
    static final List<Segment> SEGMENTS = List.of(
        new Segment(LIMITED, DATA.address() - 0x8000, 0x97FF, false, 0, false, true),
        new Segment(DOWN, DATA.address() - 0x4000, 0x47FF, false, 1, false, true),
        new Segment(READ_ONLY, DATA.address() - 0x4000, 5, true, 0, true, true),
        new Segment(CODE16, CODE.address(), 0x1FFF, false, 2, false, false),
        new Segment(CODE_LIMITED, CODE.address() - 0x1000, 0x27FF, false, 2, false, true),
        new Segment(CODE_ONLY, 0, 0xFFFFF, true, 2, true, true),
        new Segment(STACK16, STACK.address(), 0xFFFF, false, 0, false, false),
        new Segment(DOWN16, DATA.address() - 0x4000, 0x47FF, false, 1, false, false));

    /** Base of the segment of a selector; 0 for those that are flat or do not exist. */
    static int base(int selector) {
        Segment s = segment(selector);
        return s == null ? 0 : s.base();
    }

    /** The segment of a selector; null for those that are flat or do not exist. */
    static Segment segment(int selector) {
        for (Segment s : SEGMENTS) if (s.selector() == (selector | 3)) return s;
        return null;
    }

    private World() { }

    /** What an area contains before the first case. */
    static byte[] content(Area area) {
        byte[] b = new byte[area.bytes()];
        if (area == CODE) {
            java.util.Arrays.fill(b, FILL);
            return b;
        }
        var random = new SplittableRandom(area.address());
        for (int i = 0; i < b.length; i += 4) {
            int v = Values.edge(random);
            for (int n = 0; n < 4; n++) b[i + n] = (byte) (v >>> 8 * n);
        }
        return b;
    }

    /** The area that an address is in, or null. */
    static Area area(int va) {
        for (Area a : AREAS) if (a.contains(va)) return a;
        return null;
    }
}
