package org.lguest.launcher;

import java.util.Locale;

/** Byte counts for people, rounded up. */
final class Sizes {
    private Sizes() { }

    /** {@code 5.2 MiB}, {@code 64 MiB}, {@code 12 KiB}, {@code 3 bytes}. */
    static String of(long bytes) {
        if (bytes < 1024) return bytes + " bytes";
        if (bytes < 1 << 20) return (bytes + 1023 >> 10) + " KiB";
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : String.format(Locale.ROOT, "%.1f MiB", Math.ceil(bytes * 10.0 / (1 << 20)) / 10);
    }
}
