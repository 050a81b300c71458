package org.lguest.launcher;

/** What the decoders of the Lempel-Ziv family share. */
final class Copies {
    private Copies() { }

    /**
     * Repeats {@code length} bytes from {@code distance} bytes back; source and target may overlap, which repeats a pattern.
     *
     * @param distance 1 to {@code at}
     * @throws IndexOutOfBoundsException when the array is too short
     */
    static void back(byte[] bytes, int at, int distance, int length) {
        if (distance >= length) {
            System.arraycopy(bytes, at - distance, bytes, at, length);
            return;
        }
        for (int i = at; i < at + length; i++) bytes[i] = bytes[i - distance];
    }
}
