package org.lguest.launcher;

/** One line about what was launched. */
final class Summary {
    private Summary() { }

    /** Such as {@code kernel vmlinux: Linux 3.11.10 (ELF, entry 0x1000000), 2.6 MiB; initrd 1.1 MiB (gzip) at 0x3ee0000; 64 MiB}. */
    static String of(String name, KernelImage kernel, KernelFacts facts, Layout layout, Initrd initrd, String initrdForm) {
        var s = new StringBuilder(name).append(": ");
        if (facts.release() != null) s.append("Linux ").append(facts.release()).append(' ');
        s.append('(').append(kernel.form()).append(", entry 0x").append(Integer.toHexString(kernel.entry())).append("), ")
            .append(Sizes.of(kernel.loadedBytes()));
        if (initrd != null)
            s.append("; initrd ").append(Sizes.of(initrd.bytes().byteSize())).append(" (").append(initrdForm).append(") at 0x")
                .append(Long.toHexString(layout.initrd()));
        s.append("; ").append(Sizes.of(layout.ram())).append(layout.tables().pae() ? ", PAE" : "").append("; first page tables at 0x")
            .append(Long.toHexString(layout.tablesAt()));
        return s.toString();
    }
}
