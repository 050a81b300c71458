package org.lguest.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.BackendProvider;
import org.lguest.api.part.BlockBackend;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * What puppy's command {@code blk stamp} leaves on a disk of {@link #SECTORS}: sectors that show their number in every word, written round and
 * round the disk.
 */
final class Stamps {
    static final int SECTOR = 512, SECTORS = 303;
    /** What the command prints before the number of the last sector that is safe. */
    static final String SAFE = "safe up to ";

    private Stamps() { }

    private static byte[] stamp(int number) {
        ByteBuffer b = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN).putInt(number);
        for (int i = 1; b.hasRemaining(); i++) b.putInt(number * 0x9E3779B1 + i);
        return b.array();
    }

    /** Each sector has, whole, the last stamp that was safe, or one of those that came later. */
    static void check(byte[] disk, int safe) {
        for (int s = 0; s < SECTORS; s++) {
            byte[] sector = Arrays.copyOfRange(disk, s * SECTOR, (s + 1) * SECTOR);
            int number = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN).getInt();
            int last = safe - Math.floorMod(safe - 1 - s, SECTORS);
            assertTrue(number >= last && (number - 1) % SECTORS == s, "sector " + s + " has number " + number + " and should have " + last + "; safe were " + safe);
            assertEquals(-1, Arrays.mismatch(stamp(number), sector), "sector " + s + " is torn");
        }
    }

    /** All bytes of a disk, as the platform's backends read it. */
    static byte[] content(BundleContext context, String spec) throws IOException, InvalidSyntaxException {
        int colon = spec.indexOf(':');
        for (ServiceReference<BackendProvider> r : context.getServiceReferences(BackendProvider.class, null)) {
            BackendProvider provider = context.getService(r);
            if (!provider.type().equals(DeviceType.BLOCK) || !provider.scheme().equals(spec.substring(0, colon))) continue;
            try (BlockBackend disk = (BlockBackend) provider.open(null, spec.substring(colon + 1))) {
                byte[] all = new byte[(int) disk.size()];
                disk.read(0, MemorySegment.ofArray(all));
                return all;
            }
        }
        throw new AssertionError("nobody provides " + spec);
    }
}
