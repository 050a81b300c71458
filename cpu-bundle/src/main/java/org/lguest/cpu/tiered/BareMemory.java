package org.lguest.cpu.tiered;

import static org.lguest.api.state.GuestMemory.I16;
import static org.lguest.api.state.GuestMemory.I32;
import static org.lguest.api.state.GuestMemory.I64;
import static org.lguest.api.state.GuestMemory.I8;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import org.lguest.api.state.GuestMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Unsafe;

/**
 * M:235 A short way to guest memory. An access to a {@link MemorySegment} is some 650 nodes to HotSpot's second compiler, which gives up inlining
 * after 18000 and needs its time for each, and a dozen calls to the first one. This one is three
 * nodes, and needs no check: an address whose page has a tag in the SoftTlb leads to a place that is the guest's own. See {@link Reach} for the way that is shorter still.
 *
 * <p>It is the JDK's old way, and will go: where it is gone, or was forbidden ({@code --sun-misc-unsafe-memory-access=deny}), the
 * segment is used, and code is warm later. In all methods {@code bare} says which; {@code origin} is {@link GuestMemory#origin}, and {@code place} a
 * guest-physical address below 2^32 from there on.
 */
public final class BareMemory {
    private static final Logger LOG = LoggerFactory.getLogger(BareMemory.class);
    private static final Unsafe BARE = bare();

    private BareMemory() { }

    private static Unsafe bare() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) return null;
        try {
            Field f = Unsafe.class.getDeclaredField("theUnsafe");
            f.setAccessible(true);
            Unsafe unsafe = (Unsafe) f.get(null);
            unsafe.freeMemory(unsafe.allocateMemory(1)); // may it be used?
            return unsafe;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.debug("no bare memory, segments have to do", e);
            return null;
        }
    }

    /** Whether a guest's memory can be reached so; else segments have to do. */
    public static boolean reaches(GuestMemory memory) { return BARE != null && memory.origin() != 0; }

    /** Reads a byte, zero-extended. */
    public static int read8(boolean bare, MemorySegment segment, long origin, long place) {
        return (bare ? BARE.getByte(place) : segment.get(I8, place - origin)) & 0xFF;
    }

    /** Reads two bytes, zero-extended. */
    public static int read16(boolean bare, MemorySegment segment, long origin, long place) {
        return (bare ? BARE.getShort(place) : segment.get(I16, place - origin)) & 0xFFFF;
    }

    /** Reads four bytes. */
    public static int read32(boolean bare, MemorySegment segment, long origin, long place) { return bare ? BARE.getInt(place) : segment.get(I32, place - origin); }

    /** Reads eight bytes. */
    public static long read64(boolean bare, MemorySegment segment, long origin, long place) { return bare ? BARE.getLong(place) : segment.get(I64, place - origin); }

    /** Writes a byte. */
    public static void write8(boolean bare, MemorySegment segment, long origin, long place, int v) {
        if (bare) BARE.putByte(place, (byte) v);
        else segment.set(I8, place - origin, (byte) v);
    }

    /** Writes two bytes. */
    public static void write16(boolean bare, MemorySegment segment, long origin, long place, int v) {
        if (bare) BARE.putShort(place, (short) v);
        else segment.set(I16, place - origin, (short) v);
    }

    /** Writes four bytes. */
    public static void write32(boolean bare, MemorySegment segment, long origin, long place, int v) {
        if (bare) BARE.putInt(place, v);
        else segment.set(I32, place - origin, v);
    }

    /** Writes eight bytes. */
    public static void write64(boolean bare, MemorySegment segment, long origin, long place, long v) {
        if (bare) BARE.putLong(place, v);
        else segment.set(I64, place - origin, v);
    }
}
