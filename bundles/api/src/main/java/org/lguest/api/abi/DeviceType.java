package org.lguest.api.abi;

import java.util.regex.Pattern;

/**
 * A kind of device, by the number that virtio gave it and a word that people use (ABI section 11.1). Anybody may make one: a device
 * that was written after this platform brings its own. Two of the same number and label are the same kind, whoever made them.
 *
 * @param id    the number in the descriptor, 1 to 255; those below 64 belong to the virtio committee, so a device of one's own takes a higher one
 * @param label the name in specs, messages and the shell: a lower-case letter, then such letters, digits and '-'
 */
public record DeviceType(int id, String label) {
    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9-]*"); // before the constants, which it checks

    /** Network. */
    public static final DeviceType NET = new DeviceType(1, "net");
    /** Block. */
    public static final DeviceType BLOCK = new DeviceType(2, "block");
    /** Console. */
    public static final DeviceType CONSOLE = new DeviceType(3, "console");
    /** Entropy. */
    public static final DeviceType RNG = new DeviceType(4, "rng");

    /** Checks the ranges. */
    public DeviceType {
        if (id < 1 || id > 255) throw new IllegalArgumentException("a descriptor has no room for the device number " + id + ": want 1 to 255");
        if (!LABEL.matcher(label).matches()) throw new IllegalArgumentException("'" + label + "' is no label for a kind of device");
    }

    /** Whether both go by the same word: what one kernel has by virtio, another had in its own way, and the user need not care. */
    public boolean alike(DeviceType other) { return label.equals(other.label); }

    @Override
    public String toString() { return label; }
}
