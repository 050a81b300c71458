package org.lguest.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.DeviceModel;

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
 * @param limits      how much of the Host it may use from the beginning
 * @param seats       whom it would rather have in which seat: names of seats and of providers, see {@link org.lguest.api.part.Seat}; who is
 *                    not there is waited for without a word, while the best of those who are there sit
 * @param origin      who asks for it
 * @param farewell    how it is asked to end itself; null means as the bundled guest, when it is that, or not at all
 */
public record GuestSpec(String name, int memoryMiB, Path kernel, Path initrd, String commandLine, List<Device> devices, Boolean pae, Limits limits,
        Map<String, String> seats, Origin origin, Farewell farewell) {
    /**
     * A device on the command line.
     *
     * @param label   of a {@link DeviceType} for which a {@link DeviceModel} is installed when the device is plugged
     * @param backend {@code scheme:rest}; empty for the one that such devices {@linkplain DeviceModel#usualBackend usually} have
     * @param awaited when no such model is installed, the guest starts all the same and gets the device as soon as there is one
     */
    public record Device(String label, String backend, boolean awaited) {
        /** A device that has to be there. */
        public Device(String label, String backend) { this(label, backend, false); }

        /** A device of a type that is known. */
        public Device(DeviceType type, String backend) { this(type.label(), backend, false); }

        /** {@code LABEL[:BACKEND]}, as on the command line; a backend without a colon is a scheme with nothing to say: {@code net:user}. */
        public static Device parse(String text, boolean awaited) {
            int colon = text.indexOf(':');
            if (colon < 0) return new Device(text, "", awaited);
            String backend = text.substring(colon + 1);
            return new Device(text.substring(0, colon), backend.isEmpty() || backend.indexOf(':') >= 0 ? backend : backend + ":", awaited);
        }
    }

    /** The same with other devices. */
    public GuestSpec with(List<Device> others) {
        return new GuestSpec(name, memoryMiB, kernel, initrd, commandLine, others, pae, limits, seats, origin, farewell);
    }

    /** The same, asked for by somebody else. */
    public GuestSpec from(Origin other) { return new GuestSpec(name, memoryMiB, kernel, initrd, commandLine, devices, pae, limits, seats, other, farewell); }

    /** The same with another way to be asked to end itself. */
    public GuestSpec leaving(Farewell other) { return new GuestSpec(name, memoryMiB, kernel, initrd, commandLine, devices, pae, limits, seats, origin, other); }

    /** The same under another name, with other limits. */
    GuestSpec as(String other, Limits its) { return new GuestSpec(other, memoryMiB, kernel, initrd, commandLine, devices, pae, its, seats, origin, farewell); }

    /** Whom it would rather have in a seat; empty when nobody in particular. */
    public String wish(String seat) { return seats.getOrDefault(seat, ""); }

    /** The same with another provider for a seat; an empty word takes back what was said about it. */
    public GuestSpec prefer(String seat, String provider) {
        Map<String, String> changed = new TreeMap<>(seats);
        if (provider.isEmpty()) changed.remove(seat);
        else changed.put(seat, provider);
        return new GuestSpec(name, memoryMiB, kernel, initrd, commandLine, devices, pae, limits, changed, origin, farewell);
    }

    /** Checks what can be checked without the host. */
    public GuestSpec {
        devices = List.copyOf(devices);
        if (commandLine == null) commandLine = "";
        if (limits == null) limits = Limits.NONE;
        seats = Map.copyOf(seats);
        if (origin == null) origin = Origin.UNKNOWN;
        if (farewell == null) farewell = kernel == null ? Farewell.PUPPY : Farewell.NONE;
    }

    /** Without limits. */
    public GuestSpec(String name, int memoryMiB, Path kernel, Path initrd, String commandLine, List<Device> devices, Boolean pae) {
        this(name, memoryMiB, kernel, initrd, commandLine, devices, pae, Limits.NONE);
    }

    /** For whom the best of each seat are good enough. */
    public GuestSpec(String name, int memoryMiB, Path kernel, Path initrd, String commandLine, List<Device> devices, Boolean pae, Limits limits) {
        this(name, memoryMiB, kernel, initrd, commandLine, devices, pae, limits, Map.of());
    }

    /** Of an origin that nobody tells, and asked to end itself as such guests usually are. */
    public GuestSpec(String name, int memoryMiB, Path kernel, Path initrd, String commandLine, List<Device> devices, Boolean pae, Limits limits,
            Map<String, String> seats) {
        this(name, memoryMiB, kernel, initrd, commandLine, devices, pae, limits, seats, null, null);
    }
}
