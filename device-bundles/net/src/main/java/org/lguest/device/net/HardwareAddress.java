package org.lguest.device.net;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.lguest.api.Guest;

/**
 * The address of a card for which nobody has chosen one: locally administered (IEEE 802: bit 1 of the first byte), and always the same
 * for the same card of the same guest. It depends on the guest's name, on the place on the bus, and on what the card is plugged into,
 * so that the two ends of a cable between two runtimes differ even if both guests are called guest1.
 */
final class HardwareAddress {
    private static final int BYTES = 6, LOCAL = 2, GROUP = 1;

    private HardwareAddress() { }

    /** For the device that is added to the guest's bus next. */
    static byte[] next(Guest guest) {
        int index = guest.devicePage().devices().size();
        var devices = guest.spec().devices();
        String plug = index < devices.size() ? devices.get(index).backend() : "";
        return of(guest.name() + " " + index + " " + plug);
    }

    private static byte[] of(String card) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(card.getBytes(StandardCharsets.UTF_8));
            hash[0] = (byte) (hash[0] & ~GROUP | LOCAL);
            return Arrays.copyOf(hash, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
