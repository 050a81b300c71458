package org.lguest.api.state;

/**
 * Host's side of one virtqueue on the lguest bus: a legacy vring of {@link #num} entries at {@link #ring} (ABI section 11.2).
 *
 * <p>Belongs to the queue's thread while the device is live; reset by the status protocol while it is not.
 */
public final class VirtqueueState {
    /** Index in the device, 0-based. */
    public final int index;
    /** Number of ring entries, a power of two. */
    public final int num;
    /** Interrupt line, 1 to 31. */
    public final int irq;
    /** Guest-physical address of the ring, page-aligned. */
    public final long ring;
    /** Next available index to look at, modulo 65536. */
    public int lastAvail;
    /** Next used index to publish, modulo 65536. */
    public int usedIndex;
    /** How much of the request at hand is done, in steps of the device's own, for whoever goes on with it; 0 when none has begun. */
    public int progress;

    /** A queue in its reset state. */
    public VirtqueueState(int index, int num, int irq, long ring) {
        this.index = index;
        this.num = num;
        this.irq = irq;
        this.ring = ring;
    }

    /** Bytes of a ring: descriptors and available ring, padded to a page, then the used ring. */
    public static int bytes(int num) { return align(16 * num + 4 + 2 * num) + 4 + 8 * num; }

    /** Pages of a ring. */
    public static int pages(int num) { return align(bytes(num)) / GuestMemory.PAGE; }

    private static int align(int n) { return n + GuestMemory.PAGE - 1 & -GuestMemory.PAGE; }

    /** Address of descriptor {@code i}. */
    public long descriptor(int i) { return ring + 16L * i; }

    /** Address of the available ring: u16 flags, u16 idx, u16 ring[num]. */
    public long available() { return ring + 16L * num; }

    /** Address of the used ring: u16 flags, u16 idx, {u32 id, u32 len}[num]. */
    public long used() { return ring + align(16 * num + 4 + 2 * num); }

    /** Back to the state after a device reset. The ring's memory is zeroed by the caller. */
    public void reset() {
        lastAvail = 0;
        usedIndex = 0;
        progress = 0;
    }

    /** @return null, or what is wrong */
    public String check(GuestMemory memory) {
        if (num <= 0 || (num & num - 1) != 0 || num > 32768) return "virtqueue of " + num + " entries";
        if (irq < 1 || irq >= InterruptLines.LINES) return "virtqueue with irq " + irq;
        if ((ring & GuestMemory.PAGE - 1) != 0 || !memory.contains(ring, bytes(num))) return "virtqueue at 0x" + Long.toHexString(ring);
        if ((lastAvail | usedIndex) >>> 16 != 0) return "virtqueue indices " + lastAvail + ", " + usedIndex;
        return null;
    }
}
