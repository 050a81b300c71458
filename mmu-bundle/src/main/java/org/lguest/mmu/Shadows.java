package org.lguest.mmu;

import java.util.Arrays;
import java.util.BitSet;
import org.lguest.api.state.PageRoots;

/**
 * H:330 What is remembered for one guest: up to four address spaces, one half of which they have in common.
 *
 * <p>An entry is an int: the address of the page frame in bits 12 to 31 (guest memory ends below 4 GiB, so this is enough
 * for PAE as well), and in the low bits what may be done with the page. Zero means "not known": that a page is absent is
 * never remembered, because Linux makes pages present without telling anybody (ABI section 14.3, quirk 10).
 *
 * <p>1024 entries make a chunk, which covers 4 MiB; chunks exist where the guest has touched something. The kernel's
 * chunks are kept once for all trees. The real lguest keeps a kernel half in each tree, but tells all of them of each
 * change and leaves the half of its last owner in a tree that it reuses, so that a kernel whose halves differed would
 * have died there long ago. In the worst case a guest makes us keep 13 MiB.
 *
 * <p>Chunks that are forgotten are used again: a kernel flushes the user half each time it takes rights away from a page.
 */
final class Shadows {
    /** The entry is valid; its page may be read and executed by the kernel. */
    static final int PRESENT = 1;
    /** The page may be written, and D is set in the guest's table. */
    static final int WRITE = 2;
    /** Ring 3 may do what the kernel may. */
    static final int USER = 4;
    /** Bits of the frame's address. */
    static final int FRAME = 0xFFFFF000;

    /** Address spaces remembered at once (ABI section 6.1). */
    static final int TREES = 4;
    private static final int CHUNKS = 1024;
    /** Chunks that are kept for later: a few programs' worth. */
    private static final int SPARES = 16;

    /** One address space. */
    final class Tree {
        private final int[][] user = new int[CHUNKS][];
        private int root;
        private boolean used;
        /** Slots that may have a chunk: a program has a handful, and is forgotten often. */
        private final BitSet slots = new BitSet(CHUNKS);

        void forget() {
            for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) drop(user, slot);
            slots.clear();
        }
    }

    private final int[][] kernel = new int[CHUNKS][];
    private final int[][] spare = new int[SPARES][];
    private int spares;
    private final Tree[] trees = new Tree[TREES];
    private Tree current;
    private int split;
    private int victim;

    Shadows(PageRoots roots) {
        for (int i = 0; i < TREES; i++) trees[i] = new Tree();
        current = trees[0];
        dropAll(roots);
    }

    /** Bits of what is known about the page of {@code va} in the current address space; 0 when nothing is. */
    int entry(int va) {
        int slot = va >>> 22;
        int[] chunk = slot >= split ? kernel[slot] : current.user[slot];
        return chunk == null ? 0 : chunk[va >>> 12 & 1023];
    }

    /** Remembers an entry in the current address space. */
    void remember(int va, int entry) {
        int slot = va >>> 22;
        int[][] half = slot >= split ? kernel : current.user;
        int[] chunk = half[slot];
        if (chunk == null) {
            half[slot] = chunk = chunk();
            if (slot < split) current.slots.set(slot);
        }
        chunk[va >>> 12 & 1023] = entry;
    }

    /** A chunk in which nothing is known. */
    private int[] chunk() {
        if (spares == 0) return new int[1024];
        int[] chunk = spare[--spares];
        Arrays.fill(chunk, 0);
        return chunk;
    }

    private void drop(int[][] half, int slot) {
        if (half[slot] != null && spares < SPARES) spare[spares++] = half[slot];
        half[slot] = null;
    }

    /** Lowest address that all trees share: the kernel's, rounded down to a chunk. */
    int sharedFrom() { return split << 22; }

    /** The tree of a root, or null when it is none of the four. */
    Tree find(int root) {
        for (Tree t : trees) if (t.used && t.root == root) return t;
        return null;
    }

    /** Makes the tree of a root the current one. Returns false when it was not among the four and starts with nothing of its own. */
    boolean select(int root) {
        Tree known = find(root);
        if (known != null) {
            current = known;
            return true;
        }
        Tree t = trees[victim];
        victim = (victim + 1) % TREES;
        if (t == current) { // the one that ran last is the one most likely to run again
            t = trees[victim];
            victim = (victim + 1) % TREES;
        }
        t.forget();
        t.used = true;
        t.root = root;
        current = t;
        return false;
    }

    /** Forgets the page of {@code va}: a shared page for all, another one for the tree only. True when the current space knew it by this. */
    boolean dropPage(Tree tree, int va) {
        int slot = va >>> 22;
        boolean shared = slot >= split;
        if (!shared && tree == null) return false;
        int[] chunk = shared ? kernel[slot] : tree.user[slot];
        if (chunk != null) chunk[va >>> 12 & 1023] = 0;
        return shared || tree == current;
    }

    /** Forgets {@code count} chunks from {@code slot} on. True when the current space loses something. */
    boolean dropChunks(Tree tree, int slot, int count) {
        boolean hit = false;
        for (int i = slot; i < slot + count && i < CHUNKS; i++)
            if (i >= split) {
                drop(kernel, i);
                hit = true;
            } else if (tree != null) {
                drop(tree.user, i);
                hit |= tree == current;
            }
        return hit;
    }

    /** Forgets the user half of the current space. */
    void dropUser() { current.forget(); }

    /** Forgets everything; which address space is current stays. */
    void dropAll(PageRoots roots) {
        split = roots.kernelAddress >>> 22;
        Arrays.fill(kernel, null);
        for (Tree t : trees) {
            t.forget();
            t.used = false;
        }
        if (!roots.linear) {
            current.used = true;
            current.root = roots.current;
        }
    }
}
