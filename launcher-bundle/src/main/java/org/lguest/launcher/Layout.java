package org.lguest.launcher;

import org.lguest.api.LaunchException;
import org.lguest.api.state.GuestMemory;

/**
 * L:046 Where things go in RAM. From below: boot page at 0, command line at 4096, kernel where it wants to be. From above:
 * the initrd, and under it the first page tables, its top level highest (ABI sections 6.8 and 11.3).
 *
 * <p>In a big guest "above" is not the end of RAM but {@link #LOW_TOP}: a kernel reaches the rest only through mappings
 * that it has not made yet when it needs the initrd and edits its first table.
 *
 * @param ram       bytes of RAM
 * @param initrd    address of the initrd; where it would be when there is none
 * @param tables    shape of the first page tables
 * @param tablesAt  lowest address of the tables
 */
record Layout(long ram, long initrd, BootTables.Shape tables, long tablesAt) {
    /** Least and most RAM in MiB: below, no kernel lives; above, kernels keep their own half of the addresses. */
    static final int LEAST_MIB = 4, MOST_MIB = 3072;
    /** Inside what every kernel with PAGE_OFFSET 0xC0000000 maps for good (at least 880 MiB). */
    static final long LOW_TOP = 768L << 20;
    /** A kernel at 16 MiB wants so much for its first allocations (ABI section 18). */
    private static final int LEAST_FOR_HIGH_KERNELS_MIB = 32;
    private static final long HIGH_KERNEL = 16L << 20;

    /** Checks the size alone, before any file is opened. */
    static void check(int mib) throws LaunchException {
        if (mib < LEAST_MIB || mib > MOST_MIB)
            throw new LaunchException("a guest cannot have " + mib + " MiB of RAM; give it " + LEAST_MIB + " to " + MOST_MIB + " MiB");
    }

    /** Lays out memory, or says how much is needed. */
    static Layout of(int mib, KernelImage kernel, long initrdBytes, boolean pae) throws LaunchException {
        int needed = needed(kernel, initrdBytes, pae);
        if (mib >= needed) return of(mib, initrdBytes, kernel.pageOffset(), pae);
        String what = Sizes.of(mib * 1L << 20) + " of RAM is too little: the kernel runs at " + Sizes.of(kernel.start())
            + " and reaches up to " + Sizes.of(kernel.end())
            + (initrdBytes > 0 ? ", and the initrd takes " + Sizes.of(initrdBytes) : "");
        if (needed > MOST_MIB) throw new LaunchException(what + "; they do not fit into any guest, which has " + MOST_MIB + " MiB at most");
        throw new LaunchException(what + "; give the guest at least " + needed + " MiB");
    }

    private static Layout of(int mib, long initrdBytes, int pageOffset, boolean pae) {
        long ram = (long) mib << 20;
        long initrd = Math.min(ram, LOW_TOP) - pageAlign(initrdBytes);
        var tables = BootTables.Shape.of(ram, pageOffset, pae);
        return new Layout(ram, initrd, tables, initrd - tables.bytes());
    }

    private static int needed(KernelImage kernel, long initrdBytes, boolean pae) {
        for (int mib = kernel.start() >= HIGH_KERNEL ? LEAST_FOR_HIGH_KERNELS_MIB : LEAST_MIB; mib <= MOST_MIB; mib++)
            if (of(mib, initrdBytes, kernel.pageOffset(), pae).tablesAt >= kernel.end()) return mib;
        return Integer.MAX_VALUE;
    }

    /** Rounds up to whole pages. */
    static long pageAlign(long n) { return n + GuestMemory.PAGE - 1 & -GuestMemory.PAGE; }
}
