package org.lguest.api.abi;

/** Devices of the lguest bus, by virtio's numbers (ABI section 11.1). */
public enum DeviceType {
    /** Network. */ NET(1),
    /** Block. */ BLOCK(2),
    /** Console. */ CONSOLE(3),
    /** Entropy. */ RNG(4);

    private final int id;

    DeviceType(int id) { this.id = id; }

    /** The number in the descriptor. */
    public int id() { return id; }

    /** The name in specs and in the shell: lower case. */
    public String label() { return name().toLowerCase(java.util.Locale.ROOT); }
}
