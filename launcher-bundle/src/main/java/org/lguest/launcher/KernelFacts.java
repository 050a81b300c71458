package org.lguest.launcher;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lguest.api.abi.Generation;
import org.lguest.launcher.KernelImage.Piece;

/**
 * What the texts inside a kernel give away before it runs.
 *
 * @param release the version, such as {@code 3.11.10-pae}; null where no text tells
 * @param pae     what kind of page tables it was built for; null where no text tells
 * @param lguest  it can be a guest of ours; null where that is unknown
 * @param classic it is Linux 2.6.23, whose way to start and whose devices are others (ABI section 1.1, G1)
 */
record KernelFacts(String release, Boolean pae, Boolean lguest, boolean classic) {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");
    private static final String BANNER = "Linux version ";
    private static final int CHUNK = 1 << 18;

    /** Searches what the image loads. */
    static KernelFacts of(KernelImage image) {
        String release = release(image);
        return new KernelFacts(release, pae(image, release), lguest(image), ClassicKernel.marked(image));
    }

    /**
     * What a kernel prints of its page tables when it dies tells how many levels they have; so does the report on the NX bit in
     * builds without PAE, 2.6.33 and later. That NX is active is no sign: 2.6.32 has the sentence in all its builds.
     * Distributions put PAE into the release string, too.
     */
    private static Boolean pae(KernelImage image, String release) {
        if (find(image, "protection cannot be enabled: non-PAE kernel!") != null) return false;
        if (find(image, "*pdpt = ") != null) return true;
        if (release != null && release.toLowerCase(Locale.ROOT).matches(".*(pae|bigmem).*")) return true;
        return find(image, "*pde = ") != null ? false : null;
    }

    /** A Linux that has its banner in the clear but nowhere the name of lguest was built without guest support. */
    private static Boolean lguest(KernelImage image) {
        if (find(image, "lguest") != null || ClassicKernel.marked(image)) return true;
        return find(image, BANNER) != null ? false : null;
    }

    private static String release(KernelImage image) {
        Hit hit = find(image, BANNER);
        String text = image.release();
        if (hit != null) {
            long at = hit.offset + BANNER.length();
            byte[] b = new byte[(int) Math.min(64, hit.bytes().byteSize() - at)];
            MemorySegment.copy(hit.bytes(), ValueLayout.JAVA_BYTE, at, b, 0, b.length);
            text = new String(b, StandardCharsets.ISO_8859_1);
        }
        if (text == null) return null;
        String word = text.split("[ \0]", 2)[0];
        return VERSION.matcher(word).matches() ? word : hit == null ? null : release(image.release());
    }

    private static String release(String text) { return text == null ? null : text.split(" ", 2)[0]; }

    /** The version as a number that can be compared: 2.6.24 is 2006024; 0 where it is unknown. */
    int version() {
        if (release == null) return 0;
        Matcher m = VERSION.matcher(release);
        if (!m.matches()) return 0;
        try {
            return Integer.parseInt(m.group(1)) * 1_000_000 + Integer.parseInt(m.group(2)) * 1000
                + (m.group(3) == null ? 0 : Integer.parseInt(m.group(3)));
        } catch (NumberFormatException e) {
            return 0; // digits without end are no version
        }
    }

    /** What such a kernel speaks; null where nobody knows. The first candidate of 2.6.23 is not what 2.6.23 became. */
    Generation generation() {
        if (!classic) return Generation.ofRelease(version());
        return release != null && release.startsWith("2.6.23-rc1") ? Generation.LINUX_2_6_23_RC1 : Generation.LINUX_2_6_23;
    }

    /** A text in the bytes of a piece. */
    record Hit(Piece piece, long offset) {
        MemorySegment bytes() { return piece.bytes(); }

        /** Guest-physical. */
        long address() { return piece.at() + offset; }
    }

    /** The first occurrence of a text; null when there is none. */
    static Hit find(KernelImage image, String text) {
        byte[] needle = text.getBytes(StandardCharsets.ISO_8859_1);
        for (Piece p : image.pieces()) {
            long at = indexOf(p.bytes(), needle);
            if (at >= 0) return new Hit(p, at);
        }
        return null;
    }

    /** Searches chunk by chunk, the next one overlapping the last by what a text may straddle. */
    private static long indexOf(MemorySegment bytes, byte[] needle) {
        byte[] chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
        for (long from = 0; bytes.byteSize() - from >= needle.length; from += chunk.length - needle.length + 1) {
            int count = (int) Math.min(chunk.length, bytes.byteSize() - from);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, chunk, 0, count);
            int at = indexOf(chunk, count, needle);
            if (at >= 0) return from + at;
        }
        return -1;
    }

    /** Horspool's search: looks at the byte under the needle's end and jumps as far as that byte allows. */
    private static int indexOf(byte[] bytes, int count, byte[] needle) {
        int last = needle.length - 1;
        int[] jump = new int[256];
        Arrays.fill(jump, needle.length);
        for (int i = 0; i < last; i++) jump[needle[i] & 0xFF] = last - i;
        for (int at = last; at < count;) {
            byte b = bytes[at];
            if (b == needle[last] && Arrays.equals(bytes, at - last, at + 1, needle, 0, needle.length)) return at - last;
            at += jump[b & 0xFF];
        }
        return -1;
    }
}
