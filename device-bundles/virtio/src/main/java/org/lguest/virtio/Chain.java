package org.lguest.virtio;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lguest.api.state.GuestMemory;

/**
 * A descriptor chain: pieces of guest memory, first those that the device reads, then those that it writes. How the guest
 * cut its request into pieces means nothing, so offsets here run through the readable bytes, or through the writable ones.
 *
 * <p>Reused by its {@link Virtqueue}: valid until the next one is taken. Addresses were checked when it was taken.
 */
public final class Chain {
    private final GuestMemory memory;
    private long[] address = new long[8];
    private int[] length = new int[8];
    private int pieces, readablePieces;
    private long readable, writable;
    int head;

    Chain(GuestMemory memory) { this.memory = memory; }

    void reset(int head) {
        this.head = head;
        pieces = readablePieces = 0;
        readable = writable = 0;
    }

    void add(long at, int bytes, boolean write) {
        if (pieces == address.length) {
            address = Arrays.copyOf(address, 2 * pieces);
            length = Arrays.copyOf(length, 2 * pieces);
        }
        address[pieces] = at;
        length[pieces++] = bytes;
        if (write) {
            writable += bytes;
        } else {
            readable += bytes;
            readablePieces = pieces;
        }
    }

    int pieces() { return pieces; }

    boolean writing() { return pieces > readablePieces; }

    /** Bytes that the guest lets the device read. */
    public long readable() { return readable; }

    /** Bytes that the guest lets the device write. */
    public long writable() { return writable; }

    /** Something done with a piece of guest memory. */
    @FunctionalInterface
    public interface Piece<E extends Exception> {
        /**
         * Uses a piece.
         *
         * @param segment the piece
         * @param offset  bytes of the range before it
         */ 
        void use(MemorySegment segment, long offset) throws E;
    }

    /** Visits the readable bytes [from, from + bytes) piece by piece; the range must be inside {@link #readable}. */
    public <E extends Exception> void eachReadable(long from, long bytes, Piece<E> action) throws E {
        walk(0, readablePieces, from, bytes, false, action);
    }

    /** Visits the writable bytes [from, from + bytes); what the action writes becomes visible as the guest's memory. */
    public <E extends Exception> void eachWritable(long from, long bytes, Piece<E> action) throws E {
        walk(readablePieces, pieces, from, bytes, true, action);
    }

    private <E extends Exception> void walk(int first, int last, long from, long bytes, boolean write, Piece<E> action) throws E {
        long skip = from;
        long left = bytes;
        for (int i = first; i < last && left > 0; i++) {
            if (skip >= length[i]) {
                skip -= length[i];
                continue;
            }
            long n = Math.min(left, length[i] - skip);
            action.use(memory.slice(address[i] + skip, n), bytes - left);
            if (write) memory.code().written(address[i] + skip, n);
            left -= n;
            skip = 0;
        }
        if (left > 0) throw new IndexOutOfBoundsException("range " + from + "+" + bytes + " of a descriptor chain");
    }

    /** Copies readable bytes out. */
    public void read(long from, byte[] to, int offset, int bytes) {
        eachReadable(from, bytes, (s, at) -> MemorySegment.copy(s, GuestMemory.I8, 0, to, offset + (int) at, (int) s.byteSize()));
    }

    /** Copies into the writable bytes. */
    public void write(long to, byte[] from, int offset, int bytes) {
        eachWritable(to, bytes, (s, at) -> MemorySegment.copy(from, offset + (int) at, s, GuestMemory.I8, 0, (int) s.byteSize()));
    }
}
