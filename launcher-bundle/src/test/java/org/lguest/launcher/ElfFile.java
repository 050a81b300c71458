package org.lguest.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes small ELF files: header, program headers, then the segments' bytes from offset 0x200 on. */
final class ElfFile {
    /** Offsets of fields that tests damage. */
    static final int CLASS = 4, DATA = 5, TYPE = 16, MACHINE = 18, ENTRY = 24, PHOFF = 28, PHENTSIZE = 42, PHNUM = 44;
    /** The first program header, and fields in it. */
    static final int PH = 52, PH_OFFSET = PH + 4, PH_PADDR = PH + 12, PH_FILESZ = PH + 16, PH_MEMSZ = PH + 20;

    private record Segment(int vaddr, int paddr, byte[] bytes, int memsz) { }

    private final int entry;
    private final List<Segment> segments = new ArrayList<>();

    ElfFile(int entry) { this.entry = entry; }

    /** A kernel of one page at {@code at} physical, 3 GiB higher virtual, which is entered at its first byte. */
    static byte[] kernel(int at, String text) {
        byte[] page = new byte[4096];
        byte[] t = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        System.arraycopy(t, 0, page, 64, t.length);
        return new ElfFile(at).segment(at + 0xC0000000, at, page, 0x3000).bytes();
    }

    ElfFile segment(int vaddr, int paddr, byte[] bytes, int memsz) {
        segments.add(new Segment(vaddr, paddr, bytes, memsz));
        return this;
    }

    byte[] bytes() {
        int size = 0x200 + segments.stream().mapToInt(s -> s.bytes.length).sum();
        ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0, 0x464C457F).put(CLASS, (byte) 1).put(DATA, (byte) 1).put(6, (byte) 1);
        b.putShort(TYPE, (short) 2).putShort(MACHINE, (short) 3).putInt(20, 1).putInt(ENTRY, entry).putInt(PHOFF, PH);
        b.putShort(40, (short) 52).putShort(PHENTSIZE, (short) 32).putShort(PHNUM, (short) segments.size());
        int at = 0x200;
        for (int i = 0; i < segments.size(); i++) {
            Segment s = segments.get(i);
            int h = PH + 32 * i;
            b.putInt(h, 1).putInt(h + 4, at).putInt(h + 8, s.vaddr).putInt(h + 12, s.paddr).putInt(h + 16, s.bytes.length).putInt(h + 20, s.memsz);
            b.put(at, s.bytes);
            at += s.bytes.length;
        }
        return b.array();
    }

    /** A copy with a 32-bit field changed. */
    static byte[] with32(byte[] file, int offset, int value) {
        byte[] copy = file.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return copy;
    }

    /** A copy with a 16-bit field changed. */
    static byte[] with16(byte[] file, int offset, int value) {
        byte[] copy = file.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putShort(offset, (short) value);
        return copy;
    }

    /** A copy with a byte changed. */
    static byte[] with8(byte[] file, int offset, int value) {
        byte[] copy = file.clone();
        copy[offset] = (byte) value;
        return copy;
    }
}
