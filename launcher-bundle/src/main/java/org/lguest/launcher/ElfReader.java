package org.lguest.launcher;

import static org.lguest.api.state.GuestMemory.I16;
import static org.lguest.api.state.GuestMemory.I32;
import static org.lguest.api.state.GuestMemory.I8;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.launcher.KernelImage.Piece;

/**
 * L:030 vmlinux: a 32-bit ELF file whose program headers say what to copy where (System V gABI, chapters 4 and 5).
 *
 * <pre>
 *  file   4 class   5 data   16 u16 type   18 u16 machine   24 entry   28 phoff   42 u16 phentsize   44 u16 phnum
 *  program header, 32 bytes   0 type   4 offset   8 vaddr   12 paddr   16 filesz   20 memsz
 * </pre>
 *
 * <p>Addresses count as physical, as the Launcher of lguest has it (ABI section 11.3). An entry that lies in no physical
 * segment but in a virtual one is brought down by that segment's distance.
 */
final class ElfReader {
    private static final int HEADER = 52, PROGRAM_HEADER = 32;
    private static final int CLASS32 = 1, CLASS64 = 2, LITTLE = 1, EXEC = 2, I386 = 3, X86_64 = 62, LOAD = 1;
    /** The boot page and the command line are below. */
    private static final long LOWEST = 0x2000;

    private final String name;
    private final MemorySegment file;

    /** One PT_LOAD; unsigned values. */
    private record Segment(long offset, long vaddr, long paddr, long filesz, long memsz) { }

    ElfReader(String name, MemorySegment file) {
        this.name = name;
        this.file = file;
    }

    /** Whether the magic number is there. */
    static boolean recognises(MemorySegment file) { return file.byteSize() >= 4 && file.get(I32, 0) == 0x464C457F; }

    /** Takes the file apart. */
    KernelImage read(String form) throws LaunchException {
        checkHeader();
        List<Segment> segments = segments();
        List<Piece> pieces = new ArrayList<>();
        long start = Long.MAX_VALUE;
        long end = 0;
        for (Segment s : segments) {
            start = Math.min(start, s.paddr);
            end = Math.max(end, s.paddr + s.memsz);
            if (s.filesz > 0) pieces.add(new Piece(file.asSlice(s.offset, s.filesz), s.paddr));
        }
        if (start < LOWEST)
            throw new LaunchException(name + " wants to be loaded at 0x" + Long.toHexString(start)
                + ", where the boot page and the command line are; link it at 0x100000 or higher");
        long entry = Integer.toUnsignedLong(file.get(I32, 24));
        Segment first = entered(segments, entry);
        boolean physical = entry - first.paddr >= 0 && entry - first.paddr < first.memsz;
        var image = new KernelImage(form, List.copyOf(pieces), (int) (physical ? entry : entry - first.vaddr + first.paddr), start, end,
            (int) (first.vaddr - first.paddr), null, KernelImage.COMMAND_LINE, null);
        if (!ClassicKernel.marked(image)) return image;
        checkLinear(segments);
        return ClassicKernel.begun(name, image);
    }

    /** The first Launcher maps all of memory at one distance, so that is how its kernels have to be linked. */
    private void checkLinear(List<Segment> segments) throws LaunchException {
        long distance = segments.getFirst().vaddr - segments.getFirst().paddr;
        for (Segment s : segments)
            if (s.vaddr - s.paddr != distance)
                throw new LaunchException(name + " is damaged: its segment for 0x" + Long.toHexString(s.paddr) + " is not linked at the distance of the first, 0x"
                    + Long.toHexString(distance));
    }

    private void checkHeader() throws LaunchException {
        if (file.byteSize() < HEADER)
            throw new LaunchException(name + " is truncated: an ELF header has 52 bytes, and the file has " + file.byteSize());
        int machine = file.get(I16, 18) & 0xFFFF;
        if (file.get(I8, 4) == CLASS64 || machine == X86_64)
            throw new LaunchException(name + " is a 64-bit ELF file; lguest guests are 32-bit: build Linux with ARCH=i386");
        if (file.get(I8, 4) != CLASS32 || file.get(I8, 5) != LITTLE)
            throw new LaunchException(name + " is no little-endian 32-bit ELF file; build Linux with ARCH=i386");
        if (machine != I386)
            throw new LaunchException(name + " is an ELF file for machine number " + machine + ", not for the i386 (3); build Linux with ARCH=i386");
        int type = file.get(I16, 16) & 0xFFFF;
        if (type != EXEC) throw new LaunchException(name + " is an ELF file of type " + type + ", not an executable (2); name the linked vmlinux");
    }

    private List<Segment> segments() throws LaunchException {
        long table = Integer.toUnsignedLong(file.get(I32, 28));
        int size = file.get(I16, 42) & 0xFFFF;
        int count = file.get(I16, 44) & 0xFFFF;
        if (size != PROGRAM_HEADER && count > 0)
            throw new LaunchException(name + " is damaged: its program headers have " + size + " bytes instead of 32");
        if (table + (long) size * count > file.byteSize()) throw new LaunchException(name + " is truncated: its program headers lie beyond its end");
        List<Segment> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * PROGRAM_HEADER;
            if (file.get(I32, at) != LOAD) continue;
            var s = new Segment(word(at + 4), word(at + 8), word(at + 12), word(at + 16), word(at + 20));
            check(s);
            if (s.memsz > 0) found.add(s);
        }
        if (found.isEmpty()) throw new LaunchException(name + " has nothing to load: no PT_LOAD segment; name the linked vmlinux");
        return found;
    }

    private void check(Segment s) throws LaunchException {
        if (s.offset + s.filesz > file.byteSize())
            throw new LaunchException(name + " is truncated: its segment for 0x" + Long.toHexString(s.paddr) + " ends at byte "
                + (s.offset + s.filesz) + ", and the file has " + file.byteSize() + "; copy it again");
        if (s.filesz > s.memsz)
            throw new LaunchException(name + " is damaged: its segment for 0x" + Long.toHexString(s.paddr) + " is longer in the file than in memory");
    }

    private long word(long at) { return Integer.toUnsignedLong(file.get(I32, at)); }

    private Segment entered(List<Segment> segments, long entry) throws LaunchException {
        for (Segment s : segments) if (entry >= s.paddr && entry < s.paddr + s.memsz) return s;
        for (Segment s : segments) if (entry >= s.vaddr && entry < s.vaddr + s.memsz) return s;
        throw new LaunchException(name + " is damaged: its entry 0x" + Long.toHexString(entry) + " is in none of its segments");
    }
}
