package org.lguest.api.part;

import org.lguest.api.Guest;

/**
 * Shadow page tables (ABI section 6): translates, enforces what the guest's tables say, and forgets on request.
 * vCPU thread only.
 */
public interface Mmu extends Part {
    /** Kinds of access. */
    int READ = 0, WRITE = 1, FETCH = 2;

    /**
     * A miss in the SoftTlb: walks, sets A and D in the guest's tables as hardware would, and enters the page.
     * Frames with decoded code ({@code guest.memory().code()}) get no write tag even when the answer is yes; the engine
     * then makes its store by {@link #physical}.
     *
     * @param access {@link #READ}, {@link #WRITE} or {@link #FETCH}
     * @param user   the access is one of ring 3
     * @return true when the access is allowed; false when #PF was left in CpuState (or the guest was killed)
     */
    boolean fill(Guest guest, int va, int access, boolean user);

    /**
     * The guest-physical address of {@code va} after a {@link #fill} for the same page and access said yes.
     */
    int physical(Guest guest, int va);

    /**
     * Translates for the Host's own needs: no permission check, no A or D (ABI section 6.4).
     *
     * @return the guest-physical address, or -1 where nothing is mapped; the caller decides whether that kills
     */
    long translate(Guest guest, int va);

    /** NEW_PGTABLE: switches to the table at {@code root}; leaves linear mode. */
    void newPageTable(Guest guest, int root);

    /** FLUSH_TLB(0): forgets the user half of the current table. */
    void flushUser(Guest guest);

    /** FLUSH_TLB(1): forgets everything of all tables. */
    void flushAll(Guest guest);

    /** SET_PTE: the entry for {@code va} under {@code root} is now {@code high:low}. */
    void setPte(Guest guest, int root, int va, int low, int high);

    /** SET_PGD: top-level entry {@code index} under {@code root} changed. */
    void setTopLevel(Guest guest, int root, int index);

    /** SET_PMD: an entry of the middle table at {@code table} changed (PAE). */
    void setMiddle(Guest guest, int table, int index);

    /** SET_STACK and whenever shadows were dropped: makes the pages of the ring-1 stack present and dirty; kills when it cannot. */
    void pinStack(Guest guest);
}
