package org.lguest.launcher;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.lguest.api.LaunchException;
import org.lguest.api.state.GuestMemory;

/**
 * L:050 The boot page: Linux's {@code struct boot_params} at guest-physical 0, which a boot loader fills in on a PC and the
 * Launcher here (ABI section 11.3). The command line is in the page behind it.
 *
 * <p>lguest's own Launcher leaves all but its few fields zero; some self-unpacking kernels fail on that, so the image's
 * setup header goes in first, less the fields by which an image tells a PC's boot loader how it was built.
 */
final class BootPage {
    /** Guest-physical address of the command line. */
    static final int COMMAND_LINE = 0x1000;

    private static final int E820_ENTRIES = 0x1E8, SETUP_HEADER = 0x1F1, ROOT_FLAGS = 0x1F2, RAM_SIZE = 0x1F8, VID_MODE = 0x1FA, ROOT_DEV = 0x1FC,
        VERSION = 0x206, TYPE_OF_LOADER = 0x210, LOADFLAGS = 0x211, RAMDISK_IMAGE = 0x218, RAMDISK_SIZE = 0x21C, CMD_LINE_PTR = 0x228,
        KERNEL_ALIGNMENT = 0x230, HARDWARE_SUBARCH = 0x23C, E820_MAP = 0x2D0;
    /** Boot protocol 2.07: the first with hardware_subarch. */
    private static final int PROTOCOL = 0x0207;
    private static final int UNKNOWN_LOADER = 0xFF, KEEP_SEGMENTS = 0x40, SUBARCH_LGUEST = 1, E820_RAM = 1, DEFAULT_ALIGNMENT = 0x1000000;

    private BootPage() { }

    /** The command line as bytes, or what is wrong with it. */
    static byte[] commandLine(String text, int limit) throws LaunchException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > limit)
            throw new LaunchException("the command line has " + bytes.length + " bytes, and the kernel takes " + limit + "; shorten it");
        if (text.indexOf('\0') >= 0) throw new LaunchException("the command line has a NUL in it, which would end it there; leave it out");
        return bytes;
    }

    /**
     * Writes both pages.
     *
     * @param initrd null when there is none
     */
    static void write(GuestMemory memory, KernelImage kernel, byte[] commandLine, Layout layout, Initrd initrd) {
        if (kernel.setupHeader() != null) copy(memory, kernel.setupHeader());
        memory.store8(E820_ENTRIES, 1);
        memory.store16(VERSION, PROTOCOL);
        memory.store8(LOADFLAGS, memory.load8(LOADFLAGS) | KEEP_SEGMENTS);
        memory.store8(TYPE_OF_LOADER, initrd != null ? UNKNOWN_LOADER : 0);
        memory.store32(RAMDISK_IMAGE, initrd != null ? (int) layout.initrd() : 0);
        memory.store32(RAMDISK_SIZE, initrd != null ? (int) initrd.announcedBytes() : 0);
        memory.store32(CMD_LINE_PTR, COMMAND_LINE);
        if (memory.load32(KERNEL_ALIGNMENT) == 0) memory.store32(KERNEL_ALIGNMENT, DEFAULT_ALIGNMENT);
        memory.store32(HARDWARE_SUBARCH, SUBARCH_LGUEST);
        memory.store64(E820_MAP, 0);
        memory.store64(E820_MAP + 8, layout.ram());
        memory.store32(E820_MAP + 16, E820_RAM);
        memory.write(COMMAND_LINE, commandLine, 0, commandLine.length);
        memory.store8(COMMAND_LINE + commandLine.length, 0);
    }

    private static void copy(GuestMemory memory, MemorySegment header) {
        memory.slice(SETUP_HEADER, header.byteSize()).copyFrom(header);
        // Where the image was built, root may have been another disk and read-only: under lguest it is what the command line says.
        for (int at : new int[] {ROOT_FLAGS, RAM_SIZE, VID_MODE, ROOT_DEV}) memory.store16(at, 0);
    }
}
