package org.lguest.api.state;

import java.lang.invoke.VarHandle;

/**
 * {@code struct lguest_dma} of Linux 2.6.23 (ABI section 10.3): up to sixteen pieces of guest memory, to send or to be filled.
 *
 * <pre>
 *  0 u32 used_len     4 u32 addr[16], guest-physical     68 u16 len[16], a zero ends the list
 * </pre>
 *
 * <p>Read once, so that what was checked is what is used.
 *
 * @param at      where the structure is
 * @param usedLen 0 while a receiving buffer is free
 * @param address of each piece, unsigned
 * @param length  of each piece, above 0
 */
public record DmaList(long at, int usedLen, long[] address, int[] length) {
    /** Bytes of the structure. */
    public static final int BYTES = 100;
    /** Pieces at most. */
    public static final int SECTIONS = 16;

    private static final int ADDRESSES = 4, LENGTHS = 68;

    /** Reads the structure; the caller has asked whether it is in memory. The pieces may be anywhere. */
    public static DmaList read(GuestMemory memory, long at) {
        int n = 0;
        int[] length = new int[SECTIONS];
        while (n < SECTIONS && (length[n] = memory.load16(at + LENGTHS + 2 * n)) != 0) n++;
        long[] address = new long[n];
        for (int i = 0; i < n; i++) address[i] = Integer.toUnsignedLong(memory.load32(at + ADDRESSES + 4 * i));
        return new DmaList(at, memory.load32(at), address, java.util.Arrays.copyOf(length, n));
    }

    /** Number of pieces. */
    public int pieces() { return length.length; }

    /** Bytes of all pieces. */
    public int bytes() {
        int sum = 0;
        for (int l : length) sum += l;
        return sum;
    }

    /** The first piece that is not all in memory, or -1. */
    public int outside(GuestMemory memory) {
        for (int i = 0; i < length.length; i++) if (!memory.contains(address[i], length[i])) return i;
        return -1;
    }

    /** Copies the pieces out, one behind the other; they are in memory. */
    public byte[] gather(GuestMemory memory) {
        byte[] all = new byte[bytes()];
        for (int i = 0, done = 0; i < length.length; done += length[i++]) memory.read(address[i], all, done, length[i]);
        return all;
    }

    /** Copies into the pieces, as far as they have room; they are in memory. Returns how many bytes. */
    public int scatter(GuestMemory memory, byte[] from, int offset, int bytes) {
        int done = 0;
        for (int i = 0; i < length.length && done < bytes; i++) {
            int n = Math.min(length[i], bytes - done);
            memory.write(address[i], from, offset + done, n);
            done += n;
        }
        return done;
    }

    /** Says how many bytes were used. Whoever sees that also sees what is in the pieces. */
    public void used(GuestMemory memory, int bytes) {
        VarHandle.releaseFence();
        memory.store32(at, bytes);
    }
}
