package org.lguest.launcher;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.api.state.GuestMemory;

/**
 * L:020 A kernel taken apart: which bytes go where in guest-physical memory, and where to begin.
 *
 * <p>Linux comes as {@code vmlinux}, an ELF file that says so itself, or as {@code bzImage}, which is a small program that
 * unpacks the ELF file inside it. The Host is the better place to unpack: it has libraries, and it can tell the user what
 * is wrong with a file. Where it cannot (kernels before 2.6.26 do not say where their payload is), the Guest unpacks itself.
 *
 * @param form             for messages: {@code ELF}, {@code bzImage, gzip}
 * @param pieces           what to copy
 * @param entry            address of the first instruction: guest-physical, but virtual when it is classic
 * @param start            lowest address in use
 * @param end              first address behind what the kernel needs to begin, its zeroed data included
 * @param pageOffset       distance from physical to virtual addresses, or 0 where the image does not tell
 * @param setupHeader      bytes from 0x1F1 of a bzImage for the boot page, or null
 * @param commandLineBytes longest command line without its NUL
 * @param release          version string of a bzImage, or null
 * @param classic          it begins in its midst, at its own virtual addresses: {@link ClassicKernel}
 */
record KernelImage(String form, List<Piece> pieces, int entry, long start, long end, int pageOffset,
        MemorySegment setupHeader, int commandLineBytes, String release, boolean classic) {
    /** One that begins at a physical address. */
    KernelImage(String form, List<Piece> pieces, int entry, long start, long end, int pageOffset,
            MemorySegment setupHeader, int commandLineBytes, String release) {
        this(form, pieces, entry, start, end, pageOffset, setupHeader, commandLineBytes, release, false);
    }

    /** Longest command line of a kernel that does not tell, without NUL (Linux on x86 since 2.6.21: COMMAND_LINE_SIZE 2048). */
    static final int COMMAND_LINE = 2047;

    /** Bytes for guest-physical address {@code at}. */
    record Piece(MemorySegment bytes, long at) {
        long end() { return at + bytes.byteSize(); }
    }

    /** Recognises the format and takes the image apart. */
    static KernelImage of(InputFile file, List<String> notes) throws LaunchException {
        if (ElfReader.recognises(file.bytes())) return new ElfReader(file.name(), file.bytes()).read("ELF");
        if (BzImageReader.recognises(file.bytes())) return new BzImageReader(file, notes).read();
        Compression c = Compression.at(file.bytes(), 0);
        if (c != null) throw new LaunchException(file.name() + " is " + c.label() + " data, not a kernel; unpack it first and name what comes out");
        throw new LaunchException(file.name()
            + " is neither an ELF file nor a bzImage; name a vmlinux or bzImage of a 32-bit Linux built with CONFIG_LGUEST_GUEST");
    }

    /** Bytes that are copied. */
    long loadedBytes() { return pieces.stream().mapToLong(p -> p.bytes.byteSize()).sum(); }

    /** Copies the pieces; the layout has checked that they fit. */
    void load(GuestMemory memory) {
        for (Piece p : pieces) {
            memory.slice(p.at, p.bytes.byteSize()).copyFrom(p.bytes);
            memory.code().written(p.at, p.bytes.byteSize());
        }
    }

    /** The same with another name for its form and with what the bzImage around it knows. */
    KernelImage inside(String form, MemorySegment setupHeader, int commandLineBytes, String release) {
        return new KernelImage(form, pieces, entry, start, end, pageOffset, setupHeader, commandLineBytes, release, classic);
    }

    /** The same, begun in its midst. */
    KernelImage begunAt(int virtual) {
        return new KernelImage(form, pieces, virtual, start, end, pageOffset, null, commandLineBytes, release, true);
    }
}
