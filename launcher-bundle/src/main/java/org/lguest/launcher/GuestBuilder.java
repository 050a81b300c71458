package org.lguest.launcher;

import java.io.IOException;
import java.util.List;
import org.lguest.api.Control;
import org.lguest.api.ControlException;
import org.lguest.api.Guest;
import org.lguest.api.GuestSpec;
import org.lguest.api.LaunchException;
import org.lguest.api.abi.Generation;
import org.lguest.api.state.CpuState;
import org.lguest.api.state.DescriptorTable;
import org.lguest.api.state.GuestMemory;
import org.lguest.api.state.SegmentState;

/**
 * L:070 The moment before the first instruction. All files have been found good; now there is memory, and everything goes to its place. The
 * registers get the little that a kernel looks at when it is woken: esi has the address of the boot page, code and data segments cover
 * all memory, at ring 1, and eip is where the image says.
 *
 * <p>Then the Guest asks the Host for admission (H:050). There it gets a name, its backends are opened, and its devices are written onto the
 * page above its memory (D:020). From that moment it could run; but it does not, until somebody says so. A console that was attached in
 * between misses nothing.
 *
 * @param generation what the kernel's release promises, or null
 * @param initrd     null when there is none
 * @param notes      lines for the guest's log
 */
record GuestBuilder(GuestSpec spec, KernelImage kernel, Generation generation, byte[] commandLine, Layout layout, Initrd initrd, List<String> notes) {
    /** What happens to the guest at last, while its memory is still closed when that fails. */
    interface Admission {
        void admit(Guest guest) throws LaunchException;
    }

    /** Builds the guest and has it admitted; memory is closed when anything fails. */
    Guest build(Admission admission) throws LaunchException {
        GuestMemory memory = memory();
        Guest guest = new Guest(spec, memory);
        try {
            kernel.load(memory);
            if (initrd != null) initrd.load(memory, layout.initrd());
            BootPage.write(memory, kernel, commandLine, layout, initrd);
            if (generation != null) guest.expect(generation);
            guest.roots().pae = layout.tables().pae();
            guest.roots().first = BootTables.build(memory, layout, !kernel.classic());
            guest.roots().kernelAddress = (int) layout.tables().pageOffset();
            registers(guest, kernel.entry());
            if (kernel.classic()) initialize(guest);
            notes.forEach(guest.log()::add);
            admission.admit(guest);
            return guest;
        } catch (LaunchException | RuntimeException | Error e) {
            guest.control().close();
            memory.close();
            throw e;
        }
    }

    /** What the first Launcher tells the first Host: how far memory reaches, which table, where to begin, and at which distance. */
    private void initialize(Guest guest) throws LaunchException {
        try {
            int frames = (int) (guest.memory().segment().byteSize() / GuestMemory.PAGE);
            guest.control().initialize(frames, guest.roots().first, kernel.entry(), kernel.pageOffset());
        } catch (ControlException e) {
            throw new LaunchException(e.errno() == ControlException.Errno.ENOSPC
                ? "there are " + Control.MOST_GUESTS + " guests of Linux 2.6.23 already, and no more can be; end one of them" : e.getMessage(), e);
        }
    }

    private GuestMemory memory() throws LaunchException {
        try {
            return GuestMemory.create(layout.ram());
        } catch (IOException e) {
            throw new LaunchException("the host cannot supply " + Sizes.of(layout.ram()) + " for a guest: " + e.getMessage()
                + "; make room in " + System.getProperty("java.io.tmpdir") + " or give the guest less", e);
        }
    }

    /** ABI section 2.2: ring 1, flat segments, everything else zero, so that esi points to the boot page. */
    static void registers(Guest guest, int entry) {
        CpuState cpu = guest.cpu();
        DescriptorTable gdt = guest.descriptors();
        cpu.eip = entry;
        cpu.eflags = 0x202;
        cpu.cpl = 1;
        segment(cpu.seg[SegmentState.CS], DescriptorTable.KERNEL_CS, gdt);
        for (int s : new int[] {SegmentState.DS, SegmentState.ES, SegmentState.SS}) segment(cpu.seg[s], DescriptorTable.KERNEL_DS, gdt);
        cpu.seg[SegmentState.FS].clear(0);
        cpu.seg[SegmentState.GS].clear(0);
    }

    private static void segment(SegmentState segment, int selector, DescriptorTable gdt) {
        segment.load(selector, gdt.low(selector >>> 3), gdt.high(selector >>> 3));
    }
}
