package org.lguest.launcher;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.lguest.api.state.GuestMemory;

/**
 * A walk through a cpio archive of the new ASCII format, the one that Linux unpacks: for each file a header of 110
 * characters, the name and the content, both padded to four bytes; at the end a file named {@code TRAILER!!!}.
 *
 * <pre>
 *  0 "070701" or "070702"   then 13 numbers of 8 hexadecimal digits: 54 length of the content, 94 length of the name
 * </pre>
 */
final class CpioArchive {
    private static final int HEADER = 110, FILE_SIZE = 54, NAME_SIZE = 94, DIGITS = 8;
    private static final String TRAILER = "TRAILER!!!";
    /** Linux' own limit for names, PATH_MAX, and for us a bound. */
    private static final long LONGEST_NAME = 4096;

    private CpioArchive() { }

    /** Whether the magic number of a file's header is there. */
    static boolean recognises(MemorySegment bytes, long at) {
        if (bytes.byteSize() - at < 6) return false;
        String magic = text(bytes, at, 6);
        return magic.equals("070701") || magic.equals("070702");
    }

    /**
     * Finds the end of the archive that begins at {@code start}.
     *
     * @throws IOException with half a sentence that says where the archive breaks off
     */
    static long end(MemorySegment bytes, long start) throws IOException {
        long at = start;
        while (at < bytes.byteSize()) {
            if (bytes.byteSize() - at < HEADER) throw new IOException("the cpio archive breaks off in a header at byte " + at);
            if (!recognises(bytes, at)) throw new IOException("the cpio archive has no header at byte " + at);
            long nameBytes = number(bytes, at, NAME_SIZE);
            long fileBytes = number(bytes, at, FILE_SIZE);
            if (nameBytes == 0 || nameBytes > LONGEST_NAME)
                throw new IOException("the cpio archive has a name of " + nameBytes + " bytes at byte " + at);
            if (bytes.byteSize() - at - HEADER < nameBytes) throw new IOException("the cpio archive breaks off in a name at byte " + at);
            String name = text(bytes, at + HEADER, (int) nameBytes - 1);
            long content = start + align(at - start + HEADER + nameBytes);
            if (content + fileBytes > bytes.byteSize()) throw new IOException("the cpio archive breaks off inside " + name);
            at = Math.min(bytes.byteSize(), start + align(content - start + fileBytes));
            if (name.equals(TRAILER)) return at;
        }
        return at;
    }

    private static long align(long n) { return n + 3 & -4; }

    private static long number(MemorySegment bytes, long header, int field) throws IOException {
        try {
            return Long.parseLong(text(bytes, header + field, DIGITS), 16);
        } catch (NumberFormatException e) {
            throw new IOException("the cpio archive has a header at byte " + header + " with a field that is no number", e);
        }
    }

    private static String text(MemorySegment bytes, long at, int length) {
        byte[] b = new byte[length];
        MemorySegment.copy(bytes, GuestMemory.I8, at, b, 0, length);
        return new String(b, StandardCharsets.ISO_8859_1);
    }
}
