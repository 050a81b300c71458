package org.lguest.usernet;

/**
 * The Internet checksum (RFC 1071): the complement of the one's complement sum of all 16-bit words. Carries are kept in the
 * upper half of a long and folded once at the end (RFC 1071 section 2, "deferred carries").
 */
final class Checksums {
    private Checksums() { }

    /** Adds the bytes {@code [from, to)} to a sum; an odd last byte counts as if a zero followed. */
    static long sum(long sum, byte[] b, int from, int to) {
        int at = from;
        for (; at + 4 <= to; at += 4) sum += Bytes.i32(b, at) & 0xFFFF_FFFFL;
        if (at + 2 <= to) {
            sum += Bytes.u16(b, at);
            at += 2;
        }
        return at < to ? sum + (Bytes.u8(b, at) << 8) : sum;
    }

    /** The sum of the pseudo header that TCP and UDP prepend (RFC 9293 section 3.1, RFC 768). */
    static long pseudo(int source, int destination, int protocol, int length) {
        return (source & 0xFFFF_FFFFL) + (destination & 0xFFFF_FFFFL) + protocol + length;
    }

    /** Sixteen bits, not complemented. */
    static int fold(long sum) {
        long s = (sum >>> 32) + (sum & 0xFFFF_FFFFL);
        s = (s >>> 32) + (s & 0xFFFF_FFFFL);
        s = (s >>> 16) + (s & 0xFFFF);
        s = (s >>> 16) + (s & 0xFFFF);
        return (int) s;
    }

    /** The number to be written into a header whose checksum field is zero. */
    static int finish(long sum) { return ~fold(sum) & 0xFFFF; }

    /** Whether a sum over bytes with their checksum in place is right. */
    static boolean good(long sum) { return fold(sum) == 0xFFFF; }
}
