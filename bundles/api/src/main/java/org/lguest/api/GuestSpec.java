package org.lguest.api;

import java.nio.file.Path;
import java.util.List;

/**
 * What the user asks for: the original launcher's command line as data.
 *
 * @param name        unique among living guests; null lets the host choose
 * @param memoryMiB   RAM
 * @param kernel      ELF or bzImage; null means the bundled guest
 * @param initrd      or null
 * @param commandLine the kernel's, words joined by blanks
 * @param devices     in bus order
 * @param pae         whether the guest's tables are PAE; null lets the launcher find out
 */
public record GuestSpec(String name, int memoryMiB, Path kernel, Path initrd, String commandLine, List<Device> devices, Boolean pae) {
    /**
     * A device on the command line.
     *
     * @param type    a label of {@link org.lguest.api.abi.DeviceType}
     * @param backend {@code scheme:rest}
     */
    public record Device(org.lguest.api.abi.DeviceType type, String backend) { }

    /** Checks what can be checked without the host. */
    public GuestSpec {
        devices = List.copyOf(devices);
        if (commandLine == null) commandLine = "";
    }
}
