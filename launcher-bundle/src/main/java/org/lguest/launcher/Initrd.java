package org.lguest.launcher;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.api.state.GuestMemory;

/**
 * L:044 The first files. A kernel that has no driver for its disk yet, or no disk, finds the programs that it starts with in memory: in an
 * initial ramdisk, which the Launcher has put there. It is one or more archives behind one another, each a cpio archive or a compressed
 * one, or else a raw image of a file system.
 *
 * @param name  for messages
 * @param bytes the file
 */
record Initrd(String name, MemorySegment bytes) {
    /** More than a guest could hold. */
    private static final long LONGEST = 3L << 30;

    static Initrd of(InputFile file) throws LaunchException {
        if (file.bytes().byteSize() > LONGEST)
            throw new LaunchException(file.name() + " has " + Sizes.of(file.bytes().byteSize()) + ", more than a guest can hold");
        return new Initrd(file.name(), file.bytes());
    }

    /**
     * The size that the kernel is told: whole pages, as lguest has it. Linux takes zeros behind an archive for padding,
     * but not behind LZ4 data, which gets its real size.
     */
    long announcedBytes() {
        return Compression.at(bytes, 0) == Compression.LZ4 ? bytes.byteSize() : Layout.pageAlign(bytes.byteSize());
    }

    /** Copies it to its place. */
    void load(GuestMemory memory, long address) {
        memory.slice(address, bytes.byteSize()).copyFrom(bytes);
        memory.code().written(address, bytes.byteSize());
    }

    /**
     * Reads all of it, so that damage is found now and not by a panic in the guest.
     *
     * @param notes gets a line where something is unusual
     * @return what it is: {@code gzip}, {@code cpio}, {@code cpio + xz}
     */
    String verify(List<String> notes) throws LaunchException {
        var form = new StringBuilder();
        long at = 0;
        while ((at = skipZeros(at)) < bytes.byteSize()) {
            Compression c = Compression.at(bytes, at);
            boolean cpio = CpioArchive.recognises(bytes, at);
            if (c == null && !cpio) {
                notes.add(form.isEmpty() ? name + " is neither a cpio archive nor compressed: the kernel gets it as the raw image of a disk"
                    : name + " has something unknown behind its archive, at byte " + at + ", which the kernel may refuse");
                if (form.isEmpty()) form.append("raw image");
                break;
            }
            form.append(form.isEmpty() ? "" : " + ").append(cpio ? "cpio" : c.label());
            at = cpio ? cpio(at) : unpack(c, at);
        }
        if (form.isEmpty()) throw new LaunchException(name + " consists of zeros only; make it again");
        return form.toString();
    }

    private long skipZeros(long from) {
        long at = from;
        while (at < bytes.byteSize() && bytes.get(GuestMemory.I8, at) == 0) at++;
        return at;
    }

    private long cpio(long at) throws LaunchException {
        try {
            return CpioArchive.end(bytes, at);
        } catch (IOException e) {
            throw new LaunchException(name + " is damaged: " + e.getMessage() + "; copy or make it again", e);
        }
    }

    /** Unpacks to nowhere; the end of the stream. */
    private long unpack(Compression c, long at) throws LaunchException {
        var source = new SegmentInputStream(bytes.asSlice(at));
        try (InputStream in = c.open(source)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return at + source.position();
        } catch (EOFException e) {
            throw new LaunchException(name + " is truncated: its " + c.label() + " data ends too early; copy it again", e);
        } catch (IOException | RuntimeException e) { // decoders meet damage in many ways
            throw new LaunchException(name + " is damaged: its " + c.label() + " data cannot be unpacked (" + e.getMessage()
                + "); copy or make it again", e);
        }
    }
}
