package org.lguest.device.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.BlockBackend;
import org.lguest.api.state.GuestMemory;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;

/**
 * D:320 When a write is over.
 *
 * <p>A driver that has accepted FLUSH takes the disk for one with a volatile cache: it is told that a write is done as soon as it
 * is, and says itself when it has to be safe. One that has not, and that is every Linux before 2.6.32, takes it for one without:
 * what has been acknowledged must survive anything, power failures included. Such writes are carried out, but kept from the guest,
 * and what comes behind them as well, until one flush has been made for all; the guest, which may have a ring full under way, waits
 * for that one.
 */
final class Answers {
    /** Requests that wait at most: what arrived first is not kept waiting by what keeps arriving. */
    private static final int MOST = 64;

    private final Virtqueue q;
    private final BlockBackend disk;
    private final boolean volatileCache;
    private final Consumer<IOException> errors;
    private final List<MemorySegment> unsettled = new ArrayList<>(); // status bytes of the writes that wait
    private int waiting;

    /** Answers on a queue; {@code volatileCache} says that the driver flushes. */
    Answers(Virtqueue q, BlockBackend disk, boolean volatileCache, Consumer<IOException> errors) {
        this.q = q;
        this.disk = disk;
        this.volatileCache = volatileCache;
        this.errors = errors;
    }

    /** Gives a request back that has been performed, now or with the next {@link #settle}. */
    void give(Chain c, BlockRequest request, int written) {
        if (!volatileCache && request.unsettled()) unsettled.add(request.status());
        if (unsettled.isEmpty()) {
            q.used(c, written);
        } else {
            q.hold(c, written);
            if (++waiting == MOST) settle();
        }
    }

    /** Makes the writes that wait safe, and gives everything back; writes that cannot be made safe, as failed. */
    void settle() {
        if (waiting == 0) return;
        try {
            disk.flush();
        } catch (IOException e) {
            errors.accept(e);
            for (MemorySegment status : unsettled) status.set(GuestMemory.I8, 0, (byte) Virtio.BLK_S_IOERR);
        }
        q.publish();
        unsettled.clear();
        waiting = 0;
    }
}
