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
 * nodes, and needs no check, since no 32-bit number leads out of the guest's memory: see {@link GuestMemory#origin}.
 *
 * <p>It is the JDK's old way, and will go: where it is gone, or was forbidden ({@code --sun-misc-unsafe-memory-access=deny}), the
 * segment is used, and code is warm later. In all methods {@code origin} is what {@link #origin} answered, and {@code at} a guest-physical
 * address below 2^32.
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

    /** The machine's own address of a guest's memory, or 0: segments have to do. */
    public static long origin(GuestMemory memory) { return BARE == null ? 0 : memory.origin(); }

    /** Reads a byte, zero-extended. */
    public static int read8(long origin, MemorySegment segment, long at) {
        return (origin != 0 ? BARE.getByte(origin + at) : segment.get(I8, at)) & 0xFF;
    }

    /** Reads two bytes, zero-extended. */
    public static int read16(long origin, MemorySegment segment, long at) {
        return (origin != 0 ? BARE.getShort(origin + at) : segment.get(I16, at)) & 0xFFFF;
    }

    /** Reads four bytes. */
    public static int read32(long origin, MemorySegment segment, long at) { return origin != 0 ? BARE.getInt(origin + at) : segment.get(I32, at); }

    /** Reads eight bytes. */
    public static long read64(long origin, MemorySegment segment, long at) { return origin != 0 ? BARE.getLong(origin + at) : segment.get(I64, at); }

    /** Writes a byte. */
    public static void write8(long origin, MemorySegment segment, long at, int v) {
        if (origin != 0) BARE.putByte(origin + at, (byte) v);
        else segment.set(I8, at, (byte) v);
    }

    /** Writes two bytes. */
    public static void write16(long origin, MemorySegment segment, long at, int v) {
        if (origin != 0) BARE.putShort(origin + at, (short) v);
        else segment.set(I16, at, (short) v);
    }

    /** Writes four bytes. */
    public static void write32(long origin, MemorySegment segment, long at, int v) {
        if (origin != 0) BARE.putInt(origin + at, v);
        else segment.set(I32, at, v);
    }

    /** Writes eight bytes. */
    public static void write64(long origin, MemorySegment segment, long at, long v) {
        if (origin != 0) BARE.putLong(origin + at, v);
        else segment.set(I64, at, v);
    }
}
