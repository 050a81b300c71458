package org.lguest.cpu.tiered;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Unsafe;

/**
 * A way to memory that is short before HotSpot's second compiler has seen through it, too. An access to a {@link MemorySegment} is some 650 nodes
 * to that compiler, which gives up inlining after 18000 and needs its time for each, and a dozen calls to the first one; this one is a check
 * of {@link Access}'s own and three nodes. Once compiled both are the same.
 *
 * <p>It is the JDK's old way, and will go: where it is gone, or was forbidden ({@code --sun-misc-unsafe-memory-access=deny}), generated
 * code uses the segment, and gets warm in twice the time.
 */
final class BareMemory {
    private static final Logger LOG = LoggerFactory.getLogger(BareMemory.class);
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private BareMemory() { }

    /** What reads and writes a segment by its {@link MemorySegment#address}, or null: the segment itself has to do. */
    static Unsafe of(MemorySegment segment) {
        if (!LITTLE_ENDIAN || !segment.isNative()) return null;
        try {
            Field f = Unsafe.class.getDeclaredField("theUnsafe");
            f.setAccessible(true);
            Unsafe unsafe = (Unsafe) f.get(null);
            unsafe.getByte(segment.address());
            return unsafe;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.debug("no bare memory, generated code uses the segment", e);
            return null;
        }
    }
}
