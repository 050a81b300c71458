package org.lguest.api.state;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lguest.api.part.SharedPage;

/**
 * What a guest of Linux 2.6.23 has bound: arrays of {@link DmaList} that receive what is sent to a key (ABI section 10.3), and the message
 * of its own that waits for the launcher.
 *
 * <p>A key is the guest-physical address of something that both sides know, such as a device's page. It means the memory behind it, not
 * the number: where guests map the same page of a file, {@link SharedPage}, the same place there is the same key in all of them.
 *
 * <p>Bindings are guarded by this object: other guests' threads look through them to send. The message is the vCPU thread's until it is
 * pending, and the launcher's from then on.
 */
public final class DmaBindings {
    /** Bindings at most. */
    public static final int MOST = 32;

    /** An array of buffers behind a key; all fields are guarded by the {@link DmaBindings}. */
    public static final class Binding {
        /** The key. */
        public final int key;
        /** Address of the first {@link DmaList}, and how many there are. */
        public final int array, count;
        /** Raised when a buffer was filled, or was missing; 1 to 31. */
        public final int irq;
        /** The buffer to look at first. */
        public int next;
        /** Its guest had a moment to empty a buffer, and did not use it: nobody waits for it again until it has. */
        public boolean slow;

        Binding(int key, int array, int count, int irq) {
            this.key = key;
            this.array = array;
            this.count = count;
            this.irq = irq;
        }

        /** Address of the buffer {@code i} places behind the next one. */
        public long buffer(int i) { return Integer.toUnsignedLong(array + (next + i) % count * DmaList.BYTES); }
    }

    /** A buffer for the launcher, and the line to raise when it is filled. */
    public record Buffer(long address, int irq) { }

    private final Binding[] bindings = new Binding[MOST];
    private final int[] order = new int[MOST];
    private int births;
    private final Map<Long, SharedPage> shared = new ConcurrentHashMap<>();

    /** The message that waits for the launcher: address of its {@link DmaList}, and its key. */
    private int sentDma, sentKey;
    private volatile boolean pending;

    /** Whether an address can be a key: it is one of memory, and a multiple of four. */
    public static boolean isKey(GuestMemory memory, int key) { return (key & 3) == 0 && memory.contains(Integer.toUnsignedLong(key), 4); }

    /**
     * Binds an array of buffers to a key.
     *
     * @param irq 1 to 31
     * @return false when all {@link #MOST} bindings are taken
     */
    public synchronized boolean bind(int key, int array, int count, int irq) {
        for (int i = 0; i < MOST; i++) {
            if (bindings[i] != null) continue;
            bindings[i] = new Binding(key, array, count, irq);
            order[i] = births++;
            return true;
        }
        return false;
    }

    /** Forgets the binding of this array to this key; false when there is none. */
    public synchronized boolean unbind(int key, int array) {
        for (int i = 0; i < MOST; i++) {
            if (bindings[i] == null || bindings[i].key != key || bindings[i].array != array) continue;
            bindings[i] = null;
            return true;
        }
        return false;
    }

    /** The youngest binding to a key; null when there is none. */
    public synchronized Binding find(int key) {
        int best = -1;
        for (int i = 0; i < MOST; i++)
            if (bindings[i] != null && bindings[i].key == key && (best < 0 || order[i] - order[best] > 0)) best = i;
        return best < 0 ? null : bindings[best];
    }

    /** How many there are. */
    public synchronized int count() {
        int n = 0;
        for (Binding b : bindings) if (b != null) n++;
        return n;
    }

    /** Forgets all bindings and the message. */
    public synchronized void clear() {
        java.util.Arrays.fill(bindings, null);
        pending = false;
    }

    /**
     * A buffer that the launcher may fill: the first free one behind a key, or the last when none is free, whose content is lost.
     *
     * @return null when nothing is bound, or nothing that is in memory
     */
    public synchronized Buffer buffer(GuestMemory memory, int key) {
        Binding b = find(key);
        long at = -1;
        for (int i = 0; b != null && i < b.count; i++) {
            long next = Integer.toUnsignedLong(b.array + i * DmaList.BYTES);
            if (!memory.contains(next, DmaList.BYTES)) break;
            at = next;
            if (memory.load32(at) == 0) break;
        }
        return at < 0 ? null : new Buffer(at, b.irq);
    }

    /** Says that guests share the page at an address; null takes it back. */
    public void share(long page, SharedPage with) {
        if (with == null) shared.remove(page);
        else shared.put(page, with);
    }

    /** Those with whom the page of a key is shared; null for memory of the guest's own. */
    public SharedPage sharedPage(int key) { return shared.get(Integer.toUnsignedLong(key & -GuestMemory.PAGE)); }

    /** SEND_DMA to a key of the guest's own: the guest waits until the launcher has taken the message. vCPU thread. */
    public void post(int dma, int key) {
        sentDma = dma;
        sentKey = key;
        pending = true;
    }

    /** Whether a message waits for the launcher. */
    public boolean pending() { return pending; }

    /** Address of the message's {@link DmaList}. */
    public int sentDma() { return sentDma; }

    /** The key it was sent to. */
    public int sentKey() { return sentKey; }

    /** The launcher is done with the message. */
    public void taken() { pending = false; }
}
