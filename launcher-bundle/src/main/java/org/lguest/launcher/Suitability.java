package org.lguest.launcher;

import java.util.List;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.Generation;

/** Whether a kernel is one for this machine, as far as that shows before it runs. */
final class Suitability {
    private static final int LINUX_2_6_24 = 2_006_024, LINUX_4_0 = 4_000_000, LINUX_4_14 = 4_014_000;

    private Suitability() { }

    /**
     * Refuses what certainly cannot run, and notes what may not.
     *
     * @param notes gets a line for each doubt
     */
    static void check(String name, KernelFacts facts, Layout layout, List<String> notes) throws LaunchException {
        int version = facts.version();
        if (facts.classic() || version > 0 && version < LINUX_2_6_24)
            throw new LaunchException(name + " is Linux " + facts.release()
                + ", which starts and does I/O in the ways of lguest before virtio; use 2.6.24 to 3.19");
        if (version >= LINUX_4_14)
            throw new LaunchException(name + " is Linux " + facts.release() + ", and lguest was removed in 4.14; use 2.6.24 to 3.19");
        if (Boolean.FALSE.equals(facts.lguest()))
            throw new LaunchException(name + " is Linux " + facts.release() + " without lguest support; build it with CONFIG_LGUEST_GUEST=y");
        if (version >= LINUX_4_0)
            notes.add("Linux " + facts.release() + " looks for its devices on a PCI bus, which this machine has not: it will find none");
        Generation generation = Generation.ofRelease(version);
        if (layout.tables().pae() && generation != null && !generation.pae())
            notes.add("Linux " + facts.release() + " cannot be a PAE guest; PAE tables were asked for");
        if (facts.pae() != null && facts.pae() != layout.tables().pae())
            notes.add(name + " looks like a " + (facts.pae() ? "PAE" : "non-PAE") + " kernel, and it was asked to run as the other kind");
    }
}
