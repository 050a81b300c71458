package org.lguest.netbackends;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Packets on their way to somebody: first in, first out, and no more of them than there is room for. Any thread; nobody waits.
 *
 * <p>Who finds the queue empty is told by {@link Outcome#FIRST} to whoever changes that; who finds it full, by {@link #onRoom}. Those who
 * may wait use {@link #put} and {@link #take}.
 */
final class PacketQueue {
    /** Packets and bytes that may wait: some hundred large segments, more than a TCP connection of a guest keeps under way. */
    static final int MOST_PACKETS = 1024, MOST_BYTES = 4 << 20;

    private final int mostPackets, mostBytes;
    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
    private int bytes;
    private Runnable room = () -> { };
    private boolean refused;
    private boolean closed;

    PacketQueue() { this(MOST_PACKETS, MOST_BYTES); }

    PacketQueue(int mostPackets, int mostBytes) {
        this.mostPackets = mostPackets;
        this.mostBytes = mostBytes;
    }

    /** What became of a packet. */
    enum Outcome { /** It is the only one: whoever takes packets wants to know. */ FIRST, /** It waits behind others. */ QUEUED, /** There is no room. */ FULL }

    /** What to run when there is room again after a packet was refused. */
    synchronized void onRoom(Runnable action) { room = action; }

    /** Adds a packet; the array is not changed afterwards by anybody. */
    synchronized Outcome add(byte[] packet) {
        if (closed || full(packet)) {
            refused = true;
            return Outcome.FULL;
        }
        packets.add(packet);
        bytes += packet.length;
        if (packets.size() > 1) return Outcome.QUEUED;
        notifyAll();
        return Outcome.FIRST;
    }

    private boolean full(byte[] packet) { return packets.size() >= mostPackets || bytes + packet.length > mostBytes; }

    /** Adds a packet when there is room for it; FULL when the queue was closed. */
    synchronized Outcome put(byte[] packet) throws InterruptedException {
        while (full(packet) && !closed) wait();
        return add(packet);
    }

    /** The oldest packet, or null. */
    byte[] poll() {
        Runnable tell = null;
        byte[] p;
        synchronized (this) {
            p = packets.poll();
            if (p == null) return null;
            bytes -= p.length;
            if (refused) tell = room;
            refused = false;
            notifyAll();
        }
        if (tell != null) tell.run();
        return p;
    }

    /** The oldest packet when there is one; null when the queue was closed. */
    byte[] take() throws InterruptedException {
        synchronized (this) {
            while (packets.isEmpty() && !closed) wait();
        }
        return poll(); // there is one taker
    }

    /** Copies the oldest packet; its length, or 0. */
    int poll(byte[] to) {
        byte[] p = poll();
        if (p == null) return 0;
        System.arraycopy(p, 0, to, 0, p.length);
        return p.length;
    }

    /** Takes nothing any more, and gives away what waits: the length of each packet, four bytes, and the packet. */
    synchronized byte[] handOver() {
        closed = true;
        ByteBuffer all = ByteBuffer.allocate(bytes + packets.size() * Integer.BYTES);
        for (byte[] p : packets) all.putInt(p.length).put(p);
        close();
        return all.array();
    }

    /** Begins with what another queue has given away; who has no such form is not understood. */
    synchronized void takeOver(byte[] state) {
        ByteBuffer all = ByteBuffer.wrap(state);
        while (all.remaining() > Integer.BYTES) {
            int length = all.getInt();
            if (length < 0 || length > all.remaining()) return;
            byte[] p = new byte[length];
            all.get(p);
            add(p);
        }
    }

    /** How many wait. */
    synchronized int size() { return packets.size(); }

    /** Takes nothing any more, and forgets what waits; how many that were. */
    synchronized int close() {
        closed = true;
        int lost = packets.size();
        packets.clear();
        bytes = 0;
        notifyAll();
        return lost;
    }
}
