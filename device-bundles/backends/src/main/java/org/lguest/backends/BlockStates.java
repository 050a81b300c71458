package org.lguest.backends;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which blocks of an overlay it has itself: a byte each.
 *
 * <p>{@link #WRITTEN} is noted as soon as a block has been written, {@link #SAFE} when a flush has brought it to the disk. The difference
 * matters only once, when the host's power has failed: then the file may hold the note and not the block. A process that dies takes
 * nothing with it, since what it wrote is the system's.
 */
final class BlockStates {
    /** The block is the base's. */
    static final byte ABSENT = 0;
    /** It is the overlay's. */
    static final byte WRITTEN = 1;
    /** It is the overlay's, and was on the disk when this was noted. */
    static final byte SAFE = 2;

    private static final int PAGE = 4096;

    private final DiskFile file;
    private final long at;
    private final byte[][] pages; // those without any block are null
    private final BitSet unsafe = new BitSet();

    private BlockStates(DiskFile file, long at, long blocks) {
        this.file = file;
        this.at = at;
        pages = new byte[Math.toIntExact((blocks + PAGE - 1) / PAGE)][];
    }

    /**
     * The states in a file, from {@code at} on.
     *
     * @param intact whether the host has been up since they were noted; if not, only blocks that are safe are there
     */
    static BlockStates load(DiskFile file, long at, long blocks, boolean intact) throws IOException {
        BlockStates states = read(file, at, blocks, intact);
        if (states.unsettled()) {
            file.force(); // what is written, if intact, and can be noted as safe
            states.settle();
        }
        return states;
    }

    /** The states in a file, from {@code at} on, for which nothing has to be safe: blocks are there when that is noted. */
    static BlockStates read(DiskFile file, long at, long blocks) throws IOException { return read(file, at, blocks, true); }

    private static BlockStates read(DiskFile file, long at, long blocks, boolean intact) throws IOException {
        BlockStates states = new BlockStates(file, at, blocks);
        for (int i = 0; i < states.pages.length; i++) states.read(i, intact);
        return states;
    }

    private void read(int i, boolean intact) throws IOException {
        long from = at + (long) i * PAGE;
        int n = Math.clamp(file.size() - from, 0, PAGE);
        byte[] page = new byte[PAGE];
        file.read(from, MemorySegment.ofArray(page).asSlice(0, n));
        boolean empty = true;
        for (int k = 0; k < PAGE; k++) {
            if (page[k] < ABSENT || page[k] > SAFE) throw new IOException("the overlay " + file.path() + " is damaged: a block of state " + page[k]);
            if (page[k] == WRITTEN) {
                unsafe.set(i);
                if (!intact) page[k] = ABSENT;
            }
            empty &= page[k] == ABSENT;
        }
        if (!empty || unsafe.get(i)) pages[i] = page;
    }

    /** Whether the overlay has the block. */
    boolean present(long block) {
        byte[] page = pages[(int) (block / PAGE)];
        return page != null && page[(int) (block % PAGE)] != ABSENT;
    }

    /** How many blocks it has. */
    long count() {
        long n = 0;
        for (byte[] page : pages) if (page != null) for (byte b : page) if (b != ABSENT) n++;
        return n;
    }

    /** Blocks that were absent have been written. */
    void written(long first, long count) throws IOException {
        for (long block = first, end = first + count; block < end;) {
            long n = Math.min(end - block, PAGE - block % PAGE);
            int i = (int) (block / PAGE), k = (int) (block % PAGE);
            file.write(at + block, MemorySegment.ofArray(states(WRITTEN, (int) n)));
            if (pages[i] == null) pages[i] = new byte[PAGE];
            Arrays.fill(pages[i], k, k + (int) n, WRITTEN);
            unsafe.set(i);
            block += n;
        }
    }

    private static byte[] states(byte state, int n) {
        byte[] all = new byte[n];
        Arrays.fill(all, state);
        return all;
    }

    /** Whether there are blocks whose note a flush has to make final. */
    boolean unsettled() { return !unsafe.isEmpty(); }

    /** All blocks that are written are on the disk; notes that, and returns when the notes are there as well. */
    void settle() throws IOException {
        for (int i = unsafe.nextSetBit(0); i >= 0; i = unsafe.nextSetBit(i + 1)) {
            byte[] page = pages[i];
            for (int k = 0; k < PAGE; k++) if (page[k] == WRITTEN) page[k] = SAFE;
            file.write(at + (long) i * PAGE, MemorySegment.ofArray(page));
        }
        file.force();
        unsafe.clear();
    }
}
