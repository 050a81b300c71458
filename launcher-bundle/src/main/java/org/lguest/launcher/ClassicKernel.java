package org.lguest.launcher;

import static org.lguest.api.state.GuestMemory.I8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.launcher.KernelImage.Piece;

/**
 * L:130 A kernel of the first lguest, Linux 2.6.23. It knew nothing yet of a boot protocol with a field for guests, so the Launcher of those
 * days found out everything by looking at the bytes (ABI section 10.2).
 *
 * <p><b>Where to begin?</b> Behind a magic string in the midst of the kernel, {@value #MAGIC}, which nobody would write by accident. No other
 * kernel has it, so it also says what kind of kernel this is. Paging is on at the first instruction, and the address is virtual.
 *
 * <p><b>How far are virtual addresses from physical ones?</b> An ELF file says so. From a bzImage what was in it is unpacked here, by the Host, since
 * the code that would do it in the Guest wants another kind of machine; and what comes out is a flat image that says nothing. But code is full of
 * addresses. {@code A1} followed by four bytes loads eax from memory, and the last of the four is where the kernel's half begins: 0xC0, mostly. Not
 * every {@code A1} is an instruction; but nonsense scatters, and addresses agree. The byte that comes up a fourth time wins. It sounds worse than it is.
 */
final class ClassicKernel {
    static final String MAGIC = "GenuineLguest";
    /** A bzImage's kernel, wherever its makers had moved it: everybody left it there (CONFIG_PHYSICAL_START). */
    private static final long FLAT_AT = 0x100000;
    private static final long LONGEST_KERNEL = 256L << 20;
    /** Nothing tells how much zeroed data a flat image has behind it. */
    private static final long ZEROED_DATA = 1 << 20;
    private static final int GZIP_HEADER = 10, MADE_UNDER_UNIX = 3, LOAD_EAX = 0xA1, ENOUGH = 4;

    private ClassicKernel() { }

    /** Whether it has the mark. */
    static boolean marked(KernelImage image) { return KernelFacts.find(image, MAGIC) != null; }

    /** The image, begun behind its mark. */
    static KernelImage begun(String name, KernelImage image) throws LaunchException {
        KernelFacts.Hit mark = KernelFacts.find(image, MAGIC);
        if (mark == null) throw new LaunchException(name + " is no genuine lguest: the mark '" + MAGIC + "' is missing; build it with CONFIG_LGUEST_GUEST=y");
        return image.begunAt((int) (mark.address() + MAGIC.length()) + image.pageOffset());
    }

    /**
     * Unpacks a bzImage that does not say where its kernel is.
     *
     * @param release from its header, or null
     * @return null when it is no kernel of the first lguest, and its release does not claim so
     */
    static KernelImage unpacked(String name, MemorySegment file, String release) throws LaunchException {
        boolean claimed = release != null && release.matches("2\\.6\\.23\\b.*");
        byte[] flat = flat(file);
        if (flat == null) {
            if (claimed) throw new LaunchException(name + " has no kernel in it: no gzip data that can be unpacked; copy it again, or name the vmlinux");
            return null;
        }
        var image = new KernelImage("bzImage, gzip, flat", List.of(new Piece(MemorySegment.ofArray(flat).asReadOnly(), FLAT_AT)), 0, FLAT_AT,
            FLAT_AT + flat.length + ZEROED_DATA, 0, null, KernelImage.COMMAND_LINE, release);
        if (!claimed && !marked(image)) return null;
        int offset = pageOffset(name, flat);
        return begun(name, new KernelImage(image.form(), image.pieces(), 0, image.start(), image.end(), offset, null, image.commandLineBytes(), release));
    }

    /** The first gzip data, made under Unix, that unpacks; null when there is none. The original gives up at the first that does not. */
    private static byte[] flat(MemorySegment file) {
        for (long at = 0; at + GZIP_HEADER < file.byteSize(); at++) {
            if (file.get(I8, at) != 0x1F || Compression.at(file, at) != Compression.GZIP || file.get(I8, at + GZIP_HEADER - 1) != MADE_UNDER_UNIX) continue;
            byte[] flat = unpack(file.asSlice(at));
            if (flat != null) return flat;
        }
        return null;
    }

    /** What is behind the data in the file is not looked at. */
    private static byte[] unpack(MemorySegment packed) {
        try (InputStream in = Compression.GZIP.open(new SegmentInputStream(packed))) {
            byte[] flat = in.readNBytes((int) LONGEST_KERNEL);
            return flat.length == 0 || flat.length == LONGEST_KERNEL ? null : flat;
        } catch (IOException e) {
            return null; // two bytes that look like a beginning, and are none
        }
    }

    /** PAGE_OFFSET, by the top byte that addresses in the code agree on. */
    static int pageOffset(String name, byte[] code) throws LaunchException {
        int[] seen = new int[256];
        for (int i = 0; i + 4 < code.length; i++) {
            if ((code[i] & 0xFF) != LOAD_EAX) continue;
            int top = code[i + 4] & 0xFF;
            if (++seen[top] == ENOUGH) return top << 24;
        }
        throw new LaunchException(name + " does not show where its addresses begin: name the vmlinux instead");
    }
}
