package org.lguest.device.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071): sums of 16-bit words in one's complement.
 *
 * <p>Such a sum comes out the same, bytes exchanged, whichever order the bytes of the words are taken in, and carries may be
 * added at any time. So it is made of little-endian 64-bit words here, and turned round once at the end.
 */
final class Checksums {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final long LOW = 0xFFFF_FFFFL;

    private Checksums() { }

    /** The unsigned 16-bit value in network order. */
    static int get16(byte[] b, int at) { return (short) SHORT.get(b, at) & 0xFFFF; }

    /** Stores the low 16 bits in network order. */
    static void put16(byte[] b, int at, int value) { SHORT.set(b, at, (short) value); }

    /** The 32-bit value in network order. */
    static int get32(byte[] b, int at) { return (int) INT.get(b, at); }

    /** Stores in network order. */
    static void put32(byte[] b, int at, int value) { INT.set(b, at, value); }

    /**
     * Adds a range to a sum. A last odd byte counts as if a zero followed.
     *
     * @param sum what was summed up before, 0 to 0xFFFF, an even number of bytes
     * @return 0 to 0xFFFF
     */
    static int add(int sum, byte[] b, int from, int length) {
        long low = 0, high = 0;
        int at = from;
        for (int end = from + (length & ~7); at < end; at += 8) {
            long w = (long) LONG.get(b, at);
            low += w & LOW; // no carry is lost: a packet has at most 8,192 such words
            high += w >>> 32;
        }
        for (int shift = 0, end = from + length; at < end; at++, shift = shift + 8 & 15) low += (b[at] & 0xFFL) << shift;
        return fold(sum + Short.toUnsignedLong(Short.reverseBytes((short) fold(low + high))));
    }

    /** Brings carries home until the sum fits into 16 bits. */
    static int fold(long sum) {
        long s = (sum & LOW) + (sum >>> 32);
        while (s >>> 16 != 0) s = (s & 0xFFFF) + (s >>> 16);
        return (int) s;
    }

    /** What goes into the packet for a sum; never 0, which in UDP would mean that there is no checksum, but its equal 0xFFFF. */
    static int finish(int sum) {
        int c = ~sum & 0xFFFF;
        return c == 0 ? 0xFFFF : c;
    }
}
