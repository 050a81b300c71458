package org.lguest.api.state;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * M:150 Code that changes. Decoded code is a copy, and the original is memory to which anybody may write: a kernel that patches itself, a program
 * that is loaded where another was, a disk. So it is noted which page frames hold code that the engine has decoded, and which of those
 * somebody else has written to since.
 *
 * <p>The engine marks a frame before it decodes from it. Its own stores to marked frames take its slow path (such a frame
 * has no write tag in {@link SoftTlb}); stores by devices and hypercalls come through {@link GuestMemory}, which calls
 * {@link #written}: the frame becomes <i>stale</i> and the engine's attention is raised, before the writer can tell the
 * guest that data has arrived.
 *
 * <p>Threads: {@link #mark} and {@link #clear} belong to the vCPU thread, the rest to any.
 */
public final class CodeFrames {
    private final AtomicLongArray code;
    private final AtomicLongArray stale;
    private volatile boolean anyStale;
    private volatile Runnable alarm = () -> { };

    CodeFrames(int frames) {
        code = new AtomicLongArray((frames + 63) >>> 6);
        stale = new AtomicLongArray((frames + 63) >>> 6);
    }

    /** What to run when a frame becomes stale; set once by the guest (it raises attention). */
    public void onStale(Runnable alarm) { this.alarm = alarm; }

    /** Whether a frame holds decoded code. */
    public boolean has(int frame) { return (code.get(frame >>> 6) >>> frame & 1) != 0; }

    /** The engine is about to decode from this frame. The caller drops the write tags of the frame in {@link SoftTlb}. */
    public void mark(int frame) { code.getAndUpdate(frame >>> 6, w -> w | 1L << frame); }

    /** The engine has forgotten all code of this frame. */
    public void clear(int frame) { code.getAndUpdate(frame >>> 6, w -> w & ~(1L << frame)); }

    /** Somebody other than the engine wrote [address, address + length). */
    public void written(long address, long length) {
        if (length <= 0) return;
        int last = (int) (address + length - 1 >>> 12);
        for (int f = (int) (address >>> 12); f <= last; f++)
            if (has(f)) {
                int frame = f;
                stale.getAndUpdate(f >>> 6, w -> w | 1L << frame);
                anyStale = true;
                alarm.run();
            }
    }

    /** Takes the stale frames, one call of {@code drop} each. */
    public void drainStale(java.util.function.IntConsumer drop) {
        if (!anyStale) return;
        anyStale = false;
        for (int i = 0; i < stale.length(); i++)
            for (long w = stale.get(i) == 0 ? 0 : stale.getAndSet(i, 0); w != 0; w &= w - 1)
                drop.accept((i << 6) + Long.numberOfTrailingZeros(w));
    }
}
