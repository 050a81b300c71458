package org.lguest.launcher;

import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.Generation;

/** Whether a kernel is one for this machine, as far as that shows before it runs. */
final class Suitability {
    private static final int LINUX_2_6_23 = 2_006_023, LINUX_2_6_24 = 2_006_024, LINUX_4_0 = 4_000_000, LINUX_4_14 = 4_014_000;

    /** What Linux reaches without HIGHMEM, with room for what it maps beside (ABI section 10.4). */
    private static final long CLASSIC_RAM = 768L << 20;

    private Suitability() { }

    /**
     * Refuses what certainly cannot run, and notes what may not.
     *
     * @param notes gets a line for each doubt
     */
    static void check(String name, KernelFacts facts, Layout layout, List<String> notes) throws LaunchException {
        int version = facts.version();
        if (version > 0 && version < LINUX_2_6_24 && !facts.classic())
            throw new LaunchException(name + " is Linux " + facts.release() + (version < LINUX_2_6_23 ? ", which is older than lguest; use 2.6.23 to 3.19"
                : " without lguest support, or a copy that broke off; build it with CONFIG_LGUEST_GUEST=y"));
        if (version >= LINUX_4_14)
            throw new LaunchException(name + " is Linux " + facts.release() + ", and lguest was removed in 4.14; use 2.6.23 to 3.19");
        if (facts.classic() && layout.ram() > CLASSIC_RAM)
            notes.add("Linux 2.6.23 looks for its devices right above the memory that it can reach, and may not find them in a guest of "
                + Sizes.of(layout.ram()) + "; give it " + Sizes.of(CLASSIC_RAM) + " at most");
        if (Boolean.FALSE.equals(facts.lguest()))
            throw new LaunchException(name + " is Linux " + facts.release() + " without lguest support; build it with CONFIG_LGUEST_GUEST=y");
        if (version >= LINUX_4_0)
            notes.add("Linux " + facts.release() + " looks for its devices on a PCI bus, which this machine has not: it will find none");
        Generation generation = facts.generation();
        if (layout.tables().pae() && generation != null && !generation.pae())
            notes.add("Linux " + facts.release() + " cannot be a PAE guest; PAE tables were asked for");
        if (facts.pae() != null && facts.pae() != layout.tables().pae())
            notes.add(name + " looks like a " + (facts.pae() ? "PAE" : "non-PAE") + " kernel, and it was asked to run as the other kind");
    }
}
