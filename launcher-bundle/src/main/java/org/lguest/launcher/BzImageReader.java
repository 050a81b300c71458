package org.lguest.launcher;

import static org.lguest.api.state.GuestMemory.I16;
import static org.lguest.api.state.GuestMemory.I32;
import static org.lguest.api.state.GuestMemory.I8;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.launcher.KernelImage.Piece;

/**
 * L:040 bzImage: a real-mode part that no guest of ours ever runs, and a protected-mode part for 1 MiB that unpacks the
 * kernel (the Linux boot protocol, ABI section 11.3).
 *
 * <pre>
 *  0x1F1 u8 setup_sects   0x1F4 u32 syssize (of 16 bytes)   0x201 u8 length of the header behind 0x202   0x202 "HdrS"
 *  0x206 u16 version      0x20E u16 release string - 0x200  0x211 u8 loadflags   0x214 u32 code32_start
 *  0x230 u32 alignment    0x234 u8 relocatable              0x238 u32 cmdline_size
 *  0x248 u32 payload_offset   0x24C u32 payload_length      0x258 u64 pref_address   0x260 u32 init_size
 * </pre>
 */
final class BzImageReader {
    private static final int HEADER_START = 0x1F1, HEADER_END = 0x290, SECTOR = 512, SHORTEST = 0x238;
    private static final long PROTECTED_MODE = 0x100000;
    private static final int LOADED_HIGH = 1;
    /** The boot protocol that says where the packed kernel is. */
    private static final int TELLS_PAYLOAD = 0x208;
    /** No kernel unpacks to more; a header that says so is damaged. */
    private static final long LONGEST_KERNEL = 256L << 20;

    private final String name;
    private final MemorySegment file;
    private final List<String> notes;
    private final int version;
    private final long code;

    BzImageReader(InputFile file, List<String> notes) {
        this.name = file.name();
        this.file = file.bytes();
        this.notes = notes;
        version = this.file.get(I16, 0x206) & 0xFFFF;
        code = ((this.file.get(I8, HEADER_START) & 0xFFL) + 1) * SECTOR;
    }

    /** Whether the signature of a setup header is there. */
    static boolean recognises(MemorySegment file) { return file.byteSize() >= SHORTEST && file.get(I32, 0x202) == 0x53726448; }

    /** Takes the image apart. */
    KernelImage read() throws LaunchException {
        check();
        KernelImage classic = version < TELLS_PAYLOAD ? ClassicKernel.unpacked(name, file, release()) : null;
        if (classic != null) return classic;
        MemorySegment payload = payload();
        Compression c = payload == null ? null : Compression.at(payload, 0);
        if (c != null) {
            MemorySegment kernel = MemorySegment.ofArray(Unpacker.unpack(name, c, payload, LONGEST_KERNEL)).asReadOnly();
            if (ElfReader.recognises(kernel))
                return new ElfReader(name, kernel).read("").inside("bzImage, " + c.label(), setupHeader(), commandLineBytes(), release());
            notes.add("the " + c.label() + " payload of " + name + " is no ELF file: the guest unpacks itself");
        } else if (payload != null) notes.add("the payload of " + name + " is packed in a way unknown here: the guest unpacks itself");
        return unpackedByTheGuest();
    }

    private void check() throws LaunchException {
        if (version >= 0x200 && (file.get(I8, 0x211) & LOADED_HIGH) == 0)
            throw new LaunchException(name + " is a zImage, for memory below 640 KiB; build a bzImage");
        // The build rounds up to whole paragraphs, and early releases leave the last one short.
        long whole = code + 16 * (version >= 0x204 ? word(0x1F4) : file.get(I16, 0x1F4) & 0xFFFFL) - 15;
        if (file.byteSize() <= code || file.byteSize() < whole)
            throw new LaunchException(name + " is truncated: its header promises " + Math.max(whole, code + 1) + " bytes, and the file has "
                + file.byteSize() + "; copy it again");
    }

    /** The packed kernel, or null where the header does not say where it is (before protocol 2.08). */
    private MemorySegment payload() throws LaunchException {
        if (version < TELLS_PAYLOAD || file.byteSize() < 0x250) return null;
        long offset = code + word(0x248);
        long length = word(0x24C);
        if (length == 0) return null;
        if (offset + length > file.byteSize())
            throw new LaunchException(name + " is truncated: its payload ends at byte " + (offset + length) + ", and the file has "
                + file.byteSize() + "; copy it again");
        return file.asSlice(offset, length);
    }

    private KernelImage unpackedByTheGuest() throws LaunchException {
        MemorySegment bytes = file.asSlice(code);
        long entry = word(0x214);
        if (entry < PROTECTED_MODE || entry >= PROTECTED_MODE + bytes.byteSize())
            throw new LaunchException(name + " is damaged: its entry 0x" + Long.toHexString(entry) + " is outside its code");
        return new KernelImage("bzImage, unpacks itself", List.of(new Piece(bytes, PROTECTED_MODE)), (int) entry, PROTECTED_MODE,
            Math.max(PROTECTED_MODE + bytes.byteSize(), unpackedEnd(bytes.byteSize())), 0, setupHeader(), commandLineBytes(), release());
    }

    /** Where the kernel will end after it has unpacked itself: what the header says, or else a low estimate. */
    private long unpackedEnd(long packed) {
        if (version < 0x20A || file.byteSize() < 0x264) return PROTECTED_MODE + 3 * packed;
        long alignment = file.get(I8, 0x234) != 0 ? Math.max(1, word(0x230)) : 1;
        long at = Math.max(word(0x258), (PROTECTED_MODE + alignment - 1) / alignment * alignment);
        return at + word(0x260);
    }

    private MemorySegment setupHeader() {
        long end = Math.min(Math.min(0x202 + (file.get(I8, 0x201) & 0xFF), HEADER_END), file.byteSize());
        return file.asSlice(HEADER_START, end - HEADER_START);
    }

    private int commandLineBytes() {
        long n = version >= 0x206 && file.byteSize() >= 0x23C ? word(0x238) : 0;
        return n > 0 && n < KernelImage.COMMAND_LINE ? (int) n : KernelImage.COMMAND_LINE;
    }

    /** Such as {@code 3.11.10 (user@host) #1 SMP}; null where there is none. */
    private String release() {
        int pointer = file.get(I16, 0x20E) & 0xFFFF;
        if (version < 0x200 || pointer == 0) return null;
        var s = new StringBuilder();
        for (long at = pointer + 0x200L; at < Math.min(code, file.byteSize()) && s.length() < 200; at++) {
            int c = file.get(I8, at) & 0xFF;
            if (c == 0) break;
            s.append(c >= ' ' && c < 0x7F ? (char) c : '?');
        }
        return s.isEmpty() ? null : s.toString();
    }

    private long word(long at) { return Integer.toUnsignedLong(file.get(I32, at)); }
}
